"""Tests of hub/operating/refused.py: counts by node and reason, with repetitions, by hour and since the beginning."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from hub.operating.refused import refused_since
from hub.operating.tables import refused_totals
from tests.hub.operating.operators import refuse
from tests.hub.published import Published
from tests.signed_network import key_of, message_of, need


def test_refusals_are_counted_by_node_and_reason_with_their_repetitions(network: Published) -> None:
    refuse(network, 2)
    again = message_of(network.admit("xa-centre").twin().say(need("x"), key=key_of("somebody else")))
    network.deliver(again)
    network.deliver(again)
    refuse(network, 1, "xb-office")
    now = datetime.now(UTC)
    with network.engine.connect() as connection:
        assert refused_since(connection, now - timedelta(hours=1)) == {
            "xa-centre": {"unknown-key": 4}, "xb-office": {"unknown-key": 1},
        }  # fmt: skip
        assert refused_since(connection, now + timedelta(hours=2)) == {}
        totals = {row.organization: row.times for row in connection.execute(select(refused_totals))}
    assert totals == {"xa-centre": 4, "xb-office": 1}
