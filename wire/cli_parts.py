"""What the commands of liaison have in common: arguments, access tokens, files named by people, and how they end."""

import os
import sys
from pathlib import Path
from typing import Annotated, Any, NoReturn

import orjson
import typer

from schemas.readable import readable, readable_json, readable_line
from wire.trust import BadTrust, Trust, read_trust

Hub = Annotated[str, typer.Argument(metavar="HUB", help="The hub's address, such as https://hub.example.")]
Json = Annotated[bool, typer.Option("--json", help="Print data as JSON.")]
TokenFile = Annotated[
    Path | None, typer.Option(help="File with an access token; else LIAISON_TOKEN. Without one, what is public.")
]


def token_of(path: Path | None) -> str | None:
    """Give the access token from a file or the environment; None without one."""
    if path is None:
        return os.environ.get("LIAISON_TOKEN") or None
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        end(2, f"The token file {path} cannot be read: {error}")


def read_file(path: Path, what: str) -> bytes:
    """Read a file that the command was given; ends with status 2 if that cannot be."""
    try:
        return path.read_bytes()
    except OSError as error:
        end(2, f"{what} {path} cannot be read: {error.strerror or error}")


def trust_from(path: Path) -> Trust:
    """Read trust.json; ends with status 2 if it cannot be used."""
    try:
        return read_trust(path)
    except BadTrust as error:
        end(2, f"{path}: {error}")
    except OSError as error:
        end(2, f"trust.json {path} cannot be read: {error.strerror or error}")


def print_json(value: Any) -> None:
    """Print data."""
    sys.stdout.buffer.write(readable_json(orjson.dumps(value, option=orjson.OPT_INDENT_2)) + b"\n")
    sys.stdout.buffer.flush()


def print_line(text: str) -> None:
    """Print a line in which others have a word."""
    typer.echo(readable_line(text).rstrip())


def say(text: str) -> None:
    """Tell a person something."""
    typer.echo(readable(text), err=True)


def end(status: int, text: str) -> NoReturn:
    """End with a sentence: status 1 for a refusal, 2 for wrong use."""
    typer.echo(f"Error: {readable(text)}", err=True)
    raise SystemExit(status)
