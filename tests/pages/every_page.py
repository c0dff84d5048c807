"""Opens one page after the other: what axe-core finds on them, and what they wear."""

from collections.abc import Sequence

from playwright.sync_api import Browser, expect

from tests.pages.browsing import DESKTOP, a_page, axe_findings
from tests.pages.worn import worn_on


def look_at(
    browser: Browser, base: str, prefix: str, addresses: Sequence[str], size: dict[str, int]
) -> tuple[list[str], set[str]]:
    """Look at the pages of a service in one language and size; each must have one `h1`, and fit."""
    found, worn = list[str](), set[str]()
    with a_page(browser, base, size) as page:
        for address in addresses:
            page.goto(prefix + address)
            expect(page.locator("h1"), address).to_have_count(1)
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{address} is too wide"
            found += axe_findings(page, colours=size == DESKTOP)  # they are the same in every size and direction
            worn |= worn_on(page)
    return found, worn
