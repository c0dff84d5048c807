"""The hub's metrics: what they say follows what there is, with few labels and without counting rows."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import event

from hub import checkpoints
from hub.metrics import METRICS, hub_metrics, subscription_metrics
from hub.node_states import State
from hub.subscriptions.figures import Figures
from hub.subscriptions.tables import outcomes
from tests.hub.published import Published
from tests.signed_network import key_of, message_of, need
from wire.checkpoint import Checkpoint
from wire.reasons import Reason

AT = "2026-11-24T12:00:00.000Z"


def values(network: Published, split_views: int = 0, seconds: float = 0) -> dict[str, Any]:
    """The metrics without labels by name, those with one by name and label."""
    registry, now = network.writer.state.registry, datetime.fromisoformat(AT) + timedelta(seconds=seconds)
    found: dict[str, Any] = {}
    with network.engine.connect() as connection:
        metrics = hub_metrics(connection, registry, network.tail.size, split_views, now)
    assert set(metrics) <= set(METRICS)
    for name, samples in metrics.items():
        for labels, value in samples:
            found["/".join((name.removeprefix("liaison_hub_"), *labels))] = value
    return found


def test_log_and_checkpoint_are_told_apart(small_network: Published) -> None:
    small_network.publish("need", need())
    before = values(small_network)
    assert (before["log_entries"], before["checkpoint_entries"]) == (small_network.tail.size, 0)
    assert "checkpoint_age_seconds" not in before
    with small_network.engine.begin() as connection:
        checkpoints.keep(connection, Checkpoint("x/log", 2, bytes(32)), b"note", AT, quorum=True)
        checkpoints.keep(connection, Checkpoint("x/log", 3, bytes(32)), b"note", AT, quorum=False)
    after = values(small_network, seconds=75)
    assert (after["checkpoint_entries"], after["checkpoint_age_seconds"]) == (2, 75.0)


def test_nodes_are_counted_in_every_state_that_there_is(small_network: Published) -> None:
    small_network.admit("xa-centre")
    small_network.admit("xb-office")
    found = {name: value for name, value in values(small_network).items() if name.startswith("nodes/")}
    assert set(found) == {f"nodes/{state}" for state in State}
    assert sum(found.values()) == 2


def test_refusals_are_counted_by_reason_with_their_repetitions(small_network: Published) -> None:
    author = small_network.admit("xa-centre")
    forged = [message_of(author.twin().say(need(f"False {n}"), key=key_of("somebody else"))) for n in range(3)]
    for each in [*forged, forged[0]]:
        small_network.deliver(each)
    found = {name: value for name, value in values(small_network).items() if name.startswith("refused_total/")}
    assert found == {f"refused_total/{Reason.UNKNOWN_KEY}": 4}


def test_split_views_are_told(small_network: Published) -> None:
    assert values(small_network, split_views=3)["split_views_total"] == 3


def test_subscriptions_are_told_by_state_deliveries_by_outcome_and_how_long_one_fails(
    small_network: Published,
) -> None:
    now = datetime.fromisoformat(AT) + timedelta(seconds=90)
    with small_network.engine.begin() as connection:
        connection.execute(outcomes.insert().values(outcome="failed", times=3))
        found = subscription_metrics(connection, Figures(Counter({"active": 2}), AT), now)
        idle = subscription_metrics(connection, Figures(), now)
    assert dict(found["liaison_hub_subscriptions"])["active",] == 2
    assert dict(found["liaison_hub_subscriptions"])["paused",] == 0
    assert dict(found["liaison_hub_subscription_deliveries_total"])["failed",] == 3
    assert dict(found["liaison_hub_subscription_deliveries_total"])["delivered",] == 0
    assert found["liaison_hub_subscription_failing_seconds"] == [((), 90.0)]
    assert idle["liaison_hub_subscription_failing_seconds"] == [((), 0.0)]


def test_no_query_counts_rows_or_reads_them_all(small_network: Published) -> None:
    small_network.publish("need", need())
    said: list[str] = []
    event.listen(
        small_network.engine, "before_cursor_execute", lambda _c, _u, statement, *_: said.append(statement.lower())
    )
    values(small_network)
    assert said
    assert [each for each in said if "count(" in each or "sum(" in each] == []
    for name in ("log", "records", "bodies", "quarantine"):
        assert [each for each in said if f"from {name}" in each and "where" not in each] == []
