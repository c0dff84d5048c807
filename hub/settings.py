"""The hub's settings: hub.toml in its state directory, written by init; LIAISON_HUB_* in the environment come first."""

import json
import os
import re
import tomllib
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Final, Literal, cast

from sqlalchemy.exc import ArgumentError

from hub.streaming.limits import PER_ADDRESS, READERS, REPLAYED, LiveLimits, read_limits
from schemas.sentences import gettext_noop as N_
from schemas.sentences import sentence
from wire.database import sqlite_file, sqlite_url

SETTINGS_FILE = "hub.toml"
# Keys of hub.toml that are texts, with the variable that comes first.
_TEXTS = {
    "address": "LIAISON_HUB_ADDRESS",
    "smtp_host": "LIAISON_HUB_SMTP_HOST",
    "smtp_security": "LIAISON_HUB_SMTP_SECURITY",
    "smtp_user": "LIAISON_HUB_SMTP_USER",
    "smtp_password_file": "LIAISON_HUB_SMTP_PASSWORD_FILE",
    "smtp_from": "LIAISON_HUB_SMTP_FROM",
}
Security = Literal["tls", "starttls", "none"]
_SECURITIES: dict[Security, int] = {"tls": 465, "starttls": 587, "none": 25}  # with the port that is usual for each


_OTHERS = {"database", "bus", "proxies", "smtp_port", "webhook_private_hosts"}
PREFIX: Final = "LIAISON_HUB_"
# All variables of the environment that the hub reads, some of them elsewhere.
VARIABLES: Final = frozenset({
    *_TEXTS.values(), *(PREFIX + key.upper() for key in _OTHERS), READERS, PER_ADDRESS, REPLAYED,
    "LIAISON_HUB_WORKERS", "LIAISON_HUB_PORTS", "LIAISON_HUB_NEW_DATABASE",
})  # fmt: skip


class BadSettings(ValueError):
    """Settings that cannot be used; the message says which and what to do."""


@dataclass(frozen=True)
class SmtpSettings:
    """`sender` is what stands in From; the password is read from its file each time, so that it can be changed."""

    host: str
    port: int
    security: Security
    user: str
    password_file: Path | None
    sender: str


@dataclass(frozen=True)
class Settings:
    """`database` is a URL; `bus` is the address of an outside bus, or empty for the embedded one.

    `proxies`: addresses of reverse proxies, by commas, whose word on a client's address and on TLS is believed.
    `address` is where people reach the pages; without it and `smtp` no mail is sent.
    """

    directory: Path
    database: str
    bus: str
    workers: int
    proxies: str = ""
    live: LiveLimits = field(default_factory=LiveLimits)
    address: str = ""
    smtp: SmtpSettings | None = None
    webhook_private_hosts: tuple[str, ...] = ()


def write_settings(directory: Path, *, database: str, bus: str) -> None:
    """Write hub.toml; a database URL may hold a password, hence mode 0600."""
    text = "# Settings of this hub; LIAISON_HUB_* in the environment come first: docs/settings.md.\n"
    text += f'database = {json.dumps(database)}\nbus = {json.dumps(bus)}\nproxies = ""\n'
    text += "# Subscriptions: where people reach the pages, and the mail server; without both no mail is sent.\n"
    text += 'address = ""\nsmtp_host = ""\nsmtp_port = 0\nsmtp_security = "starttls"\nsmtp_user = ""\n'
    text += 'smtp_password_file = ""\nsmtp_from = ""\n'
    text += "# Names of receivers of webhooks that may have private addresses, or be reached by http.\n"
    text += "webhook_private_hosts = []\n"
    path = directory / SETTINGS_FILE
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")


def read_settings(directory: Path) -> Settings:
    """Read them; BadSettings if the directory holds no hub."""
    path = directory / SETTINGS_FILE
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise BadSettings(
            sentence(
                "{directory} holds no hub: run liaison-hub init {directory} --network NAME first", directory=directory
            )
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadSettings(sentence("{path} cannot be read: {cause}", path=path, cause=error)) from None
    if unknown := sorted(set(document) - set(_TEXTS) - _OTHERS):
        raise BadSettings(
            sentence(
                "{path} has {unknown}, which no hub knows; it may have {known}",
                path=path,
                unknown=f"{unknown[0][:60]!r}",
                known=", ".join(sorted({*_TEXTS, *_OTHERS})),
            )
        )
    database = os.environ.get("LIAISON_HUB_DATABASE") or str(document.get("database", ""))
    workers = os.environ.get("LIAISON_HUB_WORKERS", "0")
    if not workers.isdecimal():
        raise BadSettings(
            sentence("LIAISON_HUB_WORKERS is {workers}; a number of processes was expected", workers=f"{workers!r}")
        )
    try:
        live = read_limits(os.environ)
    except ValueError as error:
        raise BadSettings(str(error)) from None
    return Settings(
        directory,
        _database(database) or sqlite_url(directory / "hub.sqlite"),
        os.environ.get("LIAISON_HUB_BUS") or str(document.get("bus", "")),
        int(workers),
        _addresses(os.environ.get("LIAISON_HUB_PROXIES") or str(document.get("proxies", ""))),
        live,
        _address(_text(document, "address")),
        _smtp(document, path),
        _private_hosts(document, path),
    )


def _database(url: str) -> str:
    try:
        if url:
            sqlite_file(url)
    except ArgumentError:
        raise BadSettings(N_("the database is no URL such as sqlite:///file or postgresql://host/name")) from None
    return url


def _addresses(text: str) -> str:
    found = [part.strip() for part in text.split(",") if part.strip()]
    for part in found:
        try:
            ip_network(part)
        except ValueError:
            raise BadSettings(
                sentence(
                    "proxies names {part}; addresses or networks such as 127.0.0.1, 10.0.0.0/8 were expected",
                    part=f"{part[:60]!r}",
                )
            ) from None
    return ",".join(found)


def _text(document: dict[str, Any], key: str) -> str:
    return os.environ.get(_TEXTS[key]) or str(document.get(key, ""))


def _address(text: str) -> str:
    if text and not re.fullmatch(r"https?://[^\s/?#]+", text.rstrip("/")):
        raise BadSettings(
            sentence("address is {text}; it must be as https://hub.example, without a path", text=f"{text[:100]!r}")
        )
    return text.rstrip("/")


def _smtp(document: dict[str, Any], path: Path) -> SmtpSettings | None:
    host, security = _text(document, "smtp_host"), _text(document, "smtp_security") or "starttls"
    if not host:
        return None
    said = os.environ.get("LIAISON_HUB_SMTP_PORT") or str(
        document.get("smtp_port") or _SECURITIES.get(cast("Security", security), 0)
    )
    sender, password_file = _text(document, "smtp_from"), _text(document, "smtp_password_file")
    if security not in _SECURITIES:
        raise BadSettings(
            sentence(
                "smtp_security is {security}; one of {securities} was expected",
                security=f"{security[:20]!r}",
                securities=", ".join(_SECURITIES),
            )
        )
    if not said.isdecimal() or not 0 < int(said) < 65536:
        raise BadSettings(sentence("smtp_port is {said}; a port was expected", said=f"{said[:20]!r}"))
    if not re.fullmatch(r"[^\r\n@]*[^\s@]@[^\s@]+", sender):
        raise BadSettings(
            sentence(
                "smtp_from is {sender}; what stands in From was expected, as Hub <hub@hub.example>",
                sender=f"{sender[:100]!r}",
            )
        )
    if _text(document, "smtp_user") and not password_file:
        raise BadSettings(N_("smtp_user is set; smtp_password_file must name the file that holds its password"))
    file = path.parent / password_file if password_file else None
    return SmtpSettings(host, int(said), security, _text(document, "smtp_user"), file, sender)


def _private_hosts(document: dict[str, Any], path: Path) -> tuple[str, ...]:
    said = os.environ.get("LIAISON_HUB_WEBHOOK_PRIVATE_HOSTS")
    hosts = said.split(",") if said else document.get("webhook_private_hosts", [])
    if not isinstance(hosts, list) or not all(isinstance(host, str) for host in hosts):
        raise BadSettings(sentence("webhook_private_hosts in {path} is no list of names of hosts", path=path))
    return tuple(host.strip().lower() for host in hosts if host.strip())
