"""Tests of hub/operating/watching.py: when states changed, what is not known, and how each hour went."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, func, select

from hub.operating import watching
from hub.operating.tables import node_hours, refused_hours, state_changes
from hub.operating.watching import histories, history, hours, watch
from tests.hub.operating.operators import head, refuse
from tests.hub.published import Published
from tests.signed_network import need

NOW = datetime.now(UTC).replace(minute=30)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def look(network: Published, at: datetime, blind: str | None = None) -> int:
    return watch(network.engine, network.writer.state.registry, at, blind)


def states(engine: Engine, organization: str = "xa-centre") -> list[str]:
    with engine.connect() as connection:
        return [each["state"] for each in history(connection, organization, NOW - 90 * DAY)]


def test_a_state_is_kept_when_its_word_changes_and_not_before(network: Published) -> None:
    network.publish("need", need())
    assert look(network, NOW) == 1
    assert look(network, NOW + MINUTE) == 0
    head(network, 1, NOW + MINUTE)
    assert look(network, NOW + MINUTE) == 1
    assert look(network, NOW + 2 * MINUTE) == 0
    assert look(network, NOW + 3 * MINUTE) == 1
    assert states(network.engine) == ["silent", "live", "silent"]


def test_what_was_while_nobody_looked_is_not_known(network: Published) -> None:
    network.publish("need", need())
    head(network, 1, NOW)
    look(network, NOW)
    head(network, 1, NOW + HOUR)
    look(network, NOW + HOUR)
    assert states(network.engine) == ["live", "unknown", "live"]
    with network.engine.connect() as connection:
        changes = history(connection, "xa-centre", NOW - DAY)
    assert changes[1]["since"].startswith(f"{NOW:%Y-%m-%dT%H:%M}")


def test_a_blind_hub_knows_nothing_and_says_why(small_network: Published) -> None:
    small_network.publish("need", need())
    head(small_network, 1, NOW)
    look(small_network, NOW)
    look(small_network, NOW + MINUTE, "The hub has no connection to the bus.")
    assert states(small_network.engine) == ["live", "unknown"]
    look(small_network, NOW + MINUTE + timedelta(seconds=10))
    assert states(small_network.engine)[-1] == "live"


def test_a_history_begins_with_the_state_that_held_then(small_network: Published) -> None:
    small_network.publish("need", need())
    look(small_network, NOW - 95 * DAY)
    head(small_network, 1, NOW - MINUTE)
    look(small_network, NOW - MINUTE)
    with small_network.engine.connect() as connection:
        assert [state for _, state in histories(connection, NOW - 90 * DAY)["xa-centre"]] == ["unknown", "live"]
        assert history(connection, "xa-centre", NOW - 90 * DAY)[0]["state"] == "unknown", "nobody looked for days"


def test_hours_tell_how_many_events_came_and_where_nobody_looked(network: Published) -> None:
    network.publish("need", need())
    look(network, NOW - 3 * HOUR)
    network.publish("need", need(), id="r2")
    network.publish("need", need(), id="r3")
    look(network, NOW - 2 * HOUR)
    look(network, NOW)
    with network.engine.connect() as connection:
        found = hours(connection, NOW)["xa-centre"]
    assert (len(found), found[-4:]) == (24, [None, 2, None, None])


def test_what_is_older_than_is_shown_is_let_go_but_never_the_last_state(
    small_network: Published,
) -> None:
    small_network.publish("need", need())
    refuse(small_network)
    look(small_network, NOW - 200 * DAY)
    look(small_network, NOW + 200 * DAY)
    with small_network.engine.connect() as connection:
        kept = [
            connection.scalar(select(func.count()).select_from(table))
            for table in (state_changes, node_hours, refused_hours)
        ]
    # Silent then, unknown between, refused now: the last one stays, and what is about today.
    assert kept[1:] == [1, 0]
    assert states(small_network.engine)[-1] == "refused"
    assert watching.BLIND_AFTER.total_seconds() > watching.EVERY_SECONDS
