"""Tests of hub/streaming/places.py: nobody takes the places of all others, and a place that is left is free again."""

import pytest

from hub.problem_details import Refusal
from hub.streaming.places import Places, reader_address


def test_when_all_places_are_taken_the_next_reader_is_told_when_to_come_again() -> None:
    places = Places(most=2, per_address=0)
    with places.take("192.0.2.1"):
        with places.take("192.0.2.1"), pytest.raises(Refusal, match="2 readers follow") as full, places.take("x"):
            pass
        assert (full.value.status, full.value.headers) == (503, {"Retry-After": "30"})
        with places.take("192.0.2.2"):
            assert places.taken == 2
    assert places.taken == 0


def test_one_address_has_its_share_and_no_more() -> None:
    places = Places(most=10, per_address=1)
    with places.take("192.0.2.1"):
        with pytest.raises(Refusal, match="1 streams are open") as refused, places.take("192.0.2.1"):
            pass
        assert (refused.value.status, refused.value.name) == (429, "too-many-streams-from-here")
        with places.take("192.0.2.2"):
            pass
    with places.take("192.0.2.1"):
        pass


@pytest.mark.parametrize(
    ("peer", "counted"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("testclient", "testclient"),
    ],
)
def test_a_reader_is_counted_by_where_it_comes_from_and_not_by_what_it_says(peer: str, counted: str) -> None:
    headers = [(b"x-forwarded-for", b"198.51.100.7")]
    assert reader_address({"client": (peer, 1), "headers": headers}) == counted


def test_a_connection_without_an_address_is_counted_too() -> None:
    assert reader_address({"client": None}) == "unknown"
