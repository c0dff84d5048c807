"""Imports into the chain: only differences are published, once, in order, and an interruption loses nothing."""

import csv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from node import imports
from node.edit import Withdraw
from node.importing.mapping import Mapping, load_mapping
from node.importing.rows import ImportFileError
from node.node import Node, build
from node.refusal import Refusal
from tests.node.nodes import joined_node, put, read_registry
from tests.shared_files import SHARED, needs_shared
from tests.signed_network import reading_key_of
from wire import jws
from wire.encryption import decrypt

MAPPINGS = Path(__file__).parents[2] / "deploy" / "mappings"
MAPPING = """
source = "offices"
kind = "contact"
marking = "TLP:CLEAR"
format = "csv"
key = ["code"]
[constants]
organization = "xa-centre"
card_kind = "group"
visibility = "public"
confirmed_at = "2026-11-01"
roles = ["ct_focal_point"]
[fields]
"name.en" = { column = "name", required = true }
unit = "unit"
"""
HISTORY = MAPPING.replace('format = "csv"', 'format = "jsonl"') + '\n[history]\nbatch = "commit"\nreason = "Closed."\n'


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    node = joined_node(tmp_path / "node")
    yield node
    node.engine.dispose()


def mapping_of(directory: Path, text: str) -> Mapping:
    (directory / "mapping.toml").write_text(text)
    return load_mapping(directory / "mapping.toml")


def sheet(directory: Path, rows: list[tuple[str, str, str]]) -> Path:
    with (directory / "offices.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("code", "name", "unit"), *rows])
    return directory / "offices.csv"


def load(node: Node, file: Path, mapping: Mapping) -> dict[str, int]:
    return imports.publish(node, imports.compare(node, file, mapping), mapping, lambda _done, _total: None)


def actions(node: Node) -> list[tuple[str, str]]:
    said = []
    for waiting in node.outbox.after(1, 100_000, 10**9):
        statement = orjson.loads(jws.take_apart(waiting.token, jws.EVENT).payload)
        said.append((statement["type"].rsplit(".", 1)[1], statement["subject"].rsplit("/", 1)[1]))
    return said


def test_a_file_is_published_once_and_then_only_what_differs(node: Node, tmp_path: Path) -> None:
    mapping = mapping_of(tmp_path, MAPPING)
    rows = [(str(n), f"Office {n}", "A") for n in range(5)]
    assert load(node, sheet(tmp_path, rows), mapping) == {"published": 5}
    assert load(node, sheet(tmp_path, rows), mapping) == {}
    rows[1] = ("1", "Office 1", "B")
    assert load(node, sheet(tmp_path, [*rows[:4], ("9", "Office 9", "A")]), mapping) == {
        "published": 1, "revised": 1, "withdrawn": 1,
    }  # fmt: skip
    assert node.reading.chain().sequence == 9


def test_a_bad_row_is_reported_and_its_record_stays(node: Node, tmp_path: Path) -> None:
    mapping = mapping_of(tmp_path, MAPPING)
    load(node, sheet(tmp_path, [("1", "One", "A"), ("2", "Two", "A")]), mapping)
    file = sheet(tmp_path, [("1", "", "A"), ("2", "Two", "B")])
    found = imports.compare(node, file, mapping)
    assert [(bad.row, bad.column) for bad in found.bad] == [(2, "name")]
    assert load(node, file, mapping) == {"revised": 1}
    assert len(node.reading.current("contact")) == 2


def test_a_dry_run_changes_nothing(node: Node, tmp_path: Path) -> None:
    found = imports.compare(node, sheet(tmp_path, [("1", "One", "A")]), mapping_of(tmp_path, MAPPING))
    assert len(found.new) == 1
    assert node.reading.chain().sequence == 1


def test_what_was_put_by_hand_is_never_gone_from_a_file(node: Node, tmp_path: Path) -> None:
    node.editor.apply([put("by-hand")])
    mapping = mapping_of(tmp_path, MAPPING)
    load(node, sheet(tmp_path, [("1", "One", "A"), ("2", "Two", "B")]), mapping)
    assert load(node, sheet(tmp_path, [("2", "Two", "B")]), mapping) == {"withdrawn": 1}
    assert len(node.reading.current("contact")) == 2
    assert ("contact", "by-hand") in node.reading.current("contact")


def test_a_file_without_rows_as_a_failed_download_leaves_withdraws_nothing(node: Node, tmp_path: Path) -> None:
    mapping = mapping_of(tmp_path, MAPPING)
    assert load(node, sheet(tmp_path, []), mapping) == {}
    load(node, sheet(tmp_path, [("1", "One", "A"), ("2", "Two", "B")]), mapping)
    with pytest.raises(ImportFileError, match="no rows, so all 2 records of earlier imports would be withdrawn"):
        load(node, sheet(tmp_path, []), mapping)
    assert len(node.reading.current("contact")) == 2


def test_a_record_that_comes_back_to_the_file_is_published_again(node: Node, tmp_path: Path) -> None:
    mapping = mapping_of(tmp_path, MAPPING)
    stays = ("2", "Two", "B")
    for rows in ([("1", "One", "A"), stays], [stays], [("1", "One", "A"), stays]):
        load(node, sheet(tmp_path, rows), mapping)
    assert [action for action, _ in actions(node)] == ["published", "published", "withdrawn", "revised"]


class Stop(Exception):
    """The import ends here."""


def test_an_interrupted_import_goes_on_where_it_was(
    node: Node, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mapping = mapping_of(tmp_path, MAPPING)
    file = sheet(tmp_path, [(str(n), f"Office {n}", "A") for n in range(1200)])

    def stop(done: int, _total: int | None) -> None:
        if done >= 500:
            raise Stop

    with pytest.raises(Stop):
        imports.publish(node, imports.compare(node, file, mapping), mapping, stop)
    assert node.reading.chain().sequence == 501
    assert load(node, file, mapping) == {"published": 700}
    subjects = [subject for _, subject in actions(node)]
    assert len(set(subjects)) == len(subjects) == 1200


def stop_at_the_second() -> Callable[[int, int | None], None]:
    """A progress that ends the import at its second transaction, unless that is the last."""
    calls = 0

    def step(_done: int, total: int | None) -> None:
        nonlocal calls
        calls += 1
        if calls == 2 and total is None:
            raise Stop

    return step


def change(number: int, op: str, key: str, name: str, commit: str) -> dict[str, Any]:
    state = None if op == "delete" else {"code": key, "name": name, "unit": "A"}
    return {"op": op, "key": key, "after": state, "commit": commit, "n": number}


def history(directory: Path, changes: list[dict[str, Any]]) -> Path:
    (directory / "changes.jsonl").write_bytes(b"\n".join(orjson.dumps(each) for each in changes))
    return directory / "changes.jsonl"


def test_a_history_is_replayed_in_its_order_and_once(node: Node, tmp_path: Path) -> None:
    mapping = mapping_of(tmp_path, HISTORY)
    file = history(tmp_path, [
        change(1, "create", "1", "One", "a"), change(2, "create", "2", "Two", "a"),
        change(3, "update", "1", "Uno", "b"), change(4, "delete", "2", "", "c"), change(5, "create", "2", "Two", "d"),
    ])  # fmt: skip
    said = [imports.replay_history(node, file, mapping, lambda *_: None, dry_run=False).published for _ in range(2)]
    assert [action for action, _ in actions(node)] == ["published", "published", "revised", "withdrawn", "revised"]
    assert said == [{"published": 2, "revised": 2, "withdrawn": 1}, {}]


@pytest.mark.parametrize("batch", [1, 2, 3, 7])
def test_an_interrupted_history_ends_with_the_same_events(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    monkeypatch.setattr(imports, "BATCH", batch)
    changes = [change(n, "create" if n < 5 else "update", str(n % 5), f"Name {n}", str(n // 3)) for n in range(40)]
    changes += [change(50 + n, "delete", str(n), "", "end") for n in range(3)]
    mapping, file = mapping_of(tmp_path, HISTORY), history(tmp_path, changes)

    whole = joined_node(tmp_path / "whole")
    imports.replay_history(whole, file, mapping, lambda *_: None, dry_run=False)

    joined_node(tmp_path / "broken").engine.dispose()
    (tmp_path / "broken" / "secret").write_bytes((tmp_path / "whole" / "secret").read_bytes())
    broken = build(tmp_path / "broken")
    runs = 0
    finished = False
    while not finished:
        runs += 1
        assert runs < 100
        try:
            imports.replay_history(broken, file, mapping, stop_at_the_second(), dry_run=False)
            finished = True
        except Stop:
            continue
    assert runs > 1
    assert actions(broken) == actions(whole)
    for node in (whole, broken):
        node.engine.dispose()


def test_a_record_withdrawn_by_hand_does_not_stop_a_history(node: Node, tmp_path: Path) -> None:
    mapping = mapping_of(tmp_path, HISTORY)
    first = [change(1, "create", "1", "One", "a")]
    imports.replay_history(node, history(tmp_path, first), mapping, lambda *_: None, dry_run=False)
    record_id = actions(node)[0][1]
    node.editor.apply([Withdraw("contact", record_id, "By hand.")])
    longer = history(tmp_path, [*first, change(2, "delete", "1", "", "b")])
    assert imports.replay_history(node, longer, mapping, lambda *_: None, dry_run=False).published == {"unchanged": 1}


@needs_shared
@pytest.mark.parametrize(
    ("name", "file"),
    [("publicbodies_se", "contacts/publicbodies_se.csv"), ("jee_assessments", "assessments/jee_score_data.json")],
)
def test_real_files_are_published_once(node: Node, name: str, file: str) -> None:
    mapping = load_mapping(MAPPINGS / f"{name}.toml")
    assert load(node, SHARED / "data" / file, mapping)["published"] > 50
    assert load(node, SHARED / "data" / file, mapping) == {}


def test_records_for_named_readers_are_imported_encrypted_and_other_readers_alone_are_a_change(
    node: Node, tmp_path: Path
) -> None:
    read_registry(node, "fr-office", "ke-nctc")
    text = MAPPING.replace('"TLP:CLEAR"', '"TLP:AMBER"\nrecipients = ["fr-office"]')
    file = sheet(tmp_path, [("1", "One", "The harbour")])
    assert load(node, file, mapping_of(tmp_path, text)) == {"published": 1}
    body = node.outbox.after(0, 100, 10**9)[-1].body
    assert body is not None
    assert b"harbour" not in body
    assert b"The harbour" in decrypt(body, reading_key_of("fr-office"))
    assert load(node, file, mapping_of(tmp_path, text)) == {}
    more = mapping_of(tmp_path, text.replace('["fr-office"]', '["ke-nctc", "fr-office"]'))
    [changed] = imports.compare(node, file, more).changed
    assert [each.field for each in changed.fields] == ["recipients"]
    assert load(node, file, more) == {"revised": 1}


def by_reader(directory: Path, *rows: tuple[str, str]) -> tuple[Path, Mapping]:
    """A file whose third column says who may read its records."""
    text = MAPPING.replace('"TLP:CLEAR"', '"TLP:AMBER"').replace('unit = "unit"', "")
    text += '[[list]]\ntarget = "recipients"\nitem = "unit"\n'
    return sheet(directory, [(code, f"Office {code}", reader) for code, reader in rows]), mapping_of(directory, text)


def test_a_row_for_a_reader_whom_the_network_does_not_know_is_reported_beforehand_and_blocks_no_other(
    node: Node, tmp_path: Path
) -> None:
    read_registry(node, "fr-office")
    file, mapping = by_reader(tmp_path, ("1", "fr-office"), ("2", "xb-bank"))
    found = imports.compare(node, file, mapping)
    assert [(bad.row, bad.column, bad.found) for bad in found.bad] == [(3, "unit", "xb-bank")]
    assert "xb-bank as a recipient, which is no organization of this network" in found.bad[0].reason
    assert load(node, file, mapping) == {"published": 1}


def test_in_a_history_such_a_change_is_reported_and_blocks_no_other(node: Node, tmp_path: Path) -> None:
    read_registry(node, "fr-office")
    text = HISTORY.replace('"TLP:CLEAR"', '"TLP:AMBER"').replace('unit = "unit"', "")
    mapping = mapping_of(tmp_path, text + '[[list]]\ntarget = "recipients"\nitem = "unit"\n')
    changes = [change(number, "create", str(number), f"Office {number}", "a") for number in (1, 2)]
    changes[0]["after"]["unit"], changes[1]["after"]["unit"] = "xb-bank", "fr-office"
    file = history(tmp_path, [*changes, change(3, "delete", "1", "", "b")])
    done = imports.replay_history(node, file, mapping, lambda *_: None, dry_run=False)
    assert [(bad.row, bad.found) for bad in done.bad] == [(1, "xb-bank")]
    assert done.published == {"published": 1, "unchanged": 1}, "what was never there need not go"


def test_a_mapping_is_tried_before_the_registry_is_read_and_nothing_is_published_by_it(
    node: Node, tmp_path: Path
) -> None:
    file, mapping = by_reader(tmp_path, ("1", "fr-office"))
    assert imports.compare(node, file, mapping).bad == []
    with pytest.raises(Refusal, match="has not yet read from the network's log"):
        load(node, file, mapping)


def test_a_record_whose_new_reader_is_unknown_stays_as_it_was(node: Node, tmp_path: Path) -> None:
    read_registry(node, "fr-office")
    file, mapping = by_reader(tmp_path, ("1", "fr-office"))
    load(node, file, mapping)
    file, mapping = by_reader(tmp_path, ("1", "xb-bank"))
    found = imports.compare(node, file, mapping)
    assert (found.changed, found.gone, len(found.bad)) == ([], [], 1)
    assert load(node, file, mapping) == {}


def test_a_mapping_for_named_readers_without_any_makes_every_row_bad(node: Node, tmp_path: Path) -> None:
    mapping = mapping_of(tmp_path, MAPPING.replace('"TLP:CLEAR"', '"TLP:AMBER"'))
    [bad] = imports.compare(node, sheet(tmp_path, [("1", "One", "A")]), mapping).bad
    assert "encrypted to named organizations" in bad.reason
