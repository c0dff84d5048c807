"""The command that erases: it says plainly what is destroyed and what stays, and asks."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from node import cli_text
from node.accounts.acts import command
from node.node import build
from schemas.records import KINDS

ERASING = (
    "Destroyed are all versions of {address} and the reasons of withdrawals: here now, at the hub and at organizations "
    "that received them when the order reaches them. What somebody has copied before, nobody can call back. It stays "
    "known that statements were made about {address}, when, and their hashes; proofs stay valid. Older backups of this "
    "node still hold the content: destroy them, or restore them only to a node that reads the log."
)


def erase(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="The node's state directory.")],
    kind: Annotated[str, typer.Argument(metavar="KIND", help=f"One of {', '.join(KINDS)}.")],
    id_: Annotated[str, typer.Argument(metavar="ID", help="The record's id.")],
    reason: Annotated[str, typer.Option(help="Why; kept in this node only.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_data: Annotated[bool, typer.Option("--json", help="Print data as JSON.")] = False,
) -> None:
    """Destroy a record's bodies here, and order everybody else to. It cannot be undone.

    Example: liaison-node erase DIR contact duty-office --reason "Asked for by the person concerned."
    """
    _confirm(f"{kind}/{id_}", sure=yes)
    node = build(directory)
    with node.acts.noting(command(), "record.erased", f"{kind}/{id_}", reason) as act:
        done = node.eraser.erase(kind, id_, reason, act.note)
    cli_text.show_done([done], as_data=as_data)


def _confirm(address: str, *, sure: bool) -> None:
    """Tell what erasing destroys and what stays, and ask, unless somebody said that they are sure."""
    cli_text.say(ERASING.format(address=address))
    if sure:
        return
    if not sys.stdin.isatty():
        cli_text.wrong_use("nobody can be asked here; say --yes if it is to be erased")
    if not typer.confirm(f"Erase {address}?", err=True):
        cli_text.fail("nothing was erased")
