"""The command that shows how far a record's last change has come, and when it took each step."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from node import cli_text, forms
from node.node import build
from node.refusal import no_record

WORDS = {
    "saved": "saved here", "signed": "signed", "sent": "handed to the bus",
    "logged": "logged", "witnessed": "witnessed", "in_view": "in the view",
}  # fmt: skip


def delivery(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="The node's state directory.")],
    kind: Annotated[str, typer.Argument(metavar="KIND", help="Its kind.")],
    id_: Annotated[str, typer.Argument(metavar="ID", help="Its id.")],
    as_data: Annotated[bool, typer.Option("--json", help="Print data as JSON.")] = False,
) -> None:
    """Tell when a record's last change was saved, signed, sent, logged, witnessed and in the view.

    Example: liaison-node delivery DIR need n1
    """
    node = build(directory)
    stood = node.reading.record(kind, id_)
    if stood is None:
        raise no_record(kind, id_)
    record = forms.record_form(stood, node.settings.organization)
    if as_data:
        cli_text.print_json({name: record.get(name) for name in ("kind", "id", "status", "progress", "delivery")})
        return
    if "delivery" not in record:
        cli_text.fail(f"{kind}/{id_} is erased; what became of the order to the others is in liaison-node status")
    steps, times = record["delivery"], record["delivery"]["times"]
    for step, words in WORDS.items():
        place = f" as #{steps['index']}" if step == "logged" and steps["index"] is not None else ""
        when = (times[step] or "time not kept") if steps[step] else "not yet"
        sys.stdout.write(f"{words + place:<20} {when}\n")
