"""The node's settings: node.toml in its state directory, written by init; LIAISON_NODE_* in the environment wins."""

import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import Final

from sqlalchemy.exc import ArgumentError

from node.accounts.openid_settings import OpenId, read_openid
from wire.database import sqlite_file, sqlite_url

SETTINGS_FILE = "node.toml"
DATABASE_FILE = "node.sqlite"
_KNOWN = {"organization", "name", "database", "bus", "hub", "hub_token_file", "proxies"}
_SWITCHES = {"four_eyes"}
_TABLES = {"openid"}
PREFIX: Final = "LIAISON_NODE_"
VARIABLES: Final = frozenset(PREFIX + key.upper() for key in _KNOWN | _SWITCHES | {"new_database"})


class BadSettings(ValueError):
    """Settings that cannot be used; the message says which and what to do."""


@dataclass(frozen=True)
class Settings:
    """`database` is a URL; `bus` the address of the bus, or empty for the one that the admission names.

    `hub` is the address of the hub's pages, empty where the node is not to ask it about others' records; the token in
    `hub_token_file` shows it what members may see. `four_eyes`: what people enter, in pages or API, is published only
    when a second person has approved it. `proxies`: addresses of reverse proxies, by commas, whose word on a client's
    address and on TLS is believed. `openid`: who else lets people in.
    """

    directory: Path
    organization: str
    name: str
    database: str
    bus: str
    four_eyes: bool = False
    hub: str = ""
    hub_token_file: str = ""
    proxies: str = ""
    openid: OpenId | None = None

    def __repr__(self) -> str:  # a database URL may hold a password
        return f"Settings({self.directory}, {self.organization})"


def write_settings(directory: Path, *, organization: str, name: str, database: str) -> None:
    """Write node.toml, mode 0600 because a database URL may hold a password."""
    text = (
        "# Settings of this node; LIAISON_NODE_* in the environment come first: docs/settings.md.\n"
        f"organization = {json.dumps(organization)}\nname = {json.dumps(name, ensure_ascii=False)}\n"
        f"# Empty: node.sqlite in this directory.\ndatabase = {json.dumps(database)}\n"
        '# Empty: the bus that the admission names.\nbus = ""\n'
        "# Address of the hub's pages: possible duplicates and matching needs of others are looked up there.\n"
        'hub = ""\nhub_token_file = ""\n'
        "# true: what is entered in the pages is published only when a second person has approved it.\n"
        "four_eyes = false\n"
        "# Reverse proxies whose word on a client's address and on TLS is believed, by commas.\n"
        'proxies = ""\n'
    )
    path = directory / SETTINGS_FILE
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")


def read_settings(directory: Path, environment: Mapping[str, str] = os.environ) -> Settings:
    """Read them; BadSettings if the directory holds no node, or node.toml says what no node knows."""
    path = directory / SETTINGS_FILE
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (FileNotFoundError, NotADirectoryError):
        raise BadSettings(
            f"{directory} holds no node: run liaison-node init {directory} --org ID --name TEXT first"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadSettings(f"{path} cannot be read: {error}") from None
    unknown = sorted(set(document) - _KNOWN - _SWITCHES - _TABLES)
    if unknown:
        raise BadSettings(f"{path} has {unknown[0]!r}; it may have {', '.join(sorted(_KNOWN | _SWITCHES | _TABLES))}")
    said = {name: environment.get(PREFIX + name.upper()) or document.get(name, "") for name in _KNOWN}
    wrong = sorted(name for name, value in said.items() if not isinstance(value, str))
    if wrong or not said["organization"]:
        raise BadSettings(f"{path}: {wrong[0] if wrong else 'organization'} must be text, and organization not empty")
    if document.get("organization") != said["organization"]:
        raise BadSettings("LIAISON_NODE_ORGANIZATION differs from node.toml; an organization's id never changes")
    database = _database(path, said["database"]) or sqlite_url(directory / DATABASE_FILE)
    four_eyes = _switch(path, "four_eyes", document, environment)
    return Settings(
        directory, said["organization"], said["name"], database, said["bus"], four_eyes, said["hub"],
        said["hub_token_file"], _proxies(path, said["proxies"]), _openid(path, document.get("openid")),
    )  # fmt: skip


def _database(path: Path, url: str) -> str:
    try:
        if url:
            sqlite_file(url)
    except ArgumentError:
        raise BadSettings(
            f"{path} or LIAISON_NODE_DATABASE: the database is no URL such as sqlite:///file or postgresql://host/name"
        ) from None
    return url


def _openid(path: Path, table: object) -> OpenId | None:
    try:
        return read_openid(table, path.parent)
    except ValueError as error:
        raise BadSettings(f"{path}: {error}") from None


def _proxies(path: Path, text: str) -> str:
    found = [part.strip() for part in text.split(",") if part.strip()]
    for part in found:
        try:
            ip_network(part)
        except ValueError:
            raise BadSettings(
                f"{path}: proxies names {part[:60]!r}; addresses or networks such as 10.0.0.0/8 were expected"
            ) from None
    return ",".join(found)


def _switch(path: Path, name: str, document: Mapping[str, object], environment: Mapping[str, str]) -> bool:
    said = environment.get(PREFIX + name.upper())
    found: object = {"true": True, "false": False}.get(said, said) if said else document.get(name, False)
    if not isinstance(found, bool):
        raise BadSettings(f"{path}: {name} is {found!r}; it must be true or false")
    return found
