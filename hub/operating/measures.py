"""Metrics of nodes and operators: what each tells, and how it is found, without counting rows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, select

from hub.node_states import moment
from hub.operating.health import Senses
from hub.operating.tables import refused_totals
from wire.metrics import Meaning, Samples

OF_OPERATING: Final[Mapping[str, Meaning]] = {
    "liaison_hub_node_state": Meaning("gauge", "1 for the state that a node is in, by its word.", ("node", "state")),
    "liaison_hub_node_last_event_timestamp_seconds": Meaning(
        "gauge", "When the last event of a node was logged, in seconds since 1970; absent before the first.", ("node",)
    ),
    "liaison_hub_node_last_head_timestamp_seconds": Meaning(
        "gauge", "When the last head of a node came, in seconds since 1970; absent before the first.", ("node",)
    ),
    "liaison_hub_node_lag_events": Meaning("gauge", "Events that a node has announced and the log lacks.", ("node",)),
    "liaison_hub_node_lag_seconds": Meaning("gauge", "For how long events of a node have been missing.", ("node",)),
    "liaison_hub_node_missing_events": Meaning(
        "gauge", "Events of a node that are missing and have not come early either.", ("node",)
    ),
    "liaison_hub_node_clock_skew_seconds": Meaning("gauge", "A node's clock minus the hub's.", ("node",)),
    "liaison_hub_node_refused_total": Meaning(
        "counter", "Messages of a node that were refused, repetitions too.", ("node", "reason")
    ),
    "liaison_hub_bus_up": Meaning("gauge", "1 while the hub has a connection to the bus, else 0."),
    "liaison_hub_intake_age_seconds": Meaning(
        "gauge", "Since when the intake has not asked the bus for more; absent before the first time."
    ),
    "liaison_hub_log_ins_total": Meaning("counter", "Attempts to log in since the start, by outcome.", ("outcome",)),
    "liaison_hub_acts_total": Meaning("counter", "Acts of operators since the start.", ("act", "outcome")),
}


@dataclass(frozen=True)
class Running:
    """What the running hub knows besides its database; `log_ins` and `acts` are counted since its start."""

    senses: Senses = field(default_factory=Senses)
    held: Callable[[str], Sequence[int]] = lambda _organization: ()
    log_ins: Mapping[str, int] = field(default_factory=dict)
    acts: Mapping[tuple[str, str], int] = field(default_factory=dict)


def operating_samples(
    connection: Connection, nodes: Sequence[Mapping[str, Any]], running: Running, now: datetime
) -> dict[str, Samples]:
    """Find them; `nodes` are as the public sees them."""
    missing = {node["org"]: _missing(node, running.held(node["org"])) for node in nodes}
    refused = connection.execute(select(refused_totals)).all()
    found: dict[str, Samples] = {
        "liaison_hub_node_state": [((node["org"], node["state"]), 1) for node in nodes],
        "liaison_hub_node_last_event_timestamp_seconds": _times(nodes, "last_event"),
        "liaison_hub_node_last_head_timestamp_seconds": _times(nodes, "last_head"),
        "liaison_hub_node_lag_events": [((node["org"],), node["lag_events"]) for node in nodes],
        "liaison_hub_node_lag_seconds": [((node["org"],), node["lag_seconds"]) for node in nodes],
        "liaison_hub_node_missing_events": [((name,), number) for name, number in missing.items()],
        "liaison_hub_node_clock_skew_seconds": [
            ((node["org"],), node["clock_skew"]) for node in nodes if node["clock_skew"] is not None
        ],
        "liaison_hub_node_refused_total": sorted(((row.organization, row.reason), row.times) for row in refused),
        "liaison_hub_bus_up": [((), int(running.senses.bus()))],
        "liaison_hub_log_ins_total": sorted(((str(name),), times) for name, times in running.log_ins.items()),
        "liaison_hub_acts_total": sorted(running.acts.items()),
    }
    pulled = running.senses.intake_at()
    if pulled is not None:
        found["liaison_hub_intake_age_seconds"] = [((), max(0.0, (now - pulled).total_seconds()))]
    return found


def _missing(node: Mapping[str, Any], held: Sequence[int]) -> int:
    early = sum(node["sequence"] < number <= (node["head_sequence"] or 0) for number in held)
    return max(0, int(node["lag_events"]) - int(early))


def _times(nodes: Sequence[Mapping[str, Any]], name: str) -> Samples:
    found = ((node["org"], moment(node[name])) for node in nodes)
    return [((org,), at.timestamp()) for org, at in found if at is not None]
