"""Tests of wire/audit/earlier.py: a checkpoint that an auditor kept is compared, wherever a state file stands."""

from pathlib import Path

import pytest

from tests.signed_network import key_of
from tests.wire.audit.audits import audited, found
from tests.wire.audited_log import AuditedLog, honest_log
from wire.audit.earlier import BadSince
from wire.checkpoint import Checkpoint, sign_checkpoint
from wire.log_source import DirectoryLog


def another_history(size: int) -> bytes:
    """A checkpoint of this size that the log signed for another history."""
    log = honest_log(events=600)
    log.entries = [log.entries[0], *reversed(log.entries[1:])]
    return signed(log, size)


def signed(log: AuditedLog, size: int) -> bytes:
    return sign_checkpoint(Checkpoint(log.origin, size, log.root(size)), log.log_key)


@pytest.mark.parametrize("size", [5, 256, 300, 608])
def test_a_forked_checkpoint_that_the_state_file_covers_is_found_all_the_same(tmp_path: Path, size: int) -> None:
    log, kept = honest_log(events=600), tmp_path / "state.json"
    assert found(audited(log, tmp_path / "log", state=kept)) == {}
    forked, same = another_history(size), signed(log, size)
    for state in (kept, None):
        report = audited(log, tmp_path / "log", state=state, since=forked)
        assert found(report) == {"inconsistent": [None]}
        assert report.findings.kept[0].evidence["note"] == forked.decode()
        assert found(audited(log, tmp_path / "log", state=state, since=same)) == {}


def test_a_checkpoint_between_state_file_and_end_is_compared_on_the_way(tmp_path: Path) -> None:
    log, kept = honest_log(events=30), tmp_path / "state.json"
    audited(log, tmp_path / "log", state=kept)
    before = log.size
    log.say("xa-centre", id="n8")
    log.say("xa-centre", id="n9")
    log.sign()
    assert found(audited(log, tmp_path / "log", state=kept, since=another_history(before + 1))) == {
        "inconsistent": [None]
    }


def test_the_checkpoint_of_an_empty_log_is_compared_too(tmp_path: Path) -> None:
    log = honest_log()
    made = audited(log, tmp_path).done["history"]
    assert audited(log, tmp_path, since=signed(log, 0)).done["history"] == made + 1


def test_leaves_that_must_be_read_again_and_are_others_are_found(tmp_path: Path) -> None:
    log, kept = honest_log(events=600), tmp_path / "state.json"
    audited(log, tmp_path / "log", state=kept)
    tile = tmp_path / "log/tile/0/000"
    tile.write_bytes(tile.read_bytes()[:-1] + b"x")
    codes = found(audited(DirectoryLog(tmp_path / "log"), tmp_path, state=kept, since=signed(log, 5)))
    assert codes == {"tile-mismatch": [None]}


@pytest.mark.parametrize("note", [b"", b"{}", b"\xff\xfe", b"exercise.example/log\n5\n"])
def test_what_is_no_checkpoint_is_wrong_use_and_no_forgery(tmp_path: Path, note: bytes) -> None:
    with pytest.raises(BadSince, match="is none"):
        audited(honest_log(), tmp_path, since=note)


def test_the_checkpoint_of_another_log_is_wrong_use_and_no_forgery(tmp_path: Path) -> None:
    other = AuditedLog(origin="elsewhere.example/log").begin()
    with pytest.raises(BadSince, match=r"is one of elsewhere.example/log; the log is exercise.example/log"):
        audited(honest_log(), tmp_path, since=other.sign())


def test_a_checkpoint_in_this_log_s_name_that_it_did_not_sign_is_found(tmp_path: Path) -> None:
    forged = honest_log().sign(key=key_of("thief"))
    assert found(audited(honest_log(), tmp_path, since=forged)) == {"checkpoint-forged": [None]}
