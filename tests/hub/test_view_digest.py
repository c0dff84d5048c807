"""The digest kept step by step is the digest computed from nothing, whatever happened between two questions."""

import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, event

from hub import view_digest, view_lines
from hub.view_digest import LEAST_EVENTS, PATIENCE_SECONDS, Digests, ViewState, is_due, log_root, snapshot
from hub.view_lines import fold
from tests.hub.batches import commit, restarted
from tests.hub.plain_view import log_tokens, plain_digests, plain_root, plain_state, replayed
from tests.hub.published import Published
from tests.hub.test_any_order import PLAN, admitted, copied, spoken
from tests.signed_network import need
from wire.database import reading
from wire.view_digest import BUCKETS, bucket_of

__all__ = ["admitted"]


def asked(digests: Digests, engine: Engine) -> ViewState:
    with snapshot(reading(engine)) as connection:
        return digests.state(connection)


def folded(engine: Engine) -> None:
    with engine.begin() as connection:
        fold(connection)


def assert_right(state: ViewState, engine: Engine) -> None:
    lines = replayed(engine, state.size)
    assert list(state.digests) == plain_digests(lines)
    assert (state.state, state.rows) == (plain_state(lines), len(lines))


def test_the_digest_of_a_lively_view_is_the_plain_one_folded_or_not(network: Published) -> None:
    ours, theirs = network.admit("ke-nctc"), network.admit("fr-office")
    digests = Digests()
    assert_right(asked(digests, network.engine), network.engine)
    commit(network.writer, ours.say(id="a"), ours.say(id="b"), theirs.say(id="a"), ours.say(need(weight=1), id="bad"))
    state = asked(digests, network.engine)
    assert (state.size, state.rows, state.buckets) == (network.writer.state.size, 3, 3)
    assert_right(state, network.engine)
    folded(network.engine)
    assert asked(digests, network.engine)._replace(buckets=3, lines=3) == state
    commit(network.writer, ours.say(need(weight=1), id="a", action="revised"), theirs.say(id="a", action="withdrawn"))
    state = asked(digests, network.engine)
    assert state.buckets == 1, "an excluded event touches nothing"
    assert_right(state, network.engine)


def test_only_touched_buckets_are_hashed_and_only_when_somebody_asks(network: Published) -> None:
    ours = network.admit("ke-nctc")
    commit(network.writer, *(ours.say(id=f"n{number}") for number in range(50)))
    digests = Digests()
    assert asked(digests, network.engine).buckets == BUCKETS, "nothing was known before"
    assert asked(digests, network.engine).buckets == 0
    for _ in range(3):
        commit(network.writer, ours.say(id="n7", action="confirmed"))
    mates = {f"n{n}" for n in range(50) if bucket_of(f"need/ke-nctc/n{n}") == bucket_of("need/ke-nctc/n7")}
    state = asked(digests, network.engine)
    assert (state.buckets, state.lines) == (1, len(mates))


STEPS = st.lists(st.sampled_from(["ask", "fold", "bucket", "restart", "nothing"]), min_size=20, max_size=20)


@settings(max_examples=10)
@given(plan=PLAN, steps=STEPS, limit=st.sampled_from([2, view_lines.FOLD]))
def test_whatever_comes_between_questions_the_answer_is_the_plain_one(
    plan: list[tuple[int, str, int]], steps: list[str], limit: int, admitted: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:  # fmt: skip
    engine = copied(admitted, tmp_path_factory.mktemp("hub"))
    writer, digests = restarted(engine), Digests()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(view_digest, "FOLD", limit)
        for said, step in zip(spoken(engine, plan), steps, strict=False):
            commit(writer, said)
            if step == "ask":
                assert_right(asked(digests, engine), engine)
            elif step == "fold":
                folded(engine)
            elif step == "bucket":
                with snapshot(engine) as connection:
                    digests.bucket(connection, bucket_of(f"need/{said.organization}/n1"))
            elif step == "restart":
                writer, digests = restarted(engine), Digests()
        assert_right(asked(digests, engine), engine)
    engine.dispose()


def test_a_bucket_is_given_with_its_lines_in_order_and_their_digest(network: Published) -> None:
    ours = network.admit("ke-nctc")
    # Both lie in bucket 0xff9, as the vectors of wire/view_digest.py say.
    commit(network.writer, ours.say(id="n1492"))
    folded(network.engine)
    commit(network.writer, ours.say(id="n1"))
    lines = replayed(network.engine)
    with snapshot(reading(network.engine)) as connection:
        bucket = Digests().bucket(connection, 0xFF9)
    assert bucket.size == network.writer.state.size
    assert bucket.lines == [(name, lines[name]) for name in ("need/ke-nctc/n1", "need/ke-nctc/n1492")]
    assert bucket.digest == plain_digests(lines)[0xFF9]


def test_what_is_read_is_one_moment_while_the_intake_writes(network: Published) -> None:
    """After the log's size was read, and before anything else is, another batch is committed."""
    ours = network.admit("ke-nctc")
    commit(network.writer, *(ours.say(id=f"n{number}") for number in range(4)))
    size, before = network.writer.state.size, replayed(network.engine)
    late = [ours.say(id="n1", action="confirmed"), ours.say(id="later")]
    done = threading.Event()

    def meanwhile(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("SELECT") and not done.is_set():
            done.set()
            writing = threading.Thread(target=commit, args=(network.writer, *late))
            writing.start()
            writing.join(30)

    engine = reading(network.engine)
    event.listen(engine, "after_cursor_execute", meanwhile)
    digests = Digests()
    state = asked(digests, engine)
    event.remove(engine, "after_cursor_execute", meanwhile)
    assert network.writer.state.size == size + 2, "the batch was committed meanwhile"
    assert (state.size, state.state, state.rows) == (size, plain_state(before), 4)
    assert_right(asked(digests, network.engine), network.engine)


def test_the_log_s_root_is_that_of_its_tokens(network: Published) -> None:
    network.publish("need")
    for size in range(network.writer.state.size + 1):
        with reading(network.engine).connect() as connection:
            assert log_root(connection, size) == plain_root(log_tokens(network.engine, size))


@given(events=st.integers(0, 10**7), rows=st.integers(0, 10**7), waited=st.floats(0, 10**6), more=st.floats(0, 10**5))
def test_a_statement_costs_at_most_two_lines_an_event_or_500_lines_a_second(
    events: int, rows: int, waited: float, more: float
) -> None:
    if is_due(events, rows, waited):
        hashed = min(rows + events, (rows / BUCKETS) * min(events, BUCKETS) + events)
        assert hashed <= max(2 * events, 500 * waited + events)
        assert events >= LEAST_EVENTS or waited >= PATIENCE_SECONDS
        assert is_due(events, rows, waited + more)


def test_every_change_is_stated_in_the_end() -> None:
    for rows in (0, 1000, 10**6):
        assert is_due(1, rows, PATIENCE_SECONDS + rows / 500 + 1)
        assert is_due(max(LEAST_EVENTS, rows), rows, 0.0)
        assert not is_due(max(LEAST_EVENTS, rows) - 1, rows, PATIENCE_SECONDS - 1)
