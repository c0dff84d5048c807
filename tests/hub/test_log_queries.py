"""Tests of log_queries: entries by key and day on both databases."""

from hub.log_queries import Span, day_span, entry_at, entry_of, key_spans, list_entries
from tests.hub.published import Published
from tests.hub.signing import sign
from tests.signed_network import key_of, need


def test_entries_are_found_by_place_organization_and_span(network: Published) -> None:
    for number in range(3):
        network.publish("need", need(), id=f"n{number}")
    with network.engine.connect() as connection:
        assert [each.index for each in list_entries(connection, "xa-centre", [], None, 2)] == [4, 3]
        assert [each.index for each in list_entries(connection, None, [Span(1, 3), Span(4, None)], None, 9)] == [
            4,
            2,
            1,
        ]
        second = entry_of(connection, "xa-centre", 2)
        assert second == entry_at(connection, 3)
        assert second is not None
        assert second.key == key_of("xa-centre").public.thumbprint
        assert entry_at(connection, 99) is None


def test_a_day_is_what_its_checkpoints_cover_and_a_key_has_its_range(network: Published) -> None:
    network.publish("need", need(), id="n1")
    size = sign(network)
    registry = network.writer.state.registry
    with network.engine.connect() as connection:
        assert day_span(connection, "2026-11-23") == Span(0, size)
        assert day_span(connection, "2026-11-24") is None
        assert day_span(connection, "2026-11-22") is None
    assert key_spans(registry, key_of("xa-centre").public.thumbprint) == ("xa-centre", [Span(2, None)])
    assert key_spans(registry, "none") is None
