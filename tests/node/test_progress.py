"""What to send, when to send it again, and when to stop: decided without I/O, on a clock of the test's own."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.progress import (
    PROOF_SECONDS,
    RETRY_SECONDS,
    SAME_NEXT_SECONDS,
    STALLED_SECONDS,
    WINDOW,
    Alarm,
    Alarmed,
    Progress,
)
from wire.encoding import b64url
from wire.receipts import Judgement, Logged, Receipt


def digest(sequence: int) -> bytes:
    return sequence.to_bytes(32, "big")


def receipt(sequence: int, **changes: Any) -> Receipt:
    members: dict[str, Any] = {
        "network": "exercise.example", "organization": "xa-centre", "at": "2026-11-24T00:00:00.000Z",
        "logged": Logged(sequence=sequence, hash=b64url(digest(sequence)), index=sequence), "next": sequence + 1,
        "missing": False, "entries": [], "judgements": [], "state": "live", "reason": "",
    }  # fmt: skip
    return Receipt(**{**members, **changes})


def refusal(sequence: int, reason: str = "malformed") -> Judgement:
    return Judgement(sequence=sequence, severity="error", reason=reason, found="x", expected="y", problems=[])


class Sender:
    """A progress with its surroundings: a chain of 100,000 events and a clock."""

    def __init__(self, logged: int = 0, known: int = 100_000) -> None:
        self.progress = Progress(logged)
        self.known = known
        self.now = 0.0

    def send(self, last: int) -> None:
        self.progress.trying(last)
        self.progress.offered(last, self.now, begun_in=self.progress.round)

    def take(self, sequence: int, **changes: Any) -> bool:
        return self.progress.take(receipt(sequence, **changes), digest(sequence), self.known, self.now)


def test_a_bounded_number_is_under_way_without_a_receipt() -> None:
    sender = Sender()
    assert sender.progress.room(0) == WINDOW
    sender.send(WINDOW)
    assert sender.progress.room(0) == 0
    sender.take(100)
    assert sender.progress.room(0) == 100


def test_the_bus_confirms_nothing() -> None:
    sender = Sender()
    sender.send(500)
    assert sender.progress.logged == 0


def test_a_missing_event_is_sent_again_at_once_with_all_behind_it() -> None:
    sender = Sender()
    sender.send(500)
    assert sender.take(100, missing=True)
    assert (sender.progress.sent, sender.progress.logged) == (100, 100)


def test_the_same_missing_event_is_not_sent_again_within_five_seconds() -> None:
    sender = Sender()
    sender.send(500)
    assert sender.take(100, missing=True)
    sender.send(500)
    assert not sender.take(100, missing=True)
    sender.now += SAME_NEXT_SECONDS
    assert sender.take(100, missing=True)


def test_another_missing_event_is_sent_again_at_once() -> None:
    sender = Sender()
    sender.send(500)
    assert sender.take(100, missing=True)
    sender.send(500)
    assert sender.take(200, missing=True)


def test_what_is_missing_beyond_what_was_sent_is_no_reason_to_go_back() -> None:
    sender = Sender(logged=100)
    assert not sender.take(100, missing=True)
    assert sender.progress.round == 0


def test_what_was_under_way_during_a_rewind_does_not_hide_it() -> None:
    sender = Sender()
    sender.send(500)
    begun_in = sender.progress.round
    sender.take(100, missing=True)
    sender.progress.offered(1000, sender.now, begun_in=begun_in)
    assert sender.progress.sent == 100


def test_what_the_bus_may_have_already_is_known_when_the_hub_asks_again() -> None:
    sender = Sender()
    sender.send(500)
    sender.progress.trying(1000)
    sender.take(100, missing=True)
    assert sender.progress.asked_again == 1000


def test_silence_is_asked_about_after_ten_seconds_and_not_more_often() -> None:
    sender = Sender()
    sender.now = 100
    assert not sender.progress.stalled(sender.now), "nothing was sent"
    sender.send(500)
    sender.now += STALLED_SECONDS - 1
    assert not sender.progress.stalled(sender.now)
    sender.now += 1
    assert sender.progress.stalled(sender.now)
    assert not sender.progress.stalled(sender.now + 1)
    assert sender.progress.stalled(sender.now + STALLED_SECONDS)


def test_progress_puts_off_the_question() -> None:
    sender = Sender()
    sender.now = 100
    sender.send(500)
    sender.now += STALLED_SECONDS - 1
    sender.take(200)
    assert not sender.progress.stalled(sender.now + 2)


def test_a_proof_that_did_not_come_is_asked_for_after_ten_seconds_and_not_more_often() -> None:
    sender = Sender()
    assert not sender.progress.unproven(0, sender.now), "nothing is logged"
    sender.send(500)
    sender.take(500, checkpoint=400)
    assert not sender.progress.unproven(0, sender.now)
    sender.now += PROOF_SECONDS
    assert sender.progress.unproven(0, sender.now)
    assert not sender.progress.unproven(0, sender.now + PROOF_SECONDS - 1)
    assert sender.progress.unproven(0, sender.now + PROOF_SECONDS)


def test_nothing_is_asked_while_proofs_come_all_is_proven_or_no_newer_checkpoint_has_a_quorum() -> None:
    sender = Sender()
    assert not sender.progress.unproven(0, sender.now)
    for sequence in range(100, 600, 100):
        sender.send(sequence)
        sender.take(sequence, checkpoint=sequence)
        assert not sender.progress.unproven(sequence - 100, sender.now)
        sender.now += PROOF_SECONDS - 1
        sender.take(sequence, checkpoint=sequence + 1, proof="proof")
    assert not sender.progress.unproven(0, sender.now)
    assert not sender.progress.unproven(0, sender.now + 10 * PROOF_SECONDS), "the hub has shown what it has"
    sender.take(500, checkpoint=700)
    assert not sender.progress.unproven(500, sender.now + 20 * PROOF_SECONDS), "all is proven"
    assert not sender.progress.unproven(0, sender.now + 21 * PROOF_SECONDS - 1)
    assert sender.progress.unproven(0, sender.now + 21 * PROOF_SECONDS)


def test_an_answer_without_a_proof_is_not_asked_for_again_before_another_quorum() -> None:
    sender = Sender()
    sender.send(500)
    sender.take(500, checkpoint=400)
    sender.progress.take_answer(receipt(500, checkpoint=400), sender.now)
    sender.now += PROOF_SECONDS
    assert not sender.progress.unproven(0, sender.now)
    sender.take(500, checkpoint=401)
    sender.now += PROOF_SECONDS
    assert sender.progress.unproven(0, sender.now)


def test_the_answer_to_the_question_says_where_to_go_on() -> None:
    sender = Sender()
    sender.send(500)
    answer = receipt(200)
    assert not sender.take(200)
    assert sender.progress.take_answer(answer, sender.now)
    assert sender.progress.sent == 200


def test_a_hub_that_lost_its_end_gets_it_again() -> None:
    sender = Sender(logged=500)
    assert sender.take(300)
    assert (sender.progress.sent, sender.progress.logged) == (300, 300)


def test_a_hub_that_knows_more_than_this_node_stops_it() -> None:
    sender = Sender(known=10)
    with pytest.raises(Alarmed, match="older than what it has published") as alarmed:
        sender.take(11)
    assert alarmed.value.alarm is Alarm.BEHIND_HUB


def test_another_statement_at_our_sequence_stops_the_node() -> None:
    sender = Sender()
    with pytest.raises(Alarmed, match="another statement at sequence 7") as alarmed:
        sender.progress.take(receipt(7), digest(8), sender.known, 0)
    assert alarmed.value.alarm is Alarm.DIVERGED
    assert sender.progress.logged == 0


@pytest.mark.parametrize("state", ["suspended", "retired", "forked"])
def test_nothing_is_sent_while_the_hub_takes_nothing_and_all_of_it_afterwards(state: str) -> None:
    sender = Sender()
    sender.send(500)
    assert not sender.take(100, state=state, reason="the roots decided", missing=True)
    assert (sender.progress.room(sender.now), sender.progress.holding) == (0, "the roots decided")
    sender.take(100, state="live", judgements=[refusal(101, "suspended")])
    assert (sender.progress.holding, sender.progress.sent) == (None, 100)
    assert sender.progress.room(sender.now) == WINDOW


def test_a_refused_event_is_offered_alone_now_and_then_until_it_passes() -> None:
    sender = Sender()
    sender.take(0)
    sender.send(500)
    sender.take(100, judgements=[refusal(101)])
    assert sender.progress.holding is not None
    assert "event 101 was refused (malformed)" in sender.progress.holding
    assert sender.progress.room(sender.now) == 0
    sender.now += RETRY_SECONDS
    assert (sender.progress.room(sender.now), sender.progress.sent) == (1, 100)
    sender.send(101)
    assert sender.progress.room(sender.now + 1) == 0
    sender.take(101)
    assert (sender.progress.holding, sender.progress.room(sender.now)) == (None, WINDOW)


def test_a_refusal_that_the_first_receipt_tells_of_is_tried_at_once() -> None:
    sender = Sender(logged=100)
    sender.take(100, judgements=[refusal(101)])
    assert sender.progress.room(sender.now) == 1


def test_a_refusal_of_something_else_holds_nothing_up() -> None:
    sender = Sender()
    sender.take(100, judgements=[refusal(0), refusal(50)])
    assert sender.progress.holding is None


@pytest.mark.parametrize(
    ("state", "action", "goes_out"),
    [
        ("forked", "key.rotated", True), ("suspended", "key.rotated", True), ("suspended", "erasure.ordered", True),
        ("forked", "erasure.ordered", False), ("retired", "key.rotated", False), ("suspended", "revised", False),
        ("live", "key.rotated", False),
    ],
)  # fmt: skip
def test_only_a_rotation_or_an_order_to_erase_goes_out_where_the_hub_takes_nothing_else(
    state: str, action: str, *, goes_out: bool
) -> None:
    sender = Sender()
    sender.send(103)
    sender.take(100, state=state, reason="It stands still.")
    assert sender.progress.exempt(action, sender.now) is goes_out
    assert sender.progress.sent == (100 if goes_out else 103)


def test_a_rotation_that_the_bus_lost_is_offered_again_after_a_while() -> None:
    sender = Sender()
    sender.take(100, state="forked", reason="Two copies.")
    assert sender.progress.exempt("key.rotated", sender.now)
    sender.send(101)
    assert not sender.progress.exempt("key.rotated", sender.now)
    sender.now += RETRY_SECONDS
    assert sender.progress.exempt("key.rotated", sender.now)
    sender.send(101)
    sender.take(101)
    assert sender.progress.room(sender.now) == WINDOW, "the fork is resolved"


def test_what_was_sealed_anew_is_offered_at_once() -> None:
    sender = Sender()
    sender.take(100)
    sender.send(101)
    sender.take(100, judgements=[refusal(101, "key-not-valid")])
    assert sender.progress.room(sender.now) == 0
    sender.progress.try_again(sender.now)
    assert sender.progress.room(sender.now) == 1


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 40), st.booleans()), max_size=60))
def test_whatever_the_bus_loses_everything_is_logged_in_the_end(steps: list[tuple[int, int, bool]]) -> None:
    """A hub that logs only what is next; the bus loses batches, receipts get lost, time passes."""
    sender = Sender(known=60)
    logged = 0
    steps += [(0, 40, True), (3, 40, True)] * 6  # in the end nothing is lost any more
    for place, (what, number, arrives) in enumerate(steps):
        sender.now += 1
        room = sender.progress.room(sender.now)
        first = sender.progress.sent + 1
        last = min(sender.progress.sent + min(room, number), 60)
        missing = False
        if last >= first:
            sender.send(last)
            if arrives and first <= logged + 1:
                logged = max(logged, last)
            elif arrives:
                missing = True
        if what in (0, 1):
            sender.take(logged, missing=missing)
        if what == 3 or place > len(steps) - 12:
            sender.now += STALLED_SECONDS
            if sender.progress.stalled(sender.now):
                sender.take(logged)
                sender.progress.take_answer(receipt(logged), sender.now)
        assert sender.progress.logged <= logged
        assert sender.progress.logged <= sender.progress.sent
    assert logged == 60
