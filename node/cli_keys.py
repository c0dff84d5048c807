"""The keys' commands of liaison-node: which keys speak, going over to the next one, asking for new ones."""

from pathlib import Path
from typing import Annotated

import typer

from node import cli_text
from node.accounts.acts import command
from node.keys_told import keys_form
from node.node import build
from node.rotating import prepare_replacement
from node.rotating import rotate as rotate_key
from node.settings import read_settings
from node.store import Reading, open_store
from schemas.amount import amount

keys_app = typer.Typer(no_args_is_help=True, help="The keys of this node: which speak, and going over to others.")

Dir = Annotated[Path, typer.Argument(metavar="DIR", help="The node's state directory.")]
Json = Annotated[bool, typer.Option("--json", help="Print data as JSON.")]


@keys_app.command()
def show(directory: Dir, as_data: Json = False) -> None:
    """Tell the thumbprints of the key that signs and of the next one, and whether the hub knows of the last rotation.

    \b
    Example: liaison-node keys show DIR --json
    """
    document = keys_form(build(directory))
    if as_data:
        cli_text.print_json(document)
        return
    for name, value in document.items():
        typer.echo(f"{name:<16} {_in_a_line(value)}")


def _in_a_line(value: object) -> object:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "–" if value is None else value


@keys_app.command()
def rotate(directory: Dir) -> None:
    """Go over to the next key, to which the node committed before, and commit to a new one.

    Works beside a running serve. It also ends a fork: what the hub has not logged is sealed anew behind it.

    \b
    Example: liaison-node keys rotate /var/lib/liaison/ke-nctc
    """
    node = build(directory)
    with node.acts.noting(command(), "key.rotated") as act:
        done = rotate_key(node, note=act.note)
    cli_text.say(f"From statement {done.sequence} on, the key {done.key} speaks.")
    cli_text.say(f"The key after it is in {done.next_file}; kept elsewhere, it is out of reach of who enters here.")
    if done.resealed:
        cli_text.say(
            amount(
                done.resealed,
                "statement that the hub had not logged was",
                "statements that the hub had not logged were",
            )
            + " sealed anew behind it."
        )


@keys_app.command()
def replace(directory: Dir) -> None:
    """Make new keys for lost or stolen ones, and the enrolment with which the roots register them.

    The old keys go on speaking until the new admission is joined.

    \b
    Example: liaison-node keys replace /var/lib/liaison/ke-nctc
    """
    settings = read_settings(directory)
    reading = Reading(open_store(settings.database))
    path = prepare_replacement(settings, reading.in_use())
    # Before the first admission there is nothing that the roots could replace.
    ask = "admit HUB_DIR" if reading.chain().network is None else f"replace-key HUB_DIR {settings.organization}"
    cli_text.say(f"New keys are made. Next: have the hub run liaison-hub {ask} {path},")
    cli_text.say(f"then liaison-node join {directory} ADMISSION.json; a running serve need not be stopped.")
