"""Who may read what: bearer tokens by their hash, the three roles, and the markings that each role sees."""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Engine, delete, insert, select

from hub import tables
from schemas.release import CLEAR, GREEN
from wire.seal import timestamp

TOKEN_BYTES: Final = 32
MAX_TOKEN: Final = 200


class Role(StrEnum):
    """What a reader is: anybody, a member of the network, or an operator of this hub."""

    PUBLIC = "public"
    MEMBER = "member"
    OPERATOR = "operator"


class Reader(NamedTuple):
    """Who asks. `name` is an account's person or a token's name; `account` its number, none for a token."""

    role: Role
    name: str | None = None
    account: int | None = None

    @property
    def roles(self) -> tuple[Role, ...]:
        """Give the role as pages show it: one here."""
        return (self.role,)


# Fail closed: a marking that is not named here is shown to nobody.
VISIBLE: Final[Mapping[Role, tuple[str, ...]]] = MappingProxyType(
    {Role.PUBLIC: (CLEAR,), Role.MEMBER: (CLEAR, GREEN), Role.OPERATOR: (CLEAR, GREEN)}
)


def create_token(engine: Engine, role: str, name: str) -> str:
    """Make an access token for `member` or `operator`; it is given once, and only its SHA-256 is kept."""
    granted = Role(role)
    if granted is Role.PUBLIC:
        raise ValueError("nobody needs a token to read what is public; the role is member or operator")
    token = secrets.token_urlsafe(TOKEN_BYTES)
    row = {"digest": _digest(token), "role": granted.value, "name": name[:200], "created": timestamp(datetime.now(UTC))}
    with engine.begin() as connection:
        connection.execute(insert(tables.access_tokens).values(row))
    return token


def list_tokens(connection: Connection) -> list[dict[str, Any]]:
    """Give the tokens' names, roles and times, oldest first."""
    table = tables.access_tokens
    query = select(table.c.name, table.c.role, table.c.created).order_by(table.c.created, table.c.name)
    return [{"name": row.name, "role": row.role, "created": row.created} for row in connection.execute(query)]


def remove_tokens(connection: Connection, name: str) -> int:
    """Remove all tokens of this name, and with them the sessions that they began; gives how many there were."""
    return connection.execute(delete(tables.access_tokens).where(tables.access_tokens.c.name == name)).rowcount


def bearer_of(connection: Connection, token: str) -> tuple[Reader, bytes] | None:
    """Give who bears a token, and the digest that stands for it; None for a token that is not known."""
    if len(token) > MAX_TOKEN:
        return None
    table, digest = tables.access_tokens, _digest(token)
    # What the database compares is a hash that nobody can steer, so its timing tells nothing about tokens.
    row = connection.execute(select(table).where(table.c.digest == digest)).first()
    if row is None or not hmac.compare_digest(bytes(row.digest), digest):
        return None
    return Reader(Role(row.role), row.name), digest


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
