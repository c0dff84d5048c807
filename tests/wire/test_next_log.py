"""The next log, as anybody audits it who has trust.json: what it takes up, and what passes for none."""

from pathlib import Path

import pytest

from tests.signed_network import TRUST, key_of, statement_of
from tests.wire.audit.audits import audited, found
from tests.wire.audited_log import AuditedLog
from tests.wire.lost_logs import NEXT, A, B, C, eventful_log, next_log, replacing
from wire.actions import LogReplaced
from wire.audit.report import Report
from wire.audit.run import Audit, Wish
from wire.audit.state import BadState
from wire.keys import SigningKey
from wire.log_source import DirectoryLog
from wire.mirror import BadMirror, Mirror
from wire.next_log import log_of, origin_of


@pytest.fixture(scope="module")
def lost() -> AuditedLog:
    return eventful_log()


def test_what_was_said_in_the_lost_log_stands_in_the_next_one_by_the_keys_of_then(
    lost: AuditedLog, tmp_path: Path
) -> None:
    new = next_log(lost, replacing(lost))
    new.say(A, id="n9", seen=None)
    new.say(B, id="n9", seen=None)
    new.sign()
    new.say(A, id="n10")
    new.sign()
    report = audited(new, tmp_path / "next")
    assert found(report) == {}
    assert report.cosigners == [A, B, C]


def test_the_last_quorum_is_counted_by_the_witnesses_of_then(lost: AuditedLog, tmp_path: Path) -> None:
    action = replacing(lost)
    assert 0 < action.covered < int(action.sequence) - 1
    note = lost.notes[max(lost.notes)].decode()
    assert found(_audited(lost, action, tmp_path / "1")) == {}
    text, _, lines = note.partition("\n\n")
    bare = f"{text}\n\n{lines.splitlines(keepends=True)[0]}"
    few = found(_audited(lost, replacing(lost, checkpoint=bare), tmp_path / "2"))
    assert "registry-refused" in few
    of_none = found(_audited(lost, replacing(lost, covered=int(action.sequence)), tmp_path / "3"))
    assert "registry-refused" in of_none


def test_a_next_log_that_enough_roots_did_not_decide_is_refused(lost: AuditedLog, tmp_path: Path) -> None:
    codes = found(_audited(lost, replacing(lost), tmp_path / "thief", roots=[key_of("thief")]))
    assert "registry-refused" in codes


@pytest.mark.parametrize(
    "changed",
    [
        {"previous": "A" * 43},
        {"network": "other.example"},
        {"sequence": "000000000003"},
        {"ends": {"zz-nobody": {"sequence": 1, "hash": "A" * 43}}},
    ],
)
def test_a_decision_for_another_place_or_network_is_refused(
    lost: AuditedLog, tmp_path: Path, changed: dict[str, object]
) -> None:
    action = LogReplaced.model_validate(replacing(lost).model_dump() | changed)
    assert "registry-refused" in found(_audited(lost, action, tmp_path / "log"))


def test_a_registry_with_its_newest_decisions_left_out_is_none(lost: AuditedLog, tmp_path: Path) -> None:
    new = next_log(lost, replacing(lost), leave_out=1)
    new.sign()
    assert "registry-refused" in found(audited(new, tmp_path / "log"))


def test_a_chain_that_ends_otherwise_than_the_roots_have_said_does_not_go_on(lost: AuditedLog, tmp_path: Path) -> None:
    action = replacing(lost)
    another = action.ends[A].model_copy(update={"hash": "A" * 43})
    new = next_log(lost, replacing(lost, ends={**action.ends, A: another}))
    new.sign()
    codes = found(audited(new, tmp_path / "log"))
    last = max(index for index, entry in enumerate(new.entries) if statement_of(entry)["source"].endswith(f"/{A}"))
    assert codes == {"forked": [last]}


def test_an_old_key_says_nothing_that_the_lost_log_did_not_hold(lost: AuditedLog, tmp_path: Path) -> None:
    new = next_log(lost, replacing(lost))
    index = new.say(B, id="forged", key=key_of(f"{B} next"), seen=None)
    new.sign()
    assert found(audited(new, tmp_path / "log")) == {"key-not-valid": [index]}


def test_what_the_thief_had_said_stays_disputed(lost: AuditedLog, tmp_path: Path) -> None:
    new = next_log(lost, replacing(lost))
    new.sign()
    audit = Audit(DirectoryLog(new.write(tmp_path / "log")), TRUST, Wish(), lambda _done, _total: None)
    assert found(audit.run()) == {}
    fold = audit.folds.registry
    thief = key_of(f"{B} next").public.thumbprint
    index = next(at for at, entry in enumerate(new.entries) if str(statement_of(entry)["subject"]).endswith("/stolen"))
    assert fold.revoked(B, thief, 4, index) is not None
    assert fold.revoked(B, thief, 3, index - 1) is None


def test_an_audit_of_the_lost_log_is_not_taken_for_one_of_the_next(lost: AuditedLog, tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    old = eventful_log()
    old.sign()
    assert found(audited(old, tmp_path / "old", state=state)) == {}
    new = next_log(lost, replacing(lost))
    new.sign()
    with pytest.raises(BadState, match=r"state of the log 'exercise.example/log'"):
        audited(new, tmp_path / "new", state=state)
    assert found(audited(new, tmp_path / "new", state=tmp_path / "other.json")) == {}
    new.say(A, id="n9", seen=None)
    new.sign()
    assert found(audited(new, tmp_path / "grown", state=tmp_path / "other.json")) == {}


def test_the_log_that_is_shown_says_its_key_in_entry_0(lost: AuditedLog, tmp_path: Path) -> None:
    new = next_log(lost, replacing(lost))
    note = new.sign()
    assert origin_of(note) == NEXT.name
    assert log_of(DirectoryLog(new.write(tmp_path / "next")), TRUST).log_verifier == NEXT
    assert log_of(DirectoryLog(lost.write(tmp_path / "lost")), TRUST) == TRUST
    assert origin_of(b"no note") == ""
    new.trust_json, new.entries[0] = TRUST.to_bytes(), new.entries[1]
    new.sign()
    assert log_of(DirectoryLog(new.write(tmp_path / "without")), TRUST) == TRUST


def _audited(lost: AuditedLog, action: LogReplaced, directory: Path, roots: list[SigningKey] | None = None) -> Report:
    new = next_log(lost, action, roots)
    new.sign()
    return audited(new, directory)


def test_a_mirror_of_the_lost_log_stays_what_it_is(lost: AuditedLog, tmp_path: Path) -> None:
    old = tmp_path / "mirror"
    Mirror(DirectoryLog(lost.write(tmp_path / "lost")), old, lambda _done, _total: None, TRUST).run()
    new = next_log(lost, replacing(lost))
    new.sign()
    shown = DirectoryLog(new.write(tmp_path / "next"))
    with pytest.raises(BadMirror, match=r"is a mirror of the log exercise.example/log, and .* shows .*/log/2 now"):
        Mirror(shown, old, lambda _done, _total: None, TRUST).run()
    assert origin_of((old / "checkpoint").read_bytes()) == TRUST.origin
    for _ in range(2):
        copied = Mirror(shown, tmp_path / "another", lambda _done, _total: None, TRUST).run()
    assert copied.size == new.size
    assert found(audited(DirectoryLog(tmp_path / "another"), tmp_path)) == {}
