"""Alarms and their evidence: kept once, in the database and beside it, and never without end."""

from pathlib import Path

import orjson

from node.alarms import Finding, Name, keep_evidence
from node.store.alarms import MAX_ALARMS
from node.witnessing import Bell
from tests.node.nodes import joined_node, noon

AT = "2026-11-24T12:00:00.000Z"


def finding(size: int = 7, name: Name = Name.SPLIT_VIEW) -> Finding:
    return Finding(name, "two histories", size, {"note-1": "a", "note-2": "b"})


def test_evidence_is_written_once_for_the_owner_alone(tmp_path: Path) -> None:
    path = keep_evidence(tmp_path, finding(), AT)
    assert keep_evidence(tmp_path, finding(), "2027-01-01T00:00:00.000Z") == path
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    document = orjson.loads(path.read_bytes())
    assert (document["alarm"], document["at"], document["evidence"]) == (
        "split-view",
        AT,
        {"note-1": "a", "note-2": "b"},
    )


def test_the_same_finding_is_one_alarm_and_what_goes_on_and_on_ends(tmp_path: Path) -> None:
    node = joined_node(tmp_path / "node")
    assert node.log.sound(finding(), AT)
    assert not node.log.sound(finding(), AT)
    for size in range(100, 100 + 2 * MAX_ALARMS):
        node.log.sound(finding(size), AT)
    assert len(node.log.alarms()) == MAX_ALARMS
    assert node.log.sound(finding(name=Name.DROPPED), AT), "another alarm has room of its own"
    node.engine.dispose()


def test_being_late_stops_nothing(tmp_path: Path) -> None:
    node = joined_node(tmp_path / "node")
    node.log.sound(finding(name=Name.LATE), AT)
    assert node.log.stopped() is None
    node.log.sound(finding(), AT)
    assert node.log.stopped() is Name.SPLIT_VIEW
    node.engine.dispose()


def test_evidence_that_a_crash_kept_from_its_file_is_written_at_the_next_start(tmp_path: Path) -> None:
    node = joined_node(tmp_path / "node")
    node.log.sound(finding(), AT)
    Bell(tmp_path / "node", node.log, noon)
    assert len(list((tmp_path / "node" / "evidence").glob("split-view-7-*.json"))) == 1
    node.engine.dispose()
