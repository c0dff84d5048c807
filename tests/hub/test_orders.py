"""Orders judged against the log: found by record, or in a whole chain where the roots order it."""

import pytest
from sqlalchemy import Connection

from hub.decide import Outcome
from hub.destroying import write_erasures
from hub.entries import Erasure
from hub.erased_list import ErasedList
from hub.orders import Orders
from schemas.problems import Problem
from tests.hub.batches import restarted
from tests.hub.erasing import ADDRESS, NAME, SECRET, client, order, say
from tests.hub.published import Published
from tests.signed_network import contact, need
from wire.actions import BadAction, ErasureOrdered, Suspended
from wire.encoding import b64url
from wire.erasure import Order
from wire.seal import Sealed


def judged(connection: Connection, network: Published, order: Order, index: int | None = None) -> Erasure | Problem:
    number = network.writer.state.speakers[NAME].number
    orders = Orders(connection, ErasedList(), [])
    return orders.order(order, b"o" * 32, network.writer.state.size if index is None else index, number)


def hashes(*sealed: Sealed) -> tuple[bytes, ...]:
    return tuple(each.hash for each in sealed)


def test_the_roots_may_order_what_an_organization_cannot_order_itself(network: Published) -> None:
    first = say(network)
    office = network.admit(NAME).say(contact(), kind="contact", id="c1", marking="TLP:GREEN")
    network.deliver(office)
    with network.engine.begin() as connection:
        found = judged(connection, network, Order(NAME, None, hashes(first, office)))
        assert isinstance(found, Erasure)
        assert [each.subject for each in found.statements] == [ADDRESS, f"contact/{NAME}/c1"]
        write_erasures(connection, Outcome(erasures=[found]))
    assert SECRET.encode() not in client(network).get("/api/v1/records?status=erased&status=current").content
    assert client(network).get(f"/api/v1/records/{ADDRESS}").status_code == 410


def test_attack_an_order_that_stands_before_what_it_names_has_no_effect(network: Published) -> None:
    """So the same order has the same effect for whoever reads the log later, when more is in it."""
    first = say(network)
    at = network.writer.state.size - 1
    with network.engine.begin() as connection:
        assert isinstance(judged(connection, network, Order(NAME, ADDRESS, hashes(first)), at), Problem)
        assert isinstance(judged(connection, network, Order(NAME, ADDRESS, hashes(first)), at + 1), Erasure)


def test_a_version_that_was_left_out_is_found_too(network: Published) -> None:
    first = say(network, record=need(weight=1))
    second = say(network)
    third = say(network, record=need(weight=1), action="revised")
    with network.engine.begin() as connection:
        found = judged(connection, network, Order(NAME, ADDRESS, hashes(first, second, third)))
        assert isinstance(found, Erasure)


def test_a_chain_of_another_organization_is_not_looked_through(network: Published) -> None:
    theirs = network.admit("fr-office").say()
    network.deliver(theirs)
    say(network)
    with network.engine.begin() as connection:
        found = judged(connection, network, Order(NAME, None, hashes(theirs)))
        assert isinstance(found, Problem)
        assert "/statements/0" in found.pointer


def registered(network: Published, *statements: bytes) -> None:
    network.register(
        ErasureOrdered(
            **network.roots.place(), organization=NAME, statements=list(map(b64url, statements)), reason="It is lost."
        )
    )


def test_the_roots_order_is_carried_out_and_confirmed(network: Published) -> None:
    first = say(network)
    index = network.writer.state.size
    registered(network, first.hash)
    assert client(network).get(f"/api/v1/records/{ADDRESS}").json()["ordered_at"] == index
    [order] = client(network).get("/api/v1/erasures").json()["items"]
    assert (order["index"], order["by"], order["org"], order["record"]) == (index, "registry", NAME, None)
    assert order["statements"] == [b64url(first.hash)]
    assert order["confirmed"] == [{"org": "hub", "index": index + 1}]
    again = restarted(network.engine)
    assert again.state.size == network.writer.state.size


def test_attack_the_roots_cannot_order_what_is_not_that_organization_s(network: Published) -> None:
    theirs = network.admit("fr-office").say()
    network.deliver(theirs)
    say(network)
    size = network.writer.state.size
    with pytest.raises(BadAction, match="/statements/0"):
        registered(network, theirs.hash)
    assert network.writer.state.size == size


def test_a_suspended_organization_may_still_order_erasure(network: Published) -> None:
    first = say(network)
    network.register(Suspended(**network.roots.place(), organization=NAME, reason="For now."))
    order(network, first)
    assert client(network).get(f"/api/v1/records/{ADDRESS}").status_code == 410
