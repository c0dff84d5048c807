"""The hub's metrics: what each tells, and how it is found, by few queries that take no longer as data grow."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from importlib.metadata import version as installed
from typing import Final

from sqlalchemy import Connection, select

from hub import checkpoints, tables
from hub.following.state import Word
from hub.node_queries import list_nodes
from hub.node_states import State, moment
from hub.operating.measures import OF_OPERATING, Running, operating_samples
from hub.streaming.places import Places
from hub.subscriptions.figures import Figures
from hub.subscriptions.states import Outcome
from hub.subscriptions.states import State as Subscribed
from hub.subscriptions.tables import outcomes
from wire.metrics import Meaning, Samples
from wire.registry import Registry

SOFTWARE: Final = "liaison-network"
METRICS: Final[Mapping[str, Meaning]] = {
    "liaison_hub_log_entries": Meaning("gauge", "Entries of the log."),
    "liaison_hub_checkpoint_entries": Meaning("gauge", "Entries in the newest checkpoint with a quorum of witnesses."),
    "liaison_hub_checkpoint_age_seconds": Meaning(
        "gauge", "Age of that checkpoint; absent before the first. It grows while nothing is logged, too."
    ),
    "liaison_hub_nodes": Meaning("gauge", "Nodes that are in a state, by its word.", ("state",)),
    "liaison_hub_refused_total": Meaning("counter", "Messages that were refused, repetitions too.", ("reason",)),
    "liaison_hub_split_views_total": Meaning(
        "counter", "Statements that name another root of the log than it has here."
    ),
    "liaison_hub_live_readers": Meaning("gauge", "Readers of the live streams now."),
    "liaison_hub_live_readers_dropped_total": Meaning("counter", "Live readers let go because they did not read."),
    "liaison_hub_following": Meaning(
        "gauge", "Of a regional hub: 1 for the word of how it stands to the hub that it follows.", ("state",)
    ),
    "liaison_hub_subscriptions": Meaning("gauge", "Subscriptions that are in a state, by its word.", ("state",)),
    "liaison_hub_subscription_deliveries_total": Meaning(
        "counter", "Attempts to deliver to a webhook or by mail, by what came of it.", ("outcome",)
    ),
    "liaison_hub_subscription_failing_seconds": Meaning(
        "gauge", "For how long the subscription that has failed longest has failed; 0 if none fails."
    ),
    "liaison_hub_build_info": Meaning("gauge", "Always 1; the version is in the label.", ("version",)),
    **OF_OPERATING,
}


def hub_metrics(
    connection: Connection, registry: Registry, size: int, split_views: int, now: datetime, following: str = "",
    running: Running | None = None,
) -> Mapping[str, Samples]:  # fmt: skip
    """Find all of them; `size` is that of the log, `following` the word of a regional hub."""
    newest = checkpoints.newest(connection, quorum=True)
    at = moment(newest.at) if newest else None
    nodes = list_nodes(connection, registry, now)
    states = Counter(node["state"] for node in nodes)
    refused = connection.execute(select(tables.refusals.c.reason, tables.refusals.c.times)).all()
    found: dict[str, Samples] = {
        "liaison_hub_log_entries": [((), size)],
        "liaison_hub_checkpoint_entries": [((), newest.size if newest else 0)],
        "liaison_hub_nodes": [((str(state),), states[str(state)]) for state in State],
        "liaison_hub_refused_total": [((reason,), times) for reason, times in sorted(tuple(row) for row in refused)],
        "liaison_hub_split_views_total": [((), split_views)],
        "liaison_hub_build_info": [((installed(SOFTWARE),), 1.0)],
        **operating_samples(connection, nodes, running or Running(), now),
    }
    if following:
        found["liaison_hub_following"] = [((str(word),), float(word == following)) for word in Word]
    if at is not None:
        found["liaison_hub_checkpoint_age_seconds"] = [((), max(0.0, (now - at).total_seconds()))]
    return found


def subscription_metrics(connection: Connection, figures: Figures, now: datetime) -> Mapping[str, Samples]:
    """Tell about subscriptions; `figures` are those of the worker."""
    times = {row.outcome: row.times for row in connection.execute(select(outcomes))}
    failing = moment(figures.failing_since)
    seconds = 0.0 if failing is None else max(0.0, (now - failing).total_seconds())
    return {
        "liaison_hub_subscriptions": [((str(state),), figures.states[str(state)]) for state in Subscribed],
        "liaison_hub_subscription_deliveries_total": [((str(each),), times.get(str(each), 0)) for each in Outcome],
        "liaison_hub_subscription_failing_seconds": [((), seconds)],
    }


def live_metrics(places: Places) -> Mapping[str, Samples]:
    """Tell about the live streams of this process."""
    return {
        "liaison_hub_live_readers": [((), places.taken)],
        "liaison_hub_live_readers_dropped_total": [((), places.dropped)],
    }
