"""A record is found by its address through a narrow index, also where two addresses share a number."""

import pytest
from sqlalchemy import Engine

from hub import addresses, store
from hub.addresses import number_at, tag_of_address
from tests.hub.batches import view_of_all
from tests.hub.finding.plans import asked_of, plan_of
from tests.hub.published import Published
from tests.signed_network import need

ONE = ("need", "ke-nctc", "n1")


def _found(engine: Engine, *address: str) -> list[int]:
    with engine.connect() as connection:
        return list(connection.scalars(number_at(*address)))


def test_addresses_have_numbers_of_eight_bytes_that_differ_in_each_part() -> None:
    numbers = [
        tag_of_address(*address) for address in (ONE, ("offer", *ONE[1:]), ("need", "fr-x", "n1"), (*ONE[:2], "n2"))
    ]
    assert len(set(numbers)) == 4
    assert all(-(2**63) <= number < 2**63 for number in numbers)


def test_a_record_is_found_without_reading_the_others(network: Published) -> None:
    for number in range(50):
        network.publish("need", need(f"No. {number}"), org="ke-nctc", id=f"n{number}")
    assert len(_found(network.engine, *ONE)) == 1
    with network.engine.connect() as connection:
        with asked_of(connection, "records.tag =") as asked:
            connection.execute(number_at(*ONE))
        [question] = asked
        plan = plan_of(connection, question)
    assert "records_by_address" in plan, plan
    assert "SCAN records" not in plan, plan


def test_records_whose_addresses_share_a_number_are_told_apart(
    network: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (addresses, store):
        monkeypatch.setattr(module, "tag_of_address", lambda *_: 7)
    for number in range(3):
        network.publish("need", need(f"No. {number}"), org="ke-nctc", id=f"n{number}")
    network.publish("need", need("Anew"), org="ke-nctc", id="n1", action="revised")
    network.withdraw("need", org="ke-nctc", id="n2")
    assert [len(_found(network.engine, "need", "ke-nctc", f"n{number}")) for number in range(4)] == [1, 1, 1, 0]
    titles = {row[3]: (row[9], bool(row[7])) for row in view_of_all(network.engine)["records"]}
    assert titles == {"n0": ("No. 0", False), "n1": ("Anew", False), "n2": ("No. 2", True)}
