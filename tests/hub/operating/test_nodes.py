"""Tests of hub/operating/nodes.py: what operators see of each node, the same on both databases."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert

from hub.operating.nodes import missing_numbers, operators_nodes
from hub.operating.tables import maintenance, notes
from tests.hub.operating.operators import head, refuse
from tests.hub.published import Published
from tests.signed_network import contact, need, statement_of
from wire.seal import timestamp

NOW = datetime.now(UTC)


@pytest.mark.parametrize(
    ("sequence", "announced", "held", "missing"),
    [
        (5, 5, [], []),
        (5, None, [], []),
        (5, 9, [], [(6, 9)]),
        (5, 9, [7, 8], [(6, 6), (9, 9)]),
        (5, 5, [8], [(6, 7)]),
        (5, 8, [6, 7, 8], []),
        (0, 3, [2], [(1, 1), (3, 3)]),
        (5, 3, [4], []),
    ],
)
def test_what_is_missing_is_told_by_number(
    sequence: int, announced: int | None, held: list[int], missing: list[tuple[int, int]]
) -> None:
    assert missing_numbers(sequence, announced, held) == missing


def test_a_node_that_lacks_everything_has_few_ranges() -> None:
    assert len(missing_numbers(0, 10**9, range(2, 2000, 2))) == 20


def test_a_node_is_shown_with_all_that_it_is_judged_by(network: Published) -> None:
    network.publish("need", need())
    network.publish("contact", contact(), id="c1", marking="TLP:GREEN")
    network.publish("contact", contact(roles=["node_technical"]), id="c2", marking="TLP:GREEN")
    head(network, 5, NOW)
    refuse(network, 2)
    ends = timestamp(NOW + timedelta(hours=2))
    with network.engine.begin() as connection:
        connection.execute(insert(notes), [
            {"organization": "xa-centre", "at": timestamp(NOW), "who": "A", "text": text} for text in ("one", "two")
        ])  # fmt: skip
        window = {"organization": "xa-centre", "begins": timestamp(NOW), "ends": ends, "reason": "Disks.", "who": "A"}
        connection.execute(insert(maintenance).values(window))
    registry = network.writer.state.registry
    with network.engine.connect() as connection:
        [node] = operators_nodes(connection, registry, NOW + timedelta(seconds=1), lambda _: [5])
    assert (node["state"], node["refused_24h"], node["missing"], node["held"]) == (
        "maintenance", {"unknown-key": 2}, [(4, 4)], 1,
    )  # fmt: skip
    assert node["reason"].startswith("Maintenance until ")
    assert "Otherwise refused" in node["reason"]
    assert (node["notes"], node["last_note"]) == (2, "two")
    assert node["maintenance"]["reason"] == "Disks."
    assert (node["contact"]["id"], node["contact"]["technical"]) == ("c2", True)
    assert node["key"]["id"] == registry.members["xa-centre"].keys[-1].key.thumbprint
    assert node["key"]["since"] == statement_of(network.logged()[node["key"]["index"]])["time"]
    assert node["rhythm_seconds"] is not None


def test_the_time_of_a_key_is_that_of_the_entry_that_registered_it(small_network: Published) -> None:
    small_network.admit("xa-centre")
    admitted = small_network.writer.state.registry.members["xa-centre"].admitted_at
    with small_network.engine.connect() as connection:
        [node] = operators_nodes(connection, small_network.writer.state.registry, NOW, lambda _: [])
    assert node["key"]["index"] == admitted == small_network.tail.size - 1, "nothing has been logged since"
    assert node["key"]["since"] is not None


def test_what_is_over_or_not_yet_is_no_maintenance(small_network: Published) -> None:
    small_network.publish("need", need())
    head(small_network, 1, NOW)
    registry = small_network.writer.state.registry
    for begins, ends in ((-2, -1), (1, 2)):
        with small_network.engine.begin() as connection:
            connection.execute(maintenance.delete())
            window = {
                "begins": timestamp(NOW + timedelta(hours=begins)),
                "ends": timestamp(NOW + timedelta(hours=ends)),
            }
            connection.execute(insert(maintenance).values(organization="xa-centre", reason="x", who="A", **window))
            [node] = operators_nodes(connection, registry, NOW, lambda _: [])
        assert node["state"] == "live"


def test_a_blind_hub_knows_only_what_it_need_not_see(small_network: Published) -> None:
    for org in ("xa-centre", "xb-office"):
        small_network.publish("need", need(), org=org)
        head(small_network, 1, NOW, org)
    with small_network.engine.begin() as connection:
        ends = timestamp(NOW + timedelta(hours=1))
        row = {"organization": "xb-office", "begins": timestamp(NOW), "ends": ends, "reason": "x", "who": "A"}
        connection.execute(insert(maintenance).values(row))
        found = operators_nodes(
            connection, small_network.writer.state.registry, NOW, lambda _: [], timestamp(NOW)
        )  # fmt: skip
    assert {node["org"]: node["state"] for node in found} == {"xa-centre": "unknown", "xb-office": "maintenance"}
