"""Testimonies put together: what one node did not see another one did, and what contradicts is told."""

from dataclasses import replace

import pytest

from hub.lost_log import lost_log
from tests.signed_network import TRUST, key_of, trust_of
from tests.wire.audited_log import AuditedLog
from tests.wire.lost_logs import A, B, C, D, eventful_log, knows
from wire import testimony
from wire.registry import HUB, REGISTRY
from wire.testimony import BadTestimony


@pytest.fixture(scope="module")
def log() -> AuditedLog:
    return eventful_log()


def earlier(found: testimony.Testimony, size: int) -> testimony.Testimony:
    """What a node tells that has read less."""
    return replace(found, size=size, registry=tuple(each for each in found.registry if each.index < size), ends={})


def test_the_node_that_has_read_most_tells_the_registry_and_every_end_is_taken_up(log: AuditedLog) -> None:
    whole = knows(log, A)
    behind = replace(earlier(whole, 8), organization=C, ends={B: (1, bytes(32)), D: log.heads[D]})
    without_d = replace(whole, ends={name: end for name, end in whole.ends.items() if name != D})
    lost = lost_log(TRUST, [behind, without_d], None)
    assert lost.statements[-1].sequence == log.heads[REGISTRY][0]
    assert lost.ends == {name: log.heads[name] for name in (HUB, A, B, C, D)}
    assert lost.checkpoint.checkpoint.size == max(log.notes)


def test_cosignatures_of_several_nodes_make_one_quorum(log: AuditedLog) -> None:
    size = max(log.notes)
    text, _, lines = log.notes[size].decode().partition("\n\n")
    by_log, *cosigned = lines.splitlines(keepends=True)
    notes = [f"{text}\n\n{by_log}{line}".encode() for line in cosigned]
    smaller = log.notes[min(log.notes)]
    each = [replace(knows(log, name), checkpoints=(note, smaller)) for name, note in zip("abcd", notes, strict=True)]
    assert lost_log(TRUST, each, None).checkpoint.checkpoint.size == size
    assert lost_log(TRUST, each[:2], None).checkpoint.checkpoint.size == min(log.notes)
    assert lost_log(TRUST, each[:2], notes[2]).checkpoint.checkpoint.size == size


def test_a_cosignature_that_does_not_verify_counts_for_nothing(log: AuditedLog) -> None:
    note = log.notes[max(log.notes)]
    broken = note[:-20] + b"A" * 18 + note[-2:]
    with pytest.raises(BadTestimony, match="has a quorum"):
        lost_log(TRUST, [replace(knows(log, A), checkpoints=(broken, b"no note"))], None)


def test_two_histories_are_for_people_to_clear_up(log: AuditedLog) -> None:
    other = eventful_log()
    other.entries[-1] = other.entries[0]
    mine, theirs = log.sign([]), None
    theirs = other.sign([])
    try:
        with pytest.raises(BadTestimony, match="signed two trees"):
            lost_log(TRUST, [replace(knows(log, A), checkpoints=(mine, theirs))], None)
    finally:
        del log.notes[log.size]


def test_ends_that_contradict_are_told(log: AuditedLog) -> None:
    found = knows(log, A)
    other = replace(found, organization=B, ends={**found.ends, C: (found.ends[C][0], bytes(32))})
    with pytest.raises(BadTestimony, match=f"two statements {found.ends[C][0]} of {C}"):
        lost_log(TRUST, [found, other], None)


def test_another_registry_is_told(log: AuditedLog) -> None:
    other = AuditedLog().begin(A, C)
    other.sign()
    with pytest.raises(BadTestimony, match="two registries"):
        lost_log(TRUST, [knows(log, A), knows(other, C)], None)


def test_what_the_roots_did_not_decide_is_no_registry(log: AuditedLog) -> None:
    with pytest.raises(BadTestimony, match="the testimony of xa-centre does not verify: entry 0"):
        lost_log(trust_of(key_of("others")), [knows(log, A)], None)


def test_another_network_s_testimony_is_refused(log: AuditedLog) -> None:
    with pytest.raises(BadTestimony, match=r"of the network other.example; this is exercise.example"):
        lost_log(TRUST, [replace(knows(log, A), network="other.example")], None)
    with pytest.raises(BadTestimony, match="no testimony was given"):
        lost_log(TRUST, [], None)
