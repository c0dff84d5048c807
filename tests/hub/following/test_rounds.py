"""From checkpoint to checkpoint: the log may only grow, everywhere under a quorum, also for a restored database."""

import shutil
from copy import deepcopy
from pathlib import Path

import pytest
from sqlalchemy import select

from hub import tables
from hub.following import rounds
from tests.hub.following.regional import Regional, opened
from tests.signed_network import key_of, need, trust_of
from tests.wire.audited_log import AuditedLog
from wire.encoding import b64url
from wire.log_source import DirectoryLog

OURS = "xa-centre"


def begun(*, events: int = 1) -> AuditedLog:
    """An honest log that one organization witnesses."""
    log = AuditedLog().begin(OURS)
    log.sign()
    for number in range(events):
        log.say(OURS, id=f"n{number}")
        log.sign()
    return log


def grown(log: AuditedLog) -> AuditedLog:
    """The same log, one event later; `log` stays as it was."""
    later = deepcopy(log)
    later.say(OURS, id="later")
    later.sign()
    return later


def shown(log: AuditedLog, place: Path) -> DirectoryLog:
    """Show it in a folder of its own."""
    shutil.rmtree(place, ignore_errors=True)
    return DirectoryLog(log.write(place))


def taken(regional: Regional, log: AuditedLog, place: Path) -> AuditedLog:
    """Have it taken."""
    state = regional.once(shown(log, place))
    assert (state.word, regional.size()) == ("following", log.size), state.reason
    return log


def sizes_kept(regional: Regional) -> list[int]:
    with regional.engine.connect() as connection:
        return list(connection.scalars(select(tables.checkpoints.c.size).order_by(tables.checkpoints.c.size)))


def test_it_stops_at_checkpoints_on_the_way_and_serves_their_notes(
    regional: Regional, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rounds, "STEP", 3)
    log = taken(regional, begun(events=8), tmp_path / "log")
    assert sizes_kept(regional) == [3, 6, 9, 10]
    with regional.engine.connect() as connection:
        notes = {row.size: bytes(row.note) for row in connection.execute(select(tables.checkpoints))}
    assert notes == {size: log.notes[size] for size in notes}


def test_a_shorter_log_is_refused(regional: Regional, tmp_path: Path) -> None:
    shorter = begun(events=2)
    taken(regional, grown(shorter), tmp_path / "log")
    note = regional.hub.directory / "last-checkpoint"
    evidence = regional.refused(shown(shorter, tmp_path / "log"))
    assert evidence["refused"] == "rolled-back"
    assert evidence["evidence"]["before"] == note.read_text()
    assert evidence["evidence"]["note"] == shorter.notes[shorter.size].decode()


@pytest.mark.parametrize("more", [0, 2], ids=["at the same size", "further on"])
def test_another_history_is_refused_with_both_notes(regional: Regional, tmp_path: Path, more: int) -> None:
    evil = begun(events=2)
    log = taken(regional, grown(evil), tmp_path / "log")
    evil.say(OURS, need("Another"), id="n2")
    for number in range(more):
        evil.say(OURS, id=f"m{number}")
    note = evil.sign().decode()
    evidence = regional.refused(shown(evil, tmp_path / "evil"))
    assert evidence["refused"] == ("forked" if more else "another-history")
    if not more:
        assert (evidence["evidence"]["note"], evidence["evidence"]["before"]) == (note, log.notes[log.size].decode())


def test_entries_that_do_not_lead_to_the_signed_root_are_refused(regional: Regional, tmp_path: Path) -> None:
    """Everything in them is right, but the log signed something else."""
    log = taken(regional, begun(), tmp_path / "log")
    other = deepcopy(log)
    log.say(OURS, id="n2")
    other.say(OURS, need("Another"), id="n2")
    log.notes[log.size] = other.sign()
    evidence = regional.refused(shown(log, tmp_path / "log"))
    assert evidence["refused"] == "another-history"
    assert evidence["evidence"]["root"] == b64url(log.root())


def test_a_checkpoint_without_a_quorum_and_one_that_another_key_signed_are_refused(
    regional: Regional, tmp_path: Path
) -> None:
    log = taken(regional, begun(), tmp_path / "log")
    log.say(OURS, id="n2")
    log.sign([])
    assert regional.refused(shown(log, tmp_path / "log"))["refused"] == "no-quorum"
    for path in (tmp_path / "regional" / "evidence").iterdir():
        path.unlink()
    log.sign(key=key_of("thief"))
    regional.again(shown(log, tmp_path / "log"))
    assert "checkpoint-forged" in regional.hub.state.refusal


def test_another_body_than_was_signed_is_refused(regional: Regional, tmp_path: Path) -> None:
    log = begun()
    datahash, body = next((name, body) for name, body in log.bodies.items() if b"Document readers" in body)
    log.bodies[datahash] = body.replace(b"Document", b"Doctored")
    evidence = regional.refused(shown(log, tmp_path / "log"))
    assert evidence["refused"] == "body-altered"
    assert evidence["evidence"]["index"] == 2
    assert "Doctored" not in str(evidence)


def test_what_is_not_there_is_waited_for(regional: Regional, tmp_path: Path) -> None:
    state = regional.once(DirectoryLog(tmp_path / "nothing"))
    assert (state.word, state.refusal) == ("away", "")
    assert "is not there" in state.reason
    taken(regional, begun(), tmp_path / "log")
    assert state.trouble == ""


def test_another_network_s_log_is_not_followed(regional: Regional, tmp_path: Path) -> None:
    log = begun()
    log.trust_json = trust_of(key_of("thief")).to_bytes()
    state = regional.once(shown(log, tmp_path / "log"))
    assert (state.word, regional.size()) == ("away", 0)
    assert "another network" in state.reason


def test_a_refusal_ends_with_the_process_and_what_was_verified_stays(regional: Regional, tmp_path: Path) -> None:
    """Begun anew, it looks again: whoever began it has seen the evidence, which stays."""
    shorter = begun(events=2)
    log = taken(regional, grown(shorter), tmp_path / "log")
    regional.refused(shown(shorter, tmp_path / "shorter"))
    state = regional.again(shown(log, tmp_path / "log"))
    assert (state.word, regional.size()) == ("following", log.size)
    assert len(list((tmp_path / "regional" / "evidence").iterdir())) == 1


def test_a_restored_database_does_not_forget_what_was_taken_before(regional: Regional, tmp_path: Path) -> None:
    evil = begun(events=2)
    log = taken(regional, grown(evil), tmp_path / "log")
    old = opened(tmp_path / "older.sqlite")
    restored = Regional(tmp_path / "regional", shown(log, tmp_path / "log"), old)
    evil.say(OURS, need("Another"), id="n2")
    evil.sign()
    evil.say(OURS, id="n3")
    evil.sign()
    evidence = restored.refused(shown(evil, tmp_path / "evil"))
    assert evidence["refused"] == "another-history"
    assert evidence["evidence"]["note"] == log.notes[log.size].decode()
    state = restored.again(shown(log, tmp_path / "log"))
    assert (state.word, restored.size()) == ("following", log.size)
    old.dispose()
