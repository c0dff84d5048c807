"""Tests of wire/lines.py: lines come out whole however the bytes were parted, and none is held without bound."""

import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire.lines import Endless, lines


def cut(*parts: bytes, most: int = 100) -> list[str]:
    return list(lines(parts, most, 60.0))


@given(st.lists(st.sampled_from([b"a", b"\r", b"\n", b"\r\n", "é".encode(), b"", b"\x85"]), max_size=12), st.data())
def test_lines_are_the_same_however_the_bytes_are_parted(pieces: list[bytes], data: st.DataObject) -> None:
    whole = b"".join(pieces)
    places = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=6)))
    parts = [whole[start:end] for start, end in zip([0, *places], [*places, len(whole)], strict=True)]
    expected = [line.decode("utf-8", "replace") for line in re.split(rb"\r\n|\n|\r", whole)[:-1]]
    assert cut(*parts) == expected


def test_a_line_is_given_when_it_ends_and_an_unfinished_one_never() -> None:
    came: list[str] = []

    def parts() -> Iterator[bytes]:
        yield b"one\r"
        assert came == ["one"]
        yield b"\ntwo\nthree"

    came.extend(lines(parts(), 100, 60.0))
    assert came == ["one", "two"]


@pytest.mark.parametrize("parts", [(b"x" * 101,), (b"x" * 101 + b"\n",), (b"x" * 60, b"x" * 60), (b"x",) * 101])
def test_a_line_that_is_too_long_is_not_held(parts: tuple[bytes, ...]) -> None:
    with pytest.raises(Endless, match="more than 100 bytes"):
        cut(*parts)
    assert cut(b"x" * 100 + b"\n", b"y" * 100 + b"\n") == ["x" * 100, "y" * 100]


def test_a_line_that_never_ends_takes_no_longer_than_it_may() -> None:
    with pytest.raises(Endless, match="had not ended"):
        list(lines([b"x", b"x"], 100, -1.0))
    assert list(lines([b"x\n", b"\n"], 100, -1.0)) == ["x", ""]
