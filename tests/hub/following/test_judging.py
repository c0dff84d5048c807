"""What a hub shows that cheats, or was cheated, is refused with evidence; what only looks odd is not."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.hub.following.regional import Regional
from tests.signed_network import HUB_KEY, TRUST, key_of, need, replacement_of
from tests.wire.audited_log import AuditedLog
from wire.actions import KeyRevoked, Retired, Suspended
from wire.audit.forks import FOUND
from wire.checkpoint import Checkpoint, cosign
from wire.encoding import b64url
from wire.erasure import DONE
from wire.log_source import DirectoryLog
from wire.registry import HUB
from wire.seal import control_body, control_subject
from wire.view_digest import STATED, Stated

OURS, THEIRS = "xa-centre", "xb-police"
Lie = Callable[[AuditedLog], object]


def stolen_key(log: AuditedLog) -> None:
    log.say(OURS, key=key_of("thief"))


def other_s_key(log: AuditedLog) -> None:
    log.say(OURS, key=key_of(THEIRS))


def old_key(log: AuditedLog) -> None:
    """Registered, but its time in the log is over."""
    log.rotate(OURS)
    log.say(OURS, key=key_of(OURS))


def hubs_old_key(log: AuditedLog) -> None:
    """Who has stolen the key that the hub signed with before speaks in its chain."""
    other_keys_of_the_hub(log)
    log.seal(HUB, control_subject(HUB, "erased-1"), DONE, control_body({"order": 1}), key=HUB_KEY)


def revoked_key(log: AuditedLog) -> None:
    key = key_of(OURS).public.thumbprint
    log.act(KeyRevoked(organization=OURS, key=key, last_good_sequence=1, reason="Stolen.", **log.action_place()))
    log.say(OURS, id="n2")


def suspended(log: AuditedLog) -> None:
    log.act(Suspended(organization=OURS, reason="For a test.", **log.action_place()))
    log.say(OURS, id="n2")


def retired(log: AuditedLog) -> None:
    log.act(Retired(organization=OURS, reason="For a test.", **log.action_place()))
    log.say(OURS, id="n2")


def dropped(log: AuditedLog) -> None:
    log.say(OURS, id="n2")
    log.say(OURS, id="n3")
    log.drop(log.size - 2)


def repeated(log: AuditedLog) -> None:
    log.entries.append(log.entries[-1])


def changed_order(log: AuditedLog) -> None:
    log.say(OURS, id="n2")
    log.say(OURS, id="n3")
    log.entries[-2:] = log.entries[-2:][::-1]


def own_admission(log: AuditedLog) -> None:
    """The hub signs the statement, but no root signed the action."""
    log.admit("xz-nobody", [key_of("no root")])


def hub_s_token_by_another(log: AuditedLog) -> None:
    """The roots decided it, but somebody else than the hub signed the statement."""
    index = log.admit("xd-late")
    head, payload, _ = log.entries[index].split(b".")
    log.entries[index] = head + b"." + payload + b"." + b64url(key_of("thief").sign(head + b"." + payload)).encode()


def left_out_though_valid(log: AuditedLog) -> None:
    log.exclude(log.say(OURS, id="n2"), "schema-invalid")


def left_out_for_another_reason(log: AuditedLog) -> None:
    log.exclude(log.say(OURS, {"title": {"en": "No need"}}, id="bad"), "consent-missing")


def shown_though_invalid(log: AuditedLog) -> None:
    log.say(OURS, {"title": {"en": "No need"}}, id="bad")


def left_out_twice(log: AuditedLog) -> None:
    bad = log.say(OURS, {"title": {"en": "No need"}}, id="bad")
    log.exclude(bad, "schema-invalid")
    log.exclude(bad, "schema-invalid")


def left_out_with_a_reason_of_its_own(log: AuditedLog) -> None:
    log.exclude(log.size - 1, "suspended")


def left_out_after_a_checkpoint(log: AuditedLog) -> None:
    log.exclude(log.size - 1, "body-missing")


def silenced(log: AuditedLog) -> None:
    """A fork is said to be found, and the second statement is simply the next one."""
    token = log.sealed(OURS, f"need/{OURS}/n9", "liaison.need.published", b"{}").token.decode()
    tokens = [log.entries[-1].decode(), token]
    body = control_body({"organization": OURS, "sequence": 2, "tokens": tokens})
    log.seal(HUB, control_subject(HUB, "fork-1"), FOUND, body)


def another_view(log: AuditedLog) -> None:
    stated = Stated(log.size, log.root(), 7, bytes(32))
    log.seal(HUB, control_subject(HUB, f"view-{log.size}"), STATED, control_body(stated.members()))


LIES: dict[str, list[Lie]] = {
    "unknown-key": [stolen_key, other_s_key],
    "key-not-valid": [old_key, hubs_old_key, revoked_key],
    "suspended": [suspended],
    "retired": [retired],
    "gap": [dropped, changed_order],
    "forked": [repeated],
    "registry-refused": [own_admission],
    "bad-signature": [hub_s_token_by_another],
    "excluded-valid": [left_out_though_valid],
    "exclusion-differs": [left_out_for_another_reason],
    "shown-invalid": [shown_though_invalid],
    "exclusion-malformed": [left_out_twice, left_out_with_a_reason_of_its_own],
    "excluded-late": [left_out_after_a_checkpoint],
    "false-fork": [silenced],
    "view-wrong": [another_view],
}


def begun() -> AuditedLog:
    """An honest log."""
    log = AuditedLog().begin(OURS, THEIRS)
    log.say(OURS)
    log.sign()
    return log


@pytest.mark.parametrize(
    ("name", "lie"), [pytest.param(name, lie, id=lie.__name__) for name, lies in LIES.items() for lie in lies]
)
def test_a_log_that_cannot_be_is_refused_with_evidence_and_nothing_of_it_is_taken(
    regional: Regional, tmp_path: Path, name: str, lie: Lie
) -> None:
    log = begun()
    assert regional.once(DirectoryLog(log.write(tmp_path / "log"))).word == "following"
    lie(log)
    log.sign()
    evidence = regional.refused(DirectoryLog(log.write(tmp_path / "log")))
    assert evidence["refused"] == name, evidence
    assert evidence["evidence"]


def test_keys_are_judged_by_index_and_forks_end_as_at_the_first_hub(regional: Regional, tmp_path: Path) -> None:
    """The old key speaks until the rotation, the new one after it; a replaced key ends a fork."""
    log = begun()
    twin = log.sealed(THEIRS, f"need/{THEIRS}/n1", "liaison.need.published", b"{}").token.decode()
    log.say(THEIRS)
    tokens = [log.entries[-1].decode(), twin]
    body = control_body({"organization": THEIRS, "sequence": 1, "tokens": tokens})
    log.seal(HUB, control_subject(HUB, "fork-1"), FOUND, body)
    log.rotate(OURS)
    log.say(OURS, need("With the new key"), id="n2")
    log.keys[THEIRS] = key_of(f"{THEIRS} again")
    log.act(replacement_of(THEIRS, log.action_place(), log.keys[THEIRS], reason="After the fork."))
    log.say(THEIRS, id="n2")
    log.sign([OURS])  # THEIRS cosigns with another key by now
    log.notes[log.size] = _cosigned(log)
    state = regional.once(DirectoryLog(log.write(tmp_path / "log")))
    assert (state.word, regional.size()) == ("following", log.size), state.reason
    assert not regional.hub.writer.state.speakers[THEIRS].forked


def test_a_hub_that_goes_over_to_other_keys_is_followed(regional: Regional, tmp_path: Path) -> None:
    log = begun()
    other_keys_of_the_hub(log)
    log.act(Suspended(organization=THEIRS, reason="For a test.", **log.action_place()))
    log.say(OURS, id="n2")
    log.sign([OURS, THEIRS])
    state = regional.once(DirectoryLog(log.write(tmp_path / "log")))
    assert (state.word, regional.size()) == ("following", log.size), state.reason


def other_keys_of_the_hub(log: AuditedLog) -> None:
    new = key_of("hub again")
    log.act(replacement_of(HUB, log.action_place(), new))
    log.keys[HUB] = new


def _cosigned(log: AuditedLog) -> bytes:
    checkpoint = Checkpoint(TRUST.origin, log.size, log.root())
    key, now = key_of(f"{THEIRS}-again witness"), int(log.clock.timestamp())
    line = cosign(checkpoint, TRUST.network, THEIRS, key, now).line
    return log.notes[log.size] + line.encode()
