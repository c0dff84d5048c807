"""The settings of log-in by an OpenID Connect provider: the table [openid] of node.toml."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from node.accounts.rules import RULES
from people.rules import BadAccount

CALLBACK: Final = "/login/openid/callback"
_TEXTS: Final = ("issuer", "client", "secret_file", "address", "label", "claim")
_OPTIONAL: Final = {"label": "", "claim": "groups"}


@dataclass(frozen=True)
class OpenId:
    """`address` is where people reach this node; `roles` gives for each value of `claim` the roles that it means."""

    issuer: str
    client: str
    secret: str = field(repr=False)
    address: str
    label: str
    claim: str
    roles: Mapping[str, str]

    @property
    def callback(self) -> str:
        """Give the address that has to be registered with the provider."""
        return self.address + CALLBACK

    def roles_for(self, said: object) -> list[str]:
        """Give the roles that a claim means: a value, or a list of them; none for what is not named."""
        values = said if isinstance(said, list) else [said]
        held = {word for value in values if isinstance(value, str) for word in self.roles.get(value, "").split()}
        return [role for role in RULES.lasts if role in held]


def read_openid(table: object, directory: Path) -> OpenId | None:
    """Read the table, None if there is none; ValueError says what cannot be used. The secret is in a file."""
    if table is None:
        return None
    if not isinstance(table, dict):
        raise ValueError("openid must be a table: [openid]")  # noqa: TRY004 - the caller makes one sort of it
    unknown = sorted(set(table) - {*_TEXTS, "roles"})
    if unknown:
        raise ValueError(f"openid has {unknown[0]!r}; it may have {', '.join(_TEXTS)}, roles")
    said = {name: table.get(name, _OPTIONAL.get(name)) for name in _TEXTS}
    for name, value in said.items():
        if not isinstance(value, str) or (not value and name not in _OPTIONAL):
            raise ValueError(f"openid.{name} is missing, or no text")
    for name in ("issuer", "address"):
        said[name] = _safe(f"openid.{name}", str(said[name]))
    secret = _secret(directory / str(said.pop("secret_file")))
    return OpenId(secret=secret, roles=_roles(table.get("roles")), **{name: str(said[name]) for name in said})


def _safe(name: str, address: str) -> str:
    parts = urlsplit(address)
    if parts.scheme == "https" and parts.hostname:
        return address.rstrip("/")
    if parts.scheme == "http" and parts.hostname and _is_loopback(parts.hostname):
        return address.rstrip("/")
    raise ValueError(f"{name} is {address[:100]!r}; an address with https was expected (http on this machine only)")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _secret(path: Path) -> str:
    try:
        mode, secret = path.stat().st_mode, path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise ValueError(f"openid.secret_file {path} cannot be read") from None
    if mode & 0o077:
        raise ValueError(f"openid.secret_file {path} can be read by others: chmod 600 it")
    if not secret:
        raise ValueError(f"openid.secret_file {path} is empty")
    return secret


def _roles(table: object) -> dict[str, str]:
    if not isinstance(table, dict) or not table:
        raise ValueError('openid.roles must say which value means which roles, as "ct-desk" = "officer reviewer"')
    try:
        return {str(value): RULES.checked(str(role)) for value, role in table.items()}
    except BadAccount as error:
        raise ValueError(f"openid.roles: {error}") from None
