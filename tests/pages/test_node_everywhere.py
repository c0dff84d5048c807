"""What holds on every page of a node: axe-core finds nothing, in both directions, on a desk and on a phone."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from node.pages.desk import Role
from tests.node.nodes import joined_node
from tests.node.pages.asked import api_of
from tests.node.serving import served
from tests.pages.browsing import DESKTOP, PHONE, a_page, axe_findings

# Every page, with an address that shows something, as somebody with all roles sees it.
PAGES = (
    "/",
    "/no-such-page",
)


@pytest.fixture(scope="module")
def served_node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a node in which somebody with all roles is logged in."""
    node = joined_node(tmp_path_factory.mktemp("node") / "node")
    with served(api_of(node, *Role)) as address:
        yield address
    node.engine.dispose()


@pytest.mark.parametrize(("prefix", "size"), [("/en", DESKTOP), ("/ar", PHONE)], ids=["desktop-en", "phone-ar"])
def test_axe_finds_nothing_on_any_page(browser: Browser, served_node: str, prefix: str, size: dict[str, int]) -> None:
    found: list[str] = []
    with a_page(browser, served_node, size) as page:
        for address in PAGES:
            page.goto(prefix + address)
            assert page.locator("h1").count() == 1, address
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{address} is too wide"
            found += axe_findings(page)
    assert found == []
