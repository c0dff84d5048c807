"""An operator logs in, finds a silent node and a refused event, acts on both, and all of it is in the trail."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from hub.accounts import people
from hub.operating.health import Senses
from hub.schema import MIGRATIONS
from tests.hub.operating.operators import Office, head
from tests.hub.published import Published
from tests.hub.serving import served
from tests.migrated import migrated_engine
from tests.pages.browsing import DESKTOP, PHONE, a_page, axe_findings
from tests.signed_network import need
from wire.actions import Suspended

PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def troubled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """A hub's address and an operator's code: one node is live, one silent, one suspended with an event refused."""
    engine = migrated_engine(tmp_path_factory.mktemp("operated") / "hub.db", MIGRATIONS)
    network = Published(engine)
    now = datetime.now(UTC)  # the hub's clock stands still: no head grows old however slowly the test runs
    for org in ("xa-centre", "xb-office", "xc-office"):
        network.publish("need", need(), org=org)
    for org, age in (("xa-centre", 0), ("xb-office", 600), ("xc-office", 0)):
        head(network, 1, now - timedelta(seconds=age), org)
    # The page This hub examines a directory in which nothing is as it should be.
    office = Office(network, senses=Senses(directory=tmp_path_factory.mktemp("no hub")))
    office.decide(lambda **place: Suspended(organization="xc-office", reason="A leak.", **place))
    network.publish("need", need("Water"), org="xc-office", id="n2")
    with engine.begin() as connection:
        code = people.add(connection, "amina", "operator", now, person="Amina Warsame")
    with served(network, lambda _network: office.api(lambda: now)) as server:
        yield server.address, code
    engine.dispose()


def act(page: Page, name: str, reason: str) -> None:
    """Follow an act's link, say why, and confirm."""
    page.get_by_role("link", name=name, exact=True).click()
    page.get_by_role("textbox").fill(reason)
    page.get_by_role("button", name=name, exact=True).click()


def test_an_operator_finds_a_silent_node_and_a_refused_event_and_acts_on_them(
    browser: Browser, troubled: tuple[str, str]
) -> None:
    address, code = troubled
    with a_page(browser, address, DESKTOP) as page:
        found: list[str] = []
        page.goto("/en/sync")
        expect(page.get_by_role("heading", level=1)).to_have_text("Log in")
        found += axe_findings(page)
        page.get_by_role("link", name="Set your password").click()
        page.get_by_label("Your code").fill(code)
        page.get_by_label("Your new password").fill(PASSWORD)
        found += axe_findings(page)
        page.get_by_role("button", name="Set the password and log in").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Your account")
        page.get_by_role("navigation", name="Pages").get_by_role("link", name="Network").click()
        page.get_by_role("link", name="Show only these").click()
        rows = page.locator("tbody tr")
        expect(rows).to_have_count(2)
        expect(rows.first).to_contain_text("silent")
        found += axe_findings(page)

        rows.first.get_by_role("link", name="xb-office").click()
        act(page, "Add a note", "Called their duty officer.")
        expect(page.get_by_role("status")).to_contain_text("The note is kept.")
        act(page, "Suspend", "Nobody answers.")
        expect(page.get_by_role("status")).to_contain_text("of the log")
        expect(page.locator("main")).to_contain_text("suspended")
        act(page, "Reinstate", "They answered.")
        expect(page.get_by_role("status")).to_contain_text("of the log")
        found += axe_findings(page)

        page.get_by_role("navigation", name="Pages").get_by_role("link", name="Quarantine").click()
        found += axe_findings(page)
        page.locator("tbody th a").click()
        expect(page.locator("main")).to_contain_text("Water")
        found += axe_findings(page)
        page.get_by_role("link", name="xc-office").click()
        act(page, "Reinstate", "The leak is closed.")
        page.locator("#refused ~ section").get_by_role("link", name="Message").click()
        act(page, "Try again", "They are back.")
        expect(page.get_by_role("status")).to_contain_text("accepted")
        expect(page.locator("main")).to_contain_text("Nothing is in quarantine.")

        page.goto("/en/sync/acts")
        table = page.get_by_role("region").first
        for said in ("Called their duty officer.", "Nobody answers.", "They answered.", "The leak is closed."):
            expect(table).to_contain_text(said)
        expect(table).to_contain_text("Amina Warsame")
        found += axe_findings(page)
        page.set_viewport_size(PHONE)
        for there in ("/ar/doctor", "/ar/sync", "/ar/sync/xb-office", "/ar/sync/xb-office/suspend", "/ar/account"):
            page.goto(there)
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{there} is too wide"
            found += axe_findings(page)
        page.get_by_role("banner").get_by_role("button").click()
        page.goto("/ar/sync")
        expect(page.locator("#password")).to_be_visible()
    assert found == []
