"""Tests of cursors: what was made is read again, and nothing else is."""

import pytest

from node.store.grid_cursor import BadCursor, make_cursor, read_cursor


@pytest.mark.parametrize("values", [["Zürich", 7], ["a", "b", 2**40]], ids=["two", "three"])
def test_a_cursor_is_read_as_it_was_made(values: list[str | int]) -> None:
    text = make_cursor(values)
    assert text.isascii()
    assert read_cursor(text, len(values)) == values
    with pytest.raises(BadCursor):
        read_cursor(text, len(values) + 1)


@pytest.mark.parametrize("text", ["x", "W10", "bnVsbA", "WyJhIiwgImIiXQ", "WzEsIDJd", "ü"])
def test_what_is_no_cursor_is_none(text: str) -> None:
    with pytest.raises(BadCursor):
        read_cursor(text, 2)
