"""A hub, its bus and a node as processes, and the people of the node, for journeys that end in the global view."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from node.node import Node, build
from node.pages.desk import Role
from node.settings import SETTINGS_FILE
from people.log_ins import From
from tests.network import LiveNetwork, live_network
from tests.people.desks import PASSWORD

ORG = "xa-centre"
OFFICER, REVIEWER, ADMINISTRATOR = "amina", "birgit", "chen"
_PEOPLE = {
    OFFICER: ("Amina Warsame", Role.OFFICER),
    REVIEWER: ("Birgit Holm", Role.REVIEWER),
    ADMINISTRATOR: ("Chen Li", Role.ADMINISTRATOR),
}


@dataclass(frozen=True)
class LiveNode:
    """`node` opens the database that the node's process serves, as any command beside it does."""

    network: LiveNetwork
    node: Node

    @property
    def address(self) -> str:
        """Where the node's pages are."""
        return self.network.nodes[ORG].url

    @property
    def hub(self) -> str:
        """Where the hub's pages are."""
        return self.network.hub.url


@contextmanager
def live_node(directory: Path) -> Iterator[LiveNode]:
    """Run the network until the end of the block: a node that knows its hub's pages, with one person for each role."""
    with live_network(directory, ORG, start=False) as network:
        place = network.node_dir(ORG)
        settings = place / SETTINGS_FILE
        settings.write_text(settings.read_text("utf-8").replace('hub = ""', f'hub = "{network.hub.url}"'), "utf-8")
        network.start()
        node = build(place)
        for name, (person, role) in _PEOPLE.items():
            code = node.people.add("command", name, [role], person=person)
            node.people.log_ins.by_code(code, PASSWORD, From("192.0.2.1"))
        yield LiveNode(network, node)
        node.engine.dispose()
