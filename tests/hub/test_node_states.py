"""Tests of hub/node_states.py: each state word at its threshold, and which one is said where several hold."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from hub.heads import note_heads
from hub.node_states import NEVER_SEEN, Sighting, State, behind_since, judge_state, lag_seconds, seen_by, sightings
from tests.hub.published import Published
from tests.signed_network import NOON, key_of, need
from wire.examine import Message
from wire.registry import KeyPeriod, Member, Standing

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
LIVE = Sighting(
    sequence=10,
    forked=False,
    last_at=NOW - MINUTE,
    head_sequence=10,
    head_at=NOW - 20 * SECOND,
    behind_since=None,
    refused_at=None,
    refused_reason=None,
    rhythm=None,
)


KEY = key_of("xa-centre").public
MEMBER = Member("xa-centre", "Centre", Standing.ACTIVE, 1, bytes(32), (KeyPeriod(KEY, 2),))
KEYLESS = replace(MEMBER, keys=(KeyPeriod(KEY, 2, 9),))


def word(seen: Sighting, standing: Standing = Standing.ACTIVE, member: Member = MEMBER) -> State:
    return judge_state(seen, replace(member, standing=standing), NOW)[0]


def test_a_node_that_speaks_and_is_logged_is_live() -> None:
    assert word(LIVE) is State.LIVE


@pytest.mark.parametrize(("age", "expected"), [(90, State.LIVE), (91, State.SILENT)])
def test_no_head_for_more_than_ninety_seconds_is_silent(age: int, expected: State) -> None:
    assert word(LIVE._replace(head_at=NOW - age * SECOND)) is expected


@pytest.mark.parametrize(("ahead", "expected"), [(30 * SECOND, State.LIVE), (400 * DAY, State.SILENT)])
def test_nobody_is_live_by_a_head_from_a_time_to_come(ahead: timedelta, expected: State) -> None:
    assert word(LIVE._replace(head_at=NOW + ahead)) is expected


def test_what_has_been_missing_since_a_time_to_come_is_missing() -> None:
    assert word(LIVE._replace(head_sequence=12, behind_since=NOW + 400 * DAY)) is State.BEHIND


def test_a_node_that_never_spoke_is_silent() -> None:
    assert word(NEVER_SEEN) is State.SILENT


@pytest.mark.parametrize(("age", "expected"), [(59, State.LIVE), (60, State.BEHIND)])
def test_a_head_beyond_the_log_for_a_minute_is_behind(age: int, expected: State) -> None:
    seen = LIVE._replace(head_sequence=12, behind_since=NOW - age * SECOND)
    assert word(seen) is expected
    assert lag_seconds(seen, NOW) == age


def test_a_node_whose_events_came_after_all_is_not_behind() -> None:
    seen = LIVE._replace(sequence=12, head_sequence=12, behind_since=NOW - HOUR)
    assert word(seen) is State.LIVE
    assert lag_seconds(seen, NOW) == 0


@pytest.mark.parametrize(
    ("idle", "rhythm", "expected"),
    [
        (2 * DAY, None, State.LIVE),
        (23 * HOUR, MINUTE, State.LIVE),
        (25 * HOUR, MINUTE, State.QUIET),
        (5 * DAY, 2 * DAY, State.LIVE),
        (7 * DAY, 2 * DAY, State.QUIET),
    ],
)
def test_a_pause_longer_than_its_rhythm_is_quiet(idle: timedelta, rhythm: timedelta | None, expected: State) -> None:
    assert word(LIVE._replace(last_at=NOW - idle, rhythm=rhythm)) is expected


def test_a_refusal_is_said_until_something_is_logged_again() -> None:
    refused = LIVE._replace(refused_at=NOW - 30 * SECOND, refused_reason="bad-signature")
    state, reason = judge_state(refused, MEMBER, NOW)
    assert state is State.REFUSED
    assert "signature does not verify" in reason
    assert word(refused._replace(last_at=NOW - 10 * SECOND)) is State.LIVE


def test_what_came_later_counts_also_where_the_clock_was_set_back_in_between(
    network: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    def at(now: datetime) -> None:
        monkeypatch.setattr("hub.writer.utc_now", lambda: now)

    def refused() -> bool:
        with network.engine.connect() as connection:
            seen = sightings(connection, ["xa-centre"], NOW)["xa-centre"]
        return judge_state(seen, MEMBER, NOW)[0] is State.REFUSED

    junk = Message("xa-centre", "need", b"junk", None)
    at(NOW + 400 * DAY)
    network.publish("need", need("a"), id="n1")
    at(NOW + 400 * DAY + SECOND)
    network.deliver(junk)
    assert refused()
    at(NOW)
    network.publish("need", need("b"), id="n1")
    assert not refused()
    at(NOW + 400 * DAY)
    network.publish("need", need("c"), id="n1")
    at(NOW + SECOND)
    network.deliver(junk)
    assert refused()


def test_whoever_has_no_key_that_may_speak_is_refused_before_it_has_said_anything() -> None:
    state, reason = judge_state(LIVE, KEYLESS, NOW)
    assert state is State.REFUSED
    assert "have revoked its key" in reason
    for seen in (NEVER_SEEN, LIVE._replace(unheard=True)):  # at a regional hub too: the registry is all it needs
        assert word(seen, member=KEYLESS) is State.REFUSED
    assert word(LIVE, Standing.SUSPENDED, KEYLESS) is State.SUSPENDED
    another = replace(KEYLESS, keys=(*KEYLESS.keys, KeyPeriod(key_of("another").public, 10)))
    assert word(LIVE, member=another) is State.LIVE


def test_the_gravest_state_is_said() -> None:
    silent = LIVE._replace(head_at=None, head_sequence=20, behind_since=NOW - HOUR)
    assert word(silent) is State.SILENT
    refused = silent._replace(refused_at=NOW, refused_reason="forked")
    assert word(refused) is State.REFUSED
    forked = refused._replace(forked=True)
    assert word(forked) is State.FORKED
    assert word(forked, Standing.SUSPENDED) is State.SUSPENDED
    assert word(forked, Standing.RETIRED) is State.RETIRED


def test_every_state_has_a_sentence_as_reason() -> None:
    for seen in (LIVE, NEVER_SEEN, LIVE._replace(forked=True), LIVE._replace(head_sequence=12)):
        _, reason = judge_state(seen, MEMBER, NOW)
        assert reason.endswith(".")


@pytest.mark.parametrize(
    ("before", "announced", "logged", "head", "expected"),
    [
        (None, None, 0, 0, None),
        (None, 5, 5, 8, "now"),
        ("then", 8, 6, 8, "then"),
        ("then", 8, 8, 8, None),
        ("then", 8, 8, 11, "now"),
        ("then", 8, 7, 11, "then"),
    ],
    ids=["nothing", "ahead", "still missing", "caught up", "steadily ahead", "still missing, more announced"],
)
def test_a_node_is_behind_since_the_first_head_that_the_log_has_not_reached(
    before: str | None, announced: int | None, logged: int, head: int, expected: str | None
) -> None:
    assert behind_since(before, announced, logged, head, "now") == expected


def test_the_rhythm_is_the_longest_pause_between_the_last_events(network: Published) -> None:
    for days in (0, 1, 4, 5):
        network.publish("need", need(f"{days}"), id="n1", now=NOON + days * DAY)
    later = datetime.now(UTC) + 30 * DAY
    with network.engine.connect() as connection:
        assert sightings(connection, ["xa-centre"], later)["xa-centre"].rhythm == 3 * DAY
        assert sightings(connection, ["xa-centre"], datetime.now(UTC))["xa-centre"].rhythm is None


def test_heads_that_are_noted_decide_the_state(network: Published) -> None:
    network.publish("need", need())
    registry = network.writer.state.registry
    now = datetime.now(UTC)
    for sequence, age, expected in ((1, 0, State.LIVE), (3, 120, State.LIVE), (3, 30, State.BEHIND)):
        at = (now - age * SECOND).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        head = {"organization": "xa-centre", "head_sequence": sequence, "head_at": at, "software": "x", "clock_skew": 0}
        note_heads(network.engine, [head])
        state, _ = seen_by(network.engine, registry, "xa-centre", datetime.fromisoformat(at) + SECOND)
        assert state is expected
    assert seen_by(network.engine, registry, "nobody-here")[0] is State.REFUSED
