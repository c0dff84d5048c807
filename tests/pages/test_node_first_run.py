"""The journey of a first administrator: from the one-time code to a signed event that went to a real hub and back."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from deploy.demo.commands import hub, node
from deploy.demo.service import Service, free_port
from tests.network import LiveNetwork, live_network
from tests.pages.browsing import PHONE, a_page, axe_findings
from tests.people.desks import PASSWORD

ORG = "xa-centre"


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveNetwork]:
    """A hub that has admitted nobody."""
    with live_network(tmp_path_factory.mktemp("network")) as made:
        yield made


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, network: LiveNetwork) -> Iterator[Service]:
    """A node as `init` leaves it, served."""
    place = tmp_path_factory.mktemp("node") / "node"
    node("init", str(place), "--org", ORG, "--name", "Centre of Xandia", "--org-type", "10")
    port = free_port()
    made = Service(ORG, ["liaison-node", "serve", str(place), "--port", str(port)], port, place.parent / "node.log")
    made.start()
    made.wait_ready()
    yield made
    made.stop()


def test_an_administrator_begins_joins_and_sees_a_signed_event_come_back(
    browser: Browser, network: LiveNetwork, service: Service, tmp_path: Path
) -> None:
    place = service.log.parent / "node"
    code = node("person", "first", str(place)).strip()
    with a_page(browser, service.url, accept_downloads=True) as page:
        page.goto("/en/")
        page.get_by_role("link", name="Begin").click()
        assert axe_findings(page) == []
        page.fill("#code", code)
        page.fill("#person", "Amina Warsame")
        page.fill("#password", PASSWORD)
        page.get_by_role("button", name="Set the password and go on").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("First steps")
        page.fill("#name", "Xandia Counter-Terrorism Centre")
        page.get_by_role("button", name="Save name and kind").click()
        with page.expect_download() as download:
            page.get_by_role("link", name="Download the enrolment").click()
        enrolment, admission = tmp_path / "enrolment.json", tmp_path / "admission.json"
        download.value.save_as(enrolment)
        hub("admit", str(network.hub_dir), str(enrolment), "-o", str(admission))
        page.set_input_files("#admission", admission)
        page.get_by_role("button", name="Join with this admission").click()
        expect(page.locator("#step-3")).to_contain_text("done")
        assert axe_findings(page) == []
        page.get_by_role("button", name="Send a test event").click()
        expect(page.locator("#trail")).to_contain_text("It came back: everything works.", timeout=60_000)
        expect(page.locator("#step-5")).to_contain_text("done")
        expect(page.locator("#trail")).to_contain_text(re.compile(r"in the network's log \(#\d+\)"))
        page.get_by_role("link", name="Trail", exact=True).click()
        expect(page.get_by_role("table")).to_contain_text("welcome.tested")
        page.get_by_role("button", name="Log out").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Log in")
    shown = network.reader().sequences()
    assert shown[ORG] >= 2


def test_on_a_phone_in_arabic_nothing_is_in_the_way(browser: Browser, service: Service) -> None:
    with a_page(browser, service.url, PHONE) as page:
        page.goto("/ar/welcome")
        page.fill("#name", "administrator")
        page.fill("#password", PASSWORD)
        page.locator("main button[type=submit]").click()
        expect(page.locator("#step-5")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        assert axe_findings(page) == []
