"""How the command liaison-hub speaks: data on standard output, messages on standard error, errors in a sentence."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, NoReturn

import orjson
import typer
from sqlalchemy import Engine

from hub.following.choice import is_regional, read_followed
from hub.keyring import TRUST_FILE, Keyring, load_keys
from hub.schema import open_begun, open_store
from hub.settings import read_settings
from schemas.readable import readable, readable_json, readable_line
from wire.trust import Trust, read_trust

Dir = Annotated[Path, typer.Argument(metavar="DIR", help="The hub's state directory.")]
Reason = Annotated[str, typer.Option(help="Why, in a sentence; it goes into the log.")]
Json = Annotated[bool, typer.Option("--json", help="Print data as JSON.")]
Port = Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")]
Org = Annotated[str, typer.Argument(metavar="ORG", help="The organization's id.")]


def opened(directory: Path, *, begun: bool = True) -> tuple[Engine, Keyring]:
    """Open the hub's database and read its keys; a regional hub has none, and the command ends.

    `begun`: its log has begun. Where another database is named, nothing is to be done in that one.
    """
    settings = read_settings(directory)
    if is_regional(directory):
        followed = read_followed(directory)
        fail(
            f"{directory} is a regional hub: it follows {followed.hub} and adds nothing to its log. "
            "This is done at the hub that keeps the log"
        )
    return (open_begun if begun else open_store)(settings), load_keys(directory)


def opened_store(directory: Path) -> tuple[Engine, Trust]:
    """Open the database of a hub or a regional hub, for what both can do."""
    opening = open_store if is_regional(directory) else open_begun
    return opening(read_settings(directory)), read_trust(directory / TRUST_FILE)


def print_json(value: Any) -> None:
    """Print data for programs."""
    sys.stdout.buffer.write(readable_json(orjson.dumps(value, option=orjson.OPT_INDENT_2)) + b"\n")


def print_line(text: str) -> None:
    """Print a line in which others have a word."""
    typer.echo(readable_line(text))


def print_facts(facts: Mapping[str, Any], *, as_data: bool, absent: str = "–") -> None:
    """Print what is known by name, a line each, or as data; `absent` stands in a line for what there is not."""
    if as_data:
        print_json(facts)
        return
    for name, value in facts.items():
        typer.echo(f"{name:<16} {absent if value is None else value}")


def say(text: str) -> None:
    """Tell the person something."""
    typer.echo(readable(text), err=True)


def fail(text: str) -> NoReturn:
    """End with a negative finding."""
    typer.echo(f"Error: {readable(text)}", err=True)
    raise SystemExit(1)


def wrong_use(text: str) -> NoReturn:
    """End because the command was not used as it must be."""
    typer.echo(f"Error: {readable(text)}", err=True)
    raise SystemExit(2)
