"""Commands about who reads what: the inbox of what others wrote to us, and the audience of what we write."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from node import cli_text
from node.audience import audience_of_entry, audience_of_record
from node.inbox import letter_form
from node.node import build
from schemas.amount import amount
from schemas.entry import parse_entry

Dir = Annotated[Path, typer.Argument(metavar="DIR", help="The node's state directory.")]
Json = Annotated[bool, typer.Option("--json", help="Print data as JSON.")]


def inbox(
    directory: Dir,
    older: Annotated[bool, typer.Option("--older", help="Earlier versions of each record too.")] = False,
    as_data: Json = False,
) -> None:
    """List what other organizations have written to this one, opened and judged here.

    Example: liaison-node inbox DIR --json
    """
    letters = build(directory).letters
    shown: list[dict[str, Any]] = []
    page = letters.all(older=older)
    while page:
        shown += [letter_form(each) for each in page]
        page = letters.all(older=older, after=page[-1].index)
    if as_data:
        cli_text.print_json(shown)
        return
    for form in shown:
        note = f"  not valid: {form['not_valid']['reason']}" if "not_valid" in form else ""
        address = f"{form['kind']}/{form['org']}/{form['id']}"
        cli_text.print_line(f"{form['index']:>8}  {form['status']:<10}  {form['marking']:<16}  {address}{note}")
    cli_text.say(f"{amount(len(shown), 'record')} that others have written to this organization")


def commitment(directory: Dir, id_: Annotated[str, typer.Argument(metavar="ID", help="The finding's id.")]) -> None:
    """Print what a finding's commitment is the SHA-256 of: the assessments it is drawn from, and the salt. Secret.

    Example: liaison-node commitment DIR f1 > sources.json
    """
    sources = build(directory).reading.sources(id_)
    if sources is None:
        cli_text.fail(f"finding/{id_} was not drawn from assessments named in this node (derived_from)")
    sys.stdout.buffer.write(sources.document())
    cli_text.say(f"commitment {sources.commitment}; whoever has this can tell whose assessments they were")


def audience(
    directory: Dir,
    kind: Annotated[str, typer.Argument(metavar="[KIND]", help="Kind of a record of this node.")] = "",
    id_: Annotated[str, typer.Argument(metavar="[ID]", help="Its id.")] = "",
    file: Annotated[Path | None, typer.Option(help="A record that is not put yet, as put takes it.")] = None,
    as_data: Json = False,
) -> None:
    """Say exactly who can read a record, before or after it is published; exit status 1 if it would be refused.

    Example: liaison-node audience DIR --file need.json
    """
    if (file is None) == (not kind) or bool(kind) != bool(id_):
        cli_text.wrong_use("name a record by KIND and ID, or a file with --file RECORD.json")
    node = build(directory)
    if file is None:
        found = audience_of_record(node, kind, id_)
    else:
        documents = cli_text.read_documents(file.read_bytes(), str(file))
        if len(documents) != 1:
            cli_text.wrong_use(f"{file} has {amount(len(documents), 'record')}; one was expected")
        found = audience_of_entry(node, parse_entry(documents[0]))
    if as_data:
        cli_text.print_json(found.form())
    else:
        sys.stdout.write("\n".join(found.sentences) + "\n")
    if found.refused is not None:
        raise typer.Exit(1)
