"""The commands that change records: put, withdraw, confirm. Each stands in the trail."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from node import cli_text
from node.accounts.acts import command
from node.edit import Change, Confirm, Put, Withdraw
from node.node import build
from schemas.amount import amount
from schemas.entry import InvalidEntry, parse_entry
from schemas.records import KINDS
from wire.progress_bar import progress_bar

Dir = Annotated[Path, typer.Argument(metavar="DIR", help="The node's state directory.")]
Kind = Annotated[str, typer.Argument(metavar="KIND", help=f"One of {', '.join(KINDS)}.")]
Id = Annotated[str, typer.Argument(metavar="ID", help="The record's id.")]
Json = Annotated[bool, typer.Option("--json", help="Print data as JSON.")]


def put(
    directory: Dir,
    record: Annotated[str, typer.Argument(metavar="RECORD.json|-", help="A record, a list, or JSON lines; -: stdin.")],
    as_data: Json = False,
) -> None:
    """Publish or revise records; all of them are checked before the first one is saved.

    \b
    Example: liaison-node put DIR need.json
             echo '{"kind":"link","marking":"TLP:CLEAR",…}' | liaison-node put DIR -
    """
    node = build(directory)
    name = "standard input" if record == "-" else record
    documents = cli_text.read_documents(sys.stdin.buffer.read() if record == "-" else Path(record).read_bytes(), name)
    changes: list[Change] = []
    wrong = 0
    for place, document in enumerate(documents, start=1):
        try:
            changes.append(Put(parse_entry(document)))
        except InvalidEntry as error:
            wrong += 1
            cli_text.say_problems(f"{name}: record {place}" if len(documents) > 1 else name, error)
    if wrong:
        cli_text.fail(f"not valid: {wrong} of {amount(len(documents), 'record')}; nothing was saved")
    with progress_bar("put", quiet=len(changes) < 200) as step:
        total = len(changes)
        done = []
        with node.acts.noting(command(), "records.put", name, amount(total, "record")) as act:
            for each in node.editor.apply_many(changes, note=act.note):
                done.append(each)
                step(len(done), total)
    cli_text.show_done(done, as_data=as_data)


def withdraw(
    directory: Dir, kind: Kind, id_: Id, reason: Annotated[str, typer.Option(help="Why, in a sentence.")],
    as_data: Json = False,
) -> None:  # fmt: skip
    """Withdraw a record; its history stays.

    \b
    Example: liaison-node withdraw DIR need n1 --reason "The need was met."
    """
    node = build(directory)
    with node.acts.noting(command(), "record.withdrawn", f"{kind}/{id_}", reason) as act:
        done = node.editor.apply([Withdraw(kind, id_, reason)], note=act.note)
    cli_text.show_done(done, as_data=as_data)


def confirm(directory: Dir, kind: Kind, id_: Id, as_data: Json = False) -> None:
    """Say that a record is still true.

    \b
    Example: liaison-node confirm DIR contact duty-office
    """
    node = build(directory)
    with node.acts.noting(command(), "record.confirmed", f"{kind}/{id_}") as act:
        done = node.editor.apply([Confirm(kind, id_)], note=act.note)
    cli_text.show_done(done, as_data=as_data)
