"""Tests of wire/audit/state.py: a later audit goes on where an earlier one ended, and finds what the whole would."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.signed_network import key_of, statement_of, trust_of
from tests.wire.audit.audits import audited, found
from tests.wire.audit.test_digest import state as state_view
from tests.wire.audited_log import AuditedLog, hash_of, honest_log
from wire.audit.state import BadState
from wire.log_source import DirectoryLog

A, B = "xa-centre", "xb-police"
SHORT = AuditedLog().begin(A, B)
SHORT.say(A)
SHORT.sign()


def grown(log: AuditedLog, events: int) -> AuditedLog:
    for number in range(events):
        log.say((A, B)[number % 2], id=f"g{number % 9}")
    log.sign()
    return log


@pytest.mark.parametrize("events", [3, 250, 300, 520])
def test_only_new_entries_are_read_again(tmp_path: Path, events: int) -> None:
    log, kept = honest_log(events=events), tmp_path / "state.json"
    audited(log, tmp_path / "first", state=kept)
    size = log.size
    grown(log, 40)
    report = audited(log, tmp_path / "second", state=kept)
    assert (found(report), report.since, report.told["entries"]) == ({}, size, 41 - 1)
    assert report.told["signatures verified"] == 40
    again = audited(log, tmp_path / "second", state=kept)
    assert (found(again), again.told["entries"]) == ({}, 0)


def test_what_is_wrong_after_it_is_found_with_chains_registry_and_view_as_they_were(tmp_path: Path) -> None:
    log, kept = AuditedLog().begin(A, B), tmp_path / "state.json"
    rows = {}
    for name in ("n1", "n2"):
        rows[f"need/{A}/{name}"] = hash_of(log.entries[log.say(A, id=name)])
    log.sign()
    audited(log, tmp_path / "first", state=kept)
    rows[f"need/{A}/n1"] = hash_of(log.entries[log.say(A, id="n1", action="revised")])
    state_view(log, rows)
    log.admit("xd-new")
    log.say("xd-new", id="n1")
    dropped = log.say(B)
    log.say(B)
    log.drop(dropped)
    log.sign()
    report = audited(log, tmp_path / "second", state=kept)
    assert found(report) == {"gap": [dropped]}
    assert report.verdicts()["digest"] == "pass"
    assert orjson.loads(kept.read_bytes())["tree"]["size"] == 5, "with an error it must not go on from behind it"


def test_history_that_was_rewritten_or_cut_off_since_is_found(tmp_path: Path) -> None:
    log, kept = honest_log(events=30), tmp_path / "state.json"
    audited(log, tmp_path / "first", state=kept)
    other = honest_log(events=29)
    grown(other, 30)
    assert found(audited(other, tmp_path / "second", state=kept)) == {"inconsistent": [None]}
    assert found(audited(honest_log(events=20), tmp_path / "third", state=kept)) == {"rolled-back": [None]}


def test_an_absent_body_is_explained_by_an_order_that_comes_later(tmp_path: Path) -> None:
    from tests.wire.audit.test_bodies import forget_body

    log, kept = honest_log(), tmp_path / "state.json"
    forget_body(log, 6)
    assert found(audited(log, tmp_path / "first", state=kept)) == {"body-absent": [6]}
    log.order_erasure(str(statement_of(log.entries[6])["id"]).partition(":")[0], 6)
    log.sign()
    assert found(audited(log, tmp_path / "second", state=kept)) == {}


@pytest.mark.parametrize("fault", ["no json", "another network", "another version", "cut tree", "false path"])
def test_a_state_file_that_cannot_be_used_is_refused(tmp_path: Path, fault: str) -> None:
    log, kept = honest_log(), tmp_path / "state.json"
    audited(log, tmp_path / "first", state=kept)
    document = orjson.loads(kept.read_bytes())
    if fault == "cut tree":
        document["tree"]["leaves"] = document["tree"]["leaves"][:-43]
    elif fault == "false path":
        thief = AuditedLog().begin()
        thief.admit("zz-false", [key_of("thief")])
        document["registry"][1][2] = orjson.loads(orjson.dumps(document["registry"][2][2]))
    elif fault == "another version":
        document["version"] = 99
    kept.write_bytes(b"{" if fault == "no json" else orjson.dumps(document))
    trust = {"trust": trust_of(key_of("other"))} if fault == "another network" else {}
    with pytest.raises(BadState):
        audited(log, tmp_path / "second", state=kept, **trust)  # type: ignore[arg-type]


DAMAGE: dict[str, Any] = {
    "chains": [[], {"xa-centre": []}, {"xa-centre": [1, [], False, 0]}, 5],
    "bodies": [[], {"invalid": []}, {"invalid": {}, "absent": {"x": []}, "ordered": {}}],
    "orders": [[], {"said": {"a": []}}, {"said": [], "effective": {}, "without_effect": []}],
    "view": [[], {"rows": [["need/a/b", []]], "unclear_from": -1}, {"rows": [[[], []]], "unclear_from": -1}],
    "tree": [[], {"size": 1, "rows": [[]], "leaves": ""}],
    "registry": [5, [[0]], [[0, "x", []]], [[[], "", ""]]],
    "log": [[]],
}


@pytest.mark.parametrize(("member", "value"), [(name, value) for name, values in DAMAGE.items() for value in values])
def test_a_state_file_that_was_damaged_is_told_in_a_sentence(tmp_path: Path, member: str, value: Any) -> None:
    log, kept = SHORT, tmp_path / "state.json"
    audited(log, tmp_path / "first", state=kept)
    kept.write_bytes(orjson.dumps({**orjson.loads(kept.read_bytes()), member: value}))
    with pytest.raises(BadState, match=r"cannot be used|is the state of"):
        audited(log, tmp_path / "first", state=kept)


@pytest.mark.parametrize("content", [b"", b"[]", b"5", b"[" * 2_000, b"\xff"])
def test_a_file_that_is_no_state_at_all_is_told_in_a_sentence(tmp_path: Path, content: bytes) -> None:
    kept = tmp_path / "state.json"
    kept.write_bytes(content)
    with pytest.raises(BadState, match="cannot be used"):
        audited(SHORT, tmp_path / "first", state=kept)


@pytest.mark.parametrize("place", ["no/such/folder/state.json", "log"])
def test_a_place_that_cannot_be_written_is_told_before_the_work(tmp_path: Path, place: str) -> None:
    log = honest_log()
    log.write(tmp_path / "log")
    with pytest.raises(BadState, match=r"cannot be written|is a directory"):
        audited(AskedNothing(tmp_path / "log"), tmp_path, state=tmp_path / place)
    assert not list(tmp_path.glob(".*"))


class AskedNothing(DirectoryLog):
    def checkpoint(self) -> bytes:
        raise AssertionError("the log was read for nothing")
