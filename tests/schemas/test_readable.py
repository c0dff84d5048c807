"""Tests of schemas/readable.py: what others wrote reaches people whole, and terminals unarmed."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.readable import readable, readable_json, readable_line

HARMFUL = ["\x1b", "\x07", "\x00", "\r", "\x7f", "\x9b", "\x85", "\u2028", "\u202e", "\u2066", "\ud800"]


@pytest.mark.parametrize("letter", HARMFUL)
def test_what_a_terminal_would_obey_is_marked(letter: str) -> None:
    assert readable(f"all{letter}[2J holds") == "all\ufffd[2J holds"
    assert readable_line(f"all{letter}[2J holds") == "all\ufffd[2J holds"


@pytest.mark.parametrize("text", ["Besoin : eau", "می‌خواهم", "क्‍ष", "مركز الإغاثة", "👩‍🚒", "A – B"])
def test_every_language_stays_as_it_was_written(text: str) -> None:
    assert readable(text) == readable_line(text) == text


def test_a_text_forges_no_second_line() -> None:
    assert readable("one\n\ttwo") == "one\n\ttwo"
    assert readable_line("one\n\ttwo") == "one  two"


@given(st.text())
def test_json_means_the_same_and_holds_nothing_harmful(text: str) -> None:
    made = readable_json(orjson.dumps({text: [text]}))
    assert orjson.loads(made) == {text: [text]}
    assert readable(made.decode()) == made.decode()
