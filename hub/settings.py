"""The hub's settings: hub.toml in its state directory, written by init; LIAISON_HUB_* in the environment come first."""

import json
import os
import tomllib
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path

from hub.streaming.limits import LiveLimits, read_limits
from wire.database import sqlite_url

SETTINGS_FILE = "hub.toml"


class BadSettings(ValueError):
    """Settings that cannot be used; the message says which and what to do."""


@dataclass(frozen=True)
class Settings:
    """`database` is a URL; `bus` is the address of an outside bus, or empty for the embedded one.

    `proxies`: addresses of reverse proxies, by commas, whose word on a client's address and on TLS is believed.
    """

    directory: Path
    database: str
    bus: str
    workers: int
    proxies: str = ""
    live: LiveLimits = field(default_factory=LiveLimits)


def write_settings(directory: Path, *, database: str, bus: str) -> None:
    """Write hub.toml; a database URL may hold a password, hence mode 0600."""
    text = "# Settings of this hub; LIAISON_HUB_* in the environment come first: docs/settings.md.\n"
    text += f'database = {json.dumps(database)}\nbus = {json.dumps(bus)}\nproxies = ""\n'
    path = directory / SETTINGS_FILE
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")


def read_settings(directory: Path) -> Settings:
    """Read them; BadSettings if the directory holds no hub."""
    path = directory / SETTINGS_FILE
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BadSettings(f"{directory} holds no hub: run liaison-hub init {directory} --network NAME first") from None
    except tomllib.TOMLDecodeError as error:
        raise BadSettings(f"{path} cannot be read: {error}") from None
    database = os.environ.get("LIAISON_HUB_DATABASE") or str(document.get("database", ""))
    workers = os.environ.get("LIAISON_HUB_WORKERS", "0")
    if not workers.isdecimal():
        raise BadSettings(f"LIAISON_HUB_WORKERS is {workers!r}; a number of processes was expected")
    try:
        live = read_limits(os.environ)
    except ValueError as error:
        raise BadSettings(str(error)) from None
    return Settings(
        directory,
        database or sqlite_url(directory / "hub.sqlite"),
        os.environ.get("LIAISON_HUB_BUS") or str(document.get("bus", "")),
        int(workers),
        _addresses(os.environ.get("LIAISON_HUB_PROXIES") or str(document.get("proxies", ""))),
        live,
    )


def _addresses(text: str) -> str:
    found = [part.strip() for part in text.split(",") if part.strip()]
    for part in found:
        try:
            ip_network(part)
        except ValueError:
            raise BadSettings(
                f"proxies names {part[:60]!r}; addresses or networks such as 127.0.0.1, 10.0.0.0/8 were expected"
            ) from None
    return ",".join(found)
