"""An administrator's journey in a browser: the checks, a rotation of the key, and the trail of it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from node.node import Node
from node.pages.desk import Role
from tests.node.nodes import joined_node
from tests.node.pages.asked import api_of
from tests.node.serving import served
from tests.pages.browsing import DESKTOP, a_page


@pytest.fixture
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    made = joined_node(tmp_path_factory.mktemp("node") / "node")
    yield made
    made.engine.dispose()


def test_an_administrator_looks_what_is_wrong_rotates_the_key_and_finds_it_in_the_trail(
    browser: Browser, node: Node
) -> None:
    following = node.keys.following(node.reading.in_use()).public.thumbprint
    with served(api_of(node, Role.ADMINISTRATOR)) as address, a_page(browser, address, DESKTOP) as page:
        page.goto("/en/connection")
        page.get_by_text("Nothing answers at nats://127.0.0.1:1.").wait_for()
        page.get_by_role("link", name="Keys", exact=True).click()
        page.get_by_role("link", name="Begin a rotation").click()
        page.get_by_role("heading", name="Go over to the next key?").wait_for()
        page.get_by_role("button", name="Rotate").click()
        page.get_by_role("status").get_by_text("Done: the next key speaks").wait_for()
        assert page.locator("dd").first.inner_text() == following
        page.get_by_role("link", name="Outbox", exact=True).click()
        page.get_by_role("cell", name="another key").wait_for()
        page.get_by_role("link", name="Trail", exact=True).click()
        page.get_by_text("key.rotated").first.wait_for()
