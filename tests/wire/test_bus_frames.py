"""Whole messages come out as they went in, wherever the bytes were cut; everything else is left where it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire.bus_frames import MAX_WAITED_FOR, Arrived, whole_messages

WORDS = st.sampled_from((b"events.ke-nctc.need", b"5", b"12", b"$JS.ACK.EVENTS.hub-intake.1.2.3.4.5", b"HMSG"))
HEADERS = st.binary(max_size=20).map(lambda text: b"NATS/1.0\r\nA: " + text + b"\r\n\r\n")
BODIES = st.binary(max_size=30) | st.sampled_from((b"\r\n", b"MSG a 1 1\r\nx\r\n", b"PING\r\n", b"x" * 2000))
MESSAGES = st.builds(Arrived, st.integers(0, 10**6), WORDS, st.just(b"") | WORDS, st.just(b"") | HEADERS, BODIES)


def framed(message: Arrived) -> bytes:
    """The bytes in which the server sends a message."""
    number, subject, reply, headers, body = message
    words = [b"HMSG" if headers else b"MSG", subject, b"%d" % number, *([reply] if reply else [])]
    sizes = [b"%d" % len(headers)] * bool(headers) + [b"%d" % len(headers + body)]
    return b" ".join((*words, *sizes)) + b"\r\n" + headers + body + b"\r\n"


@given(st.lists(MESSAGES, max_size=6))
def test_messages_come_out_as_they_went_in(messages: list[Arrived]) -> None:
    data = b"".join(map(framed, messages))
    assert whole_messages(data) == (messages, len(data), False)


@given(st.lists(MESSAGES, max_size=3), MESSAGES, st.data())
def test_a_message_that_is_not_all_there_is_left_at_its_beginning(
    before: list[Arrived], last: Arrived, data: st.DataObject
) -> None:
    whole, begun = b"".join(map(framed, before)), framed(last)
    cut = data.draw(st.integers(0, len(begun) - 1))
    arrived, place, wait = whole_messages(whole + begun[:cut])
    assert (arrived, place) == (before, len(whole))
    assert wait == (b"\r\n" in begun[:cut])


@pytest.mark.parametrize(
    "other",
    [
        b"PING\r\n",
        b"+OK\r\n",
        b"INFO {}\r\n",
        b"-ERR 'Stale Connection'\r\n",
        b"MSG  a 1 1\r\nx\r\n",
        b"msg a 1 1\r\nx\r\n",
        b"MSG a 1 x\r\n",
        b"MSG a 1 1\r\nxy\r\n",
        b"HMSG a 1 5 3\r\nabcde\r\n",
        b"HMSG a 1 5\r\nabcde\r\n",
        b"MSG a 1 " + b"9" * 30 + b"\r\n",
    ],
)
def test_anything_else_is_left_to_others(other: bytes) -> None:
    message = Arrived(1, b"a", b"", b"", b"b")
    assert whole_messages(framed(message) + other) == ([message], len(framed(message)), False)


def test_what_is_long_in_coming_is_not_waited_for_here() -> None:
    line = b"MSG a 1 %d\r\n"
    assert whole_messages(line % MAX_WAITED_FOR)[2]
    assert not whole_messages(line % (MAX_WAITED_FOR + 1))[2]
