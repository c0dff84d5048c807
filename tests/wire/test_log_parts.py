"""Tests of wire/log_parts.py: a part may be wider than was asked for, and must not be narrower or of another form."""

import pytest

from wire.log_parts import LogAway, LogError, PartMissing, cut_bundle, cut_tile, sizes_in
from wire.tiles import bundle


def test_the_first_part_of_a_wider_tile_or_bundle_is_given() -> None:
    assert cut_tile(b"a" * 32 + b"b" * 32, 0, 0, 1) == b"a" * 32
    assert cut_bundle(bundle([b"one", b"two", b"three"]), 0, 2) == [b"one", b"two"]


@pytest.mark.parametrize("data", [b"", b"x" * 31, b"x" * 33])
def test_a_tile_that_is_too_short_or_no_row_of_hashes_is_missing(data: bytes) -> None:
    with pytest.raises(PartMissing, match="32 were expected"):
        cut_tile(data, 0, 0, 1)


@pytest.mark.parametrize("data", [b"", bundle([b"one"]), bundle([b"one", b"two"])[:-1]])
def test_a_bundle_that_is_emptied_cut_or_too_short_is_missing(data: bytes) -> None:
    with pytest.raises(PartMissing, match="bundle 7"):
        cut_bundle(data, 7, 2)


def test_only_sizes_under_a_quorum_are_read_and_what_is_no_page_gives_none() -> None:
    page = {"items": [{"size": 5, "quorum": True}, {"size": 6, "quorum": False}]}
    assert sizes_in(page) == [5]
    for bad in ({}, {"items": [5]}, {"items": 5}, {"items": [{"size": "5", "quorum": True}]}):
        assert sizes_in(bad) is None


def test_both_errors_are_of_one_family() -> None:
    assert issubclass(LogAway, LogError)
    assert issubclass(PartMissing, LogError)
