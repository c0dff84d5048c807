"""The report says to a person and to a program what an import found, row by row."""

import io

import orjson
from rich.console import Console

from node.importing.build import build
from node.importing.difference import Difference, Known, difference
from node.importing.report import as_json, print_report
from tests.node.importing.making import ACCESSION, make_id, mapping, rows, state


def _found() -> Difference:
    by = mapping(ACCESSION)
    store = {("accession", make_id("NOR")): Known("TLP:CLEAR", {"state": "NOR"})}
    given = rows(state("KEN"), state("NOR"), state("[red]Atlantis"), state("KEN"))
    return difference(build(given, by, make_id), by.kind, store, set(store))


def _printed(found: Difference, shown: int = 50) -> str:
    console = Console(file=io.StringIO(), width=200, color_system=None)
    print_report(found, console, shown=shown)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert isinstance(text, str)
    return text


def test_a_person_reads_the_counts_and_each_bad_row_with_column_found_and_reason() -> None:
    text = _printed(_found())
    assert text.startswith("1 new, 1 changed, 0 unchanged, 0 gone, 0 held, 1 bad rows, 1 left out rows")
    (line,) = [line for line in text.splitlines() if "Atlantis" in line]
    assert line.split()[:3] == ["4", "State", "[red]Atlantis"]
    assert "is no country" in line


def test_long_lists_are_cut_and_say_how_much_is_missing() -> None:
    assert "… and 1 more bad rows" in _printed(_found(), shown=0)


def test_a_person_reads_which_records_are_gone_and_which_stay() -> None:
    by, store = mapping(ACCESSION), {("accession", make_id(each)): Known("TLP:CLEAR", {}) for each in ("NOR", "FJI")}
    gone = difference(build(rows(state("NOR")), by, make_id), by.kind, store, set(store))
    assert f"gone     accession/{make_id('FJI')}" in _printed(gone)
    assert "… and 1 more records that are gone" in _printed(gone, shown=0)
    held = difference(build(rows(state("")), by, make_id), by.kind, store, set(store))
    assert f"stays    accession/{make_id('FJI')}" in _printed(held)
    assert "… and 2 more records that stay" in _printed(held, shown=0)


def test_the_json_report_holds_every_row_and_change() -> None:
    report = orjson.loads(orjson.dumps(as_json(_found())))
    assert report["counts"]["bad_rows"] == 1
    assert report["bad"][0]["row"] == 4
    assert report["left_out"] == [{"row": 5, "reason": "says the same as row 2"}]
    changed = {each["field"]: (each["before"], each["after"]) for each in report["changed"][0]["fields"]}
    assert changed["action"] == (None, "accession")
    assert report["new"][0]["id"] == make_id("KEN")
