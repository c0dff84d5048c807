"""What the commands of liaison have in common: arguments, access tokens, files named by people, and how they end."""

import os
import sys
from pathlib import Path
from typing import Annotated, Any, NoReturn

import orjson
import typer

from schemas.readable import readable, readable_json, readable_line
from wire.client import is_token
from wire.environment import unknown_variables
from wire.system_errors import in_words
from wire.trust import BadTrust, Trust, read_trust

Hub = Annotated[str, typer.Argument(metavar="HUB", help="The hub's address, such as https://hub.example.")]
Json = Annotated[bool, typer.Option("--json", help="Print data as JSON.")]
TokenFile = Annotated[
    Path | None, typer.Option(help="File with an access token; else LIAISON_TOKEN. Without one, what is public.")
]


_ALIKE = 0.85  # other variables that begin like this one are those of hub, node and tests


def token_of(path: Path | None) -> str | None:
    """Give the access token from a file or the environment; None without one. It is never told, not even if wrong."""
    where = "LIAISON_TOKEN" if path is None else f"The token file {path}"
    token = os.environ.get("LIAISON_TOKEN", "") if path is None else _read_token(path)
    if path is None and not token:
        for said in unknown_variables(os.environ, "LIAISON_", {where}, _ALIKE):
            say(said)
    if path is not None and not token:
        end(2, f"{where} is empty; write the access token into it, or leave --token-file out to see what is public")
    if not is_token(token):
        end(2, f"{where} does not hold one access token, which is one word of ASCII letters")
    return token or None


def _read_token(path: Path) -> str:
    try:
        return path.read_bytes().decode("latin-1").strip()  # what is no ASCII is no token either
    except OSError as error:
        end(2, f"The token file cannot be read. {in_words(error)}")


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
