"""What the journeys share: one browser for a file, a hub with the exercise that nobody changes, and a node."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from hub.schema import MIGRATIONS
from node.node import Node
from node.pages.desk import Role
from tests.hub.published import Published
from tests.hub.serving import served
from tests.migrated import migrated_engine
from tests.node.lasting import node  # noqa: F401 - a fixture
from tests.node.pages.asked import api_of
from tests.node.serving import served as node_served
from tests.pages.browsing import chromium
from tests.pages.exercise import publish_exercise


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser."""
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def exercise_network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Published]:
    """A network in which the exercise was played."""
    engine = migrated_engine(tmp_path_factory.mktemp("hub") / "hub.db", MIGRATIONS)
    network = Published(engine)
    publish_exercise(network)
    yield network
    engine.dispose()


@pytest.fixture(scope="module")
def served_hub(exercise_network: Published) -> Iterator[str]:
    """The address of a hub that serves the exercise."""
    with served(exercise_network) as server:
        yield server.address


@pytest.fixture(scope="module")
def served_node(node: Node) -> Iterator[str]:  # noqa: F811 - it asks for the fixture
    """The address of the node, in which a desk officer is logged in."""
    with node_served(api_of(node, Role.OFFICER)) as address:
        yield address
