"""Disputes: by key, sequence and log index alone, never by a clock."""

from hypothesis import given
from hypothesis import strategies as st

from tests.signed_network import message_of
from tests.wire.hearing import network
from wire.disputes import disputed_by
from wire.reasons import Reason
from wire.registry import Revocation


def test_what_a_thief_said_after_the_last_good_sequence_is_disputed_and_what_was_said_before_stands() -> None:
    hearing, ours = network()
    kid, said = ours.key.public.thumbprint, []
    for _ in range(4):
        said.append((ours.sequence + 1, hearing.size))
        hearing.judge(message_of(ours.say()))
    hearing.registry.revoke("ke-nctc", Revocation(kid, 2, hearing.size))
    found = [disputed_by(hearing.registry, "ke-nctc", kid, *place) is not None for place in said]
    assert found == [False, False, True, True]


def test_a_revoked_key_is_not_valid_from_the_very_index_of_the_revocation() -> None:
    hearing, ours = network()
    hearing.registry.revoke("ke-nctc", Revocation(ours.key.public.thumbprint, 0, hearing.size))
    assert hearing.reason(message_of(ours.say())) == Reason.KEY_NOT_VALID


def test_a_thief_whose_key_was_revoked_cannot_rotate_either() -> None:
    hearing, ours = network()
    hearing.registry.revoke("ke-nctc", Revocation(ours.key.public.thumbprint, 0, hearing.size))
    assert hearing.reason(message_of(ours.rotate())) == Reason.KEY_NOT_VALID


def test_what_is_said_again_under_the_new_key_is_not_disputed() -> None:
    hearing, ours = network()
    old = ours.key.public.thumbprint
    hearing.judge(message_of(ours.say()))
    hearing.judge(message_of(ours.rotate()))
    hearing.registry.revoke("ke-nctc", Revocation(old, 0, hearing.size))
    again = hearing.size
    assert hearing.reason(message_of(ours.say(action="confirmed"))) == "accepted"
    assert disputed_by(hearing.registry, "ke-nctc", old, 1, again - 2) is not None
    assert disputed_by(hearing.registry, "ke-nctc", ours.key.public.thumbprint, 3, again) is None


def test_nobody_elses_statements_are_disputed() -> None:
    hearing, ours = network()
    kid = ours.key.public.thumbprint
    hearing.registry.revoke("ke-nctc", Revocation(kid, 0, 50))
    assert disputed_by(hearing.registry, "fr-office", kid, 9, 9) is None
    assert disputed_by(hearing.registry, "nobody", kid, 9, 9) is None


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 20)), max_size=4), st.integers(1, 12), st.integers(0, 22))
def test_a_statement_is_disputed_exactly_if_one_revocation_says_so(
    revocations: list[tuple[int, int]], sequence: int, index: int
) -> None:
    hearing, ours = network()
    kid = ours.key.public.thumbprint
    for last_good, at in revocations:
        hearing.registry.revoke("ke-nctc", Revocation(kid, last_good, at))
    expected = any(sequence > last_good and index < at for last_good, at in revocations)
    assert (disputed_by(hearing.registry, "ke-nctc", kid, sequence, index) is not None) == expected
