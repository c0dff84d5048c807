"""Tells a person, and a program, what an import found: counts first, then every bad row with column and reason."""

from collections.abc import Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from node.importing.difference import Difference
from node.importing.rows import BadRow, shorten

SHOWN = 50


def as_json(found: Difference) -> dict[str, Any]:
    """Return the report as JSON values: `counts`, `changed` with its fields, `gone`, `held`, `bad`, `left_out`."""
    return {
        "counts": counts(found),
        "new": [{"id": each.id, "key": each.key, "rows": list(each.rows)} for each in found.new],
        "changed": [
            {"id": each.candidate.id, "key": each.candidate.key, "fields": [change._asdict() for change in each.fields]}
            for each in found.changed
        ],
        "gone": [{"kind": kind, "id": record_id} for kind, record_id in found.gone],
        "held": [{"kind": kind, "id": record_id} for kind, record_id in found.held],
        "bad": bad_as_json(found.bad),
        "left_out": [{"row": each.row, "reason": each.reason} for each in found.left_out],
    }


def bad_as_json(bad: Sequence[BadRow]) -> list[dict[str, Any]]:
    """Return bad rows as JSON values."""
    return [
        {"row": each.row, "column": each.column, "found": each.found, "reason": each.reason, "key": each.key}
        for each in bad
    ]


def counts(found: Difference) -> dict[str, int]:
    """Return how many records are new, changed, unchanged, gone and held, and how many rows are bad or left out."""
    return {
        "new": len(found.new),
        "changed": len(found.changed),
        "unchanged": len(found.unchanged),
        "gone": len(found.gone),
        "held": len(found.held),
        "bad_rows": len({bad.row for bad in found.bad}),
        "left_out_rows": len({left.row for left in found.left_out}),
    }


def print_report(found: Difference, console: Console, *, shown: int = SHOWN) -> None:
    """Print the report for a person; of each list at most `shown` lines, and how many more there are."""
    console.print(Text(", ".join(f"{number} {name.replace('_', ' ')}" for name, number in counts(found).items())))
    if found.held:
        console.print(Text("Some rows have no readable key, so no record can be said to be gone; those missing stay."))
    for changed in found.changed[:shown]:
        fields = "; ".join(f"{each.field}: {shorten(each.before)} → {shorten(each.after)}" for each in changed.fields)
        console.print(Text(f"changed  {changed.candidate.key}  {fields}"))
    _print_more(len(found.changed), shown, "changed records", console)
    for word, addresses, what in (
        ("gone", found.gone, "records that are gone"), ("stays", found.held, "records that stay"),
    ):  # fmt: skip
        for kind, record_id in addresses[:shown]:
            console.print(Text(f"{word:<8} {kind}/{record_id}"))
        _print_more(len(addresses), shown, what, console)
    print_bad(found.bad, console, shown=shown)


def print_bad(bad: Sequence[BadRow], console: Console, *, shown: int = SHOWN) -> None:
    """Print bad rows as a table: row, column, what was found, why that cannot be."""
    if not bad:
        return
    table = Table(box=box.SIMPLE, show_edge=False)
    table.add_column("row", justify="right")
    for name in ("column", "found", "reason"):
        table.add_column(name, overflow="fold")
    for each in bad[:shown]:
        # Text: what a file holds is never markup.
        table.add_row(str(each.row), Text(each.column), Text(each.found), Text(each.reason))
    console.print(table)
    _print_more(len(bad), shown, "bad rows", console)


def _print_more(number: int, shown: int, what: str, console: Console) -> None:
    if number > shown:
        console.print(Text(f"… and {number - shown} more {what}; the JSON report has them all."))
