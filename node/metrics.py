"""The node's metrics: what each tells, and how it is found, by few queries that take no longer as data grow."""

from collections.abc import Mapping
from datetime import datetime
from importlib.metadata import version as installed
from typing import Final

from node.alarms import Name
from node.node import Node
from node.progress import Alarm
from wire.metrics import Meaning, Samples

SOFTWARE: Final = "liaison-network"
METRICS: Final[Mapping[str, Meaning]] = {
    "liaison_node_alarm": Meaning("gauge", "1 while an alarm of this name stands, 0 otherwise.", ("alarm",)),
    "liaison_node_outbox_events": Meaning("gauge", "Events that no quorum of witnesses proves to be logged yet."),
    "liaison_node_outbox_oldest_seconds": Meaning("gauge", "Age of the oldest of them; 0 if none waits."),
    "liaison_node_log_read_entries": Meaning("gauge", "Entries of the log that were read."),
    "liaison_node_cosigned_entries": Meaning("gauge", "Entries in the largest checkpoint that was cosigned."),
    "liaison_node_bus_up": Meaning("gauge", "1 while there is a connection to the bus."),
    "liaison_node_build_info": Meaning("gauge", "Always 1; the version is in the label.", ("version",)),
}


def node_metrics(node: Node, now: datetime) -> Mapping[str, Samples]:
    """Find all of them."""
    standing = node.log.standing()
    chain, cosigned = node.reading.chain(), node.log.cosigned()
    if chain.alarm is not None:
        standing.add(chain.alarm)
    events, oldest = node.outbox.waiting()
    age = 0.0 if oldest is None else max(0.0, (now - datetime.fromisoformat(oldest)).total_seconds())
    return {
        "liaison_node_alarm": [((str(name),), float(name in standing)) for name in (*Name, *Alarm)],
        "liaison_node_outbox_events": [((), events)],
        "liaison_node_outbox_oldest_seconds": [((), age)],
        "liaison_node_log_read_entries": [((), node.log.position().size)],
        "liaison_node_cosigned_entries": [((), cosigned.size if cosigned else 0)],
        "liaison_node_bus_up": [((), float(node.outbox.relay().bus == "up"))],
        "liaison_node_build_info": [((installed(SOFTWARE),), 1.0)],
    }
