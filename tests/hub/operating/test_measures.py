"""Tests of hub/operating/measures.py: figures of each node, and of the hub that sees them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hub.node_queries import list_nodes
from hub.operating.health import Senses
from hub.operating.measures import OF_OPERATING, Running, operating_samples
from tests.hub.operating.operators import head, refuse
from tests.hub.published import Published
from tests.signed_network import need

NOW = datetime.now(UTC)


def test_each_node_is_measured_by_its_name(network: Published) -> None:
    network.publish("need", need())
    network.admit("xb-office")
    head(network, 4, NOW - timedelta(seconds=20), skew=-7)
    head(network, 4, NOW, skew=-7)
    refuse(network, 2, "xb-office")
    running = Running(
        Senses(bus=lambda: False, intake_at=lambda: NOW - timedelta(seconds=9)), lambda _: [3],
        {"wrong password": 2}, {("note", "done"): 1},
    )  # fmt: skip
    with network.engine.connect() as connection:
        nodes = list_nodes(connection, network.writer.state.registry, NOW)
        samples = operating_samples(connection, nodes, running, NOW)
    found: dict[str, Any] = {
        "/".join((name.removeprefix("liaison_hub_"), *labels)): value
        for name, each in samples.items()
        for labels, value in each
    }
    assert set(samples) == set(OF_OPERATING)
    assert found["node_state/xb-office/refused"] == 1
    assert (found["node_lag_events/xa-centre"], found["node_missing_events/xa-centre"]) == (3, 2)
    assert found["node_lag_seconds/xa-centre"] == 20
    assert found["node_clock_skew_seconds/xa-centre"] == -7
    assert "node_clock_skew_seconds/xb-office" not in found
    assert found["node_refused_total/xb-office/unknown-key"] == 2
    assert abs(found["node_last_head_timestamp_seconds/xa-centre"] - NOW.timestamp()) < 1
    assert (found["bus_up"], found["intake_age_seconds"]) == (0, 9)
    assert (found["log_ins_total/wrong password"], found["acts_total/note/done"]) == (2, 1)
