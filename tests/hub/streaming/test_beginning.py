"""Tests of hub/streaming/beginning.py: where a stream begins, and which cursors are answered with a reset."""

import orjson
import pytest
from starlette.datastructures import URL
from starlette.requests import Request

from hub.filters import Live
from hub.problem_details import Refusal
from hub.streaming.beginning import Beginning, Reset, begin, reset_block

LOG = "exercise.example/log+1a2b3c4d"
SIZE, REPLAY = 100, 40


def ask(last: str | None = None, replay: int = REPLAY, **asked: object) -> Beginning | Reset:
    headers = [] if last is None else [(b"last-event-id", last.encode())]
    request = Request({"type": "http", "headers": headers})
    return begin(request, Live.model_validate(asked), SIZE, LOG, replay)


@pytest.mark.parametrize(
    ("last", "asked", "beginning"),
    [
        (None, {}, Beginning(100)),
        (None, {"after": 98}, Beginning(99)),
        (None, {"after": 99}, Beginning(100)),
        ("98", {"after": 70}, Beginning(99)),
        (None, {"after": 59}, Beginning(60)),  # the oldest of the 40
        (None, {"after": 59, "log": LOG}, Beginning(60)),
        (None, {"snapshot": True}, Beginning(100, snapshot=True, marked=True)),
        ("98", {"snapshot": True}, Beginning(99, marked=True)),
    ],
)
def test_a_stream_begins_where_its_reader_stands(
    last: str | None, asked: dict[str, object], beginning: Beginning
) -> None:
    assert ask(last, **asked) == beginning


@pytest.mark.parametrize(
    ("last", "asked", "reason"),
    [
        ("100", {}, "beyond-log"),
        (None, {"after": 4711}, "beyond-log"),
        ("58", {}, "too-old"),
        (None, {"after": -1}, "too-old"),
        ("70", {"log": "exercise.example/log+99999999"}, "another-log"),
    ],
)
def test_a_cursor_that_cannot_be_served_is_a_reset_that_says_why(
    last: str | None, asked: dict[str, object], reason: str
) -> None:
    found = ask(last, **asked)
    assert isinstance(found, Reset)
    assert found.reason == reason
    assert str(found.after) in found.detail


def test_without_a_limit_nothing_is_too_old() -> None:
    assert ask("0", replay=0) == Beginning(1)
    assert ask(replay=0, after=-1) == Beginning(0)


@pytest.mark.parametrize("last", ["x", "-2", "1.5", "9" * 30, "\N{DIGIT ONE}x"])
def test_what_is_no_index_is_refused(last: str) -> None:
    with pytest.raises(Refusal, match="must be the log index"):
        ask(last)


def test_a_reset_moves_nobody_and_says_how_to_begin_anew() -> None:
    block = reset_block(Reset("too-old", "Why.", 7, 60), URL("http://hub/api/v1/events?after=7&kind=need"), SIZE, LOG)
    lines = block.decode().splitlines()
    assert lines[:2] == ["retry: 60000", "event: reset"]
    assert not [line for line in lines if line.startswith("id:")]
    assert orjson.loads(lines[2].removeprefix("data: ")) == {
        "reason": "too-old", "detail": "Why.", "after": 7, "first": 60, "log": LOG, "log_size": 100,
        "snapshot": "/api/v1/events?kind=need&snapshot=true",
    }  # fmt: skip
