"""How a regional hub says how it stands: never well when what it knows is old, and never without a reason."""

from datetime import timedelta

from hub.following.choice import Choice
from hub.following.state import STALE_AFTER, State
from tests.signed_network import NOON


def state(**changes: object) -> State:
    return State("https://hub.example", Choice(), lambda: NOON, **{"heard": NOON, "size": 7, "target": 7, **changes})  # type: ignore[arg-type]


def test_all_that_is_shown_is_here() -> None:
    assert state().word == "following"
    assert "2 bodies" in state(awaited=2).reason


def test_what_was_heard_a_minute_ago_says_nothing_of_now() -> None:
    old = state(heard=NOON - STALE_AFTER - timedelta(seconds=1), trouble="It does not answer.")
    assert (old.word, old.reason) == ("away", "It does not answer.")
    assert state(heard=None).word == "away"


def test_entries_on_their_way_are_counted() -> None:
    behind = state(target=10, trouble="A bundle is not there.")
    assert (behind.word, behind.reason) == ("behind", "3 entries are still to be verified. A bundle is not there.")


def test_a_refusal_is_said_whatever_else_is_known() -> None:
    document = state(heard=None, refusal="rolled-back: found less; expected more").document()
    assert document["state"] == "refused"
    assert "rolled-back" in document["reason"]
    assert document["heard_at"] is None
