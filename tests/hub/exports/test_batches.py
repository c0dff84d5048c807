"""Tests of hub/exports/batches.py: each record once, none lost, whatever happens while somebody reads."""

import pytest

from hub.access import Role
from hub.exports.batches import matching, with_record
from hub.filters import Filters
from hub.problem_details import Refusal
from hub.reading import Reading
from tests.hub.published import Published
from tests.signed_network import NETWORK, TRUST, need


def reading_of(network: Published) -> Reading:
    return Reading(network.engine, NETWORK, TRUST.to_bytes(), lambda: network.writer.state.registry, network.tail)


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.exports.batches.MAX_LIMIT", 2)


def test_a_record_that_is_revised_while_others_are_read_comes_once_and_none_is_lost(network: Published) -> None:
    for number in range(5):
        network.publish("need", need(f"Need {number}"), id=f"n{number}")
    batches = matching(reading_of(network), Filters(kind=["need"]), Role.PUBLIC)
    first = next(batches)
    network.publish("need", need("Read before"), id="n0", action="revised")
    network.publish("need", need("Not read yet"), id="n4", action="revised")
    rest = [item for batch in batches for item in batch]
    assert [item["id"] for item in [*first, *rest]] == ["n0", "n1", "n2", "n3", "n4"]
    assert rest[-1]["record"]["title"] == {"en": "Not read yet"}


def test_batches_hold_what_the_filter_chooses_and_the_role_sees(small_network: Published) -> None:
    small_network.publish("need", need("For all"), id="n1")
    small_network.publish("need", need("For members"), id="n2", marking="TLP:GREEN")
    found = {
        role: [
            item["id"] for batch in matching(reading_of(small_network), Filters(place=["KEN"]), role) for item in batch
        ]
        for role in (Role.PUBLIC, Role.MEMBER)
    }
    assert found == {Role.PUBLIC: ["n1"], Role.MEMBER: ["n1", "n2"]}


def test_who_loses_access_meanwhile_gets_no_more(small_network: Published) -> None:
    for number in range(4):
        small_network.publish("need", need(), id=f"n{number}", marking="TLP:GREEN")
    let_in = True
    batches = matching(reading_of(small_network), Filters(), Role.MEMBER, lambda: let_in)
    assert len(next(batches)) == 2
    let_in = False
    with pytest.raises(Refusal, match="Your access ended while this was read"):
        next(batches)


def test_what_has_no_fields_any_more_is_left_out_with_its_batch() -> None:
    erased, whole = {"status": "erased"}, {"status": "current", "record": {"title": {"en": "x"}}}
    assert list(with_record(iter([[erased], [erased, whole]]))) == [[whole]]
