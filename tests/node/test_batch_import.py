"""Tests of publishing an upload in the background: whole, resumed, and never over what others changed meanwhile."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from node import batch_import
from node.batch_import import Publishing, clean_up, examine
from node.node import Node
from node.refusal import Refusal
from node.store.batches import CHECKED, DONE, IMPORT, PUBLISHING, Batch
from tests.node.nodes import joined_node, put
from tests.node.test_imports import MAPPING, mapping_of

TIMES = ("2026-11-26T10:00:00.000Z", "2026-11-27T10:00:00.000Z")


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    made = joined_node(tmp_path / "node")
    yield made
    made.engine.dispose()


def batch_of(node: Node, rows: list[tuple[str, str, str]], state: str = PUBLISHING) -> Batch:
    out = io.StringIO()
    csv.writer(out).writerows([("code", "name", "unit"), *rows])
    mapping = mapping_of(node.settings.directory, MAPPING).model_dump(by_alias=True, mode="json")
    work = {"name": "x.csv", "format": "csv", "mapping": mapping}
    number = node.batches.begin(IMPORT, (1, "Amina"), state, work, TIMES)
    node.uploads.keep(number, io.BytesIO(out.getvalue().encode()))
    found = node.batches.one(number)
    assert found is not None
    return found


ROWS = [(str(n), f"Office {n}", "A") for n in range(12)]


def test_it_is_published_in_the_background_in_steps_and_its_file_deleted(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch_import, "BATCH", 5)
    batch, told = batch_of(node, ROWS), list[int]()
    publishing = Publishing(node, lambda: told.append(1))
    publishing.start(batch._replace(total=12), examine(node, batch).digest())
    publishing.close()
    after = node.batches.one(batch.number)
    assert after is not None
    assert (after.state, after.outcome, after.done, after.total) == (DONE, {"outcomes": {"published": 12}}, 12, 12)
    assert not publishing.is_running(batch.number)
    assert len(told) == 4
    assert not node.uploads.file(batch.number).exists()


def test_what_was_interrupted_is_resumed_without_saying_anything_twice(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch_import, "BATCH", 5)
    batch = batch_of(node, ROWS)
    kept = node.batches.note_progress

    def stop(number: int, done: int, total: int) -> None:
        kept(number, done, total)
        raise KeyboardInterrupt

    monkeypatch.setattr(node.batches, "note_progress", stop)
    with pytest.raises(KeyboardInterrupt):
        Publishing(node, lambda: None).publish(batch, None)
    monkeypatch.setattr(node.batches, "note_progress", kept)
    assert node.reading.chain().sequence == 6
    assert Publishing(node, lambda: None).publish(batch, None) == {"published": 7}
    assert node.reading.chain().sequence == 13


def test_a_record_changed_between_reading_and_writing_is_not_overwritten(node: Node) -> None:
    Publishing(node, lambda: None).publish(batch_of(node, ROWS[:2]), None)
    batch = batch_of(node, [(code, name, "B") for code, name, _ in ROWS[:2]])
    examined = examine(node, batch)
    record_id = examined.found.changed[0].candidate.id
    node.editor.apply([put(record_id, "By hand")])
    with pytest.raises(Refusal, match="changed by somebody else"):
        node.editor.apply(list(examined.changes()), check=examined.check)
    publishing = Publishing(node, lambda: None)
    publishing.start(batch, examined.digest())
    publishing.close()
    after = node.batches.one(batch.number)
    assert after is not None
    assert (after.state, "Check it again" in str(after.outcome)) == (CHECKED, True)
    assert node.reading.current("contact")["contact", record_id].record["unit"] == "By hand"


def test_uploads_are_deleted_when_their_time_is_over(node: Node) -> None:
    batch = batch_of(node, ROWS, CHECKED)
    clean_up(node, TIMES[1])
    assert node.uploads.file(batch.number).exists()
    clean_up(node, "2026-11-27T10:00:00.001Z")
    assert not node.uploads.file(batch.number).parent.exists()
    assert node.batches.one(batch.number) is None
