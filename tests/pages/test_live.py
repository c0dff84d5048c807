"""A journey: see a change appear, pause, lose the hub, and go on without gap or double; then look at the record."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from hub.schema import MIGRATIONS
from tests.hub.published import Published
from tests.hub.serving import Served, served
from tests.migrated import migrated_engine
from tests.pages.browsing import a_page, axe_findings
from tests.signed_network import need


@pytest.fixture
def network(tmp_path: Path) -> Iterator[Published]:
    """A network of its own: this journey says things and stops the hub."""
    engine = migrated_engine(tmp_path / "hub.db", MIGRATIONS)
    found = Published(engine)
    found.publish("need", need("Already there"), id="before")
    yield found
    engine.dispose()


def rows(page: Page) -> list[str]:
    return [" ".join(each.split()) for each in page.locator("#feed-events > li > p:first-child").all_inner_texts()]


def test_a_change_appears_waits_while_paused_and_nothing_is_lost_or_doubled_when_the_hub_goes_away(
    browser: Browser, network: Published
) -> None:
    with served(network) as hub, a_page(browser, hub.address, reduced_motion="no-preference") as page:
        page.goto("/en/feed?kind=need")
        state = page.locator("#feed-state")
        expect(state).to_have_text("Connected: new events come as they are logged.")
        assert rows(page) == ["Office xa-centre published Already there"]

        network.publish("need", need("At once"), id="n1")
        expect(page.locator("#feed-events > li").first).to_contain_text("published At once")

        page.get_by_role("button", name="Pause").click()
        expect(state).to_have_text("Paused: new events are kept for you and not shown.")
        network.publish("need", need("While paused"), id="n2")
        network.publish("need", need("While paused again"), id="n2", action="revised")
        show = page.get_by_role("button", name="Show new events (2)")
        expect(show).to_be_visible()
        assert len(rows(page)) == 2
        expect(page.locator("#feed-waiting")).to_have_text("New events: 2")
        assert axe_findings(page) == []
        show.click()
        expect(page.locator("#feed-events > li")).to_have_count(4)
        expect(page.locator("#feed-events > li").first).to_be_focused()

        page.get_by_role("button", name="Go on").click()
        gone_away(hub, network, page)
        expect(page.locator("#feed-events > li")).to_have_count(7, timeout=60_000)
        assert rows(page) == [
            "Office xa-centre published After that",
            "Office xa-centre withdrew At once",
            "Office xa-centre changed While away",
            "Office xa-centre changed While paused again",
            "Office xa-centre published While paused",
            "Office xa-centre published At once",
            "Office xa-centre published Already there",
        ]
        page.get_by_role("link", name="While away").click()
        expect(page.locator("h1")).to_have_text("While away")
        expect(page.locator("#history + p + ol, #history ~ ol").first).to_contain_text("Changed")
        assert axe_findings(page) == []
        leaves_and_comes_back(network, page)


def gone_away(hub: Served, network: Published, page: Page) -> None:
    """The hub stops; meanwhile things are said; it starts again, and more is said."""
    hub.stop()
    expect(page.locator("#feed-state")).to_contain_text("nothing will be missed")
    network.publish("need", need("While away"), id="n2", action="revised")
    network.withdraw("need", id="n1")
    hub.start()
    expect(page.locator("#feed-state")).to_have_text("Connected: new events come as they are logged.", timeout=60_000)
    network.publish("need", need("After that"), id="n3")


def leaves_and_comes_back(network: Published, page: Page) -> None:
    """What came since the last visit is marked, and can be shown by itself."""
    network.publish("need", need("Since then"), id="n4")
    page.goto("/en/feed")
    expect(page.locator("#feed-since")).to_be_visible()
    expect(page.locator("#feed-events > li").first).to_contain_text("new since your last visit")
    expect(page.get_by_text("new since your last visit", exact=True)).to_have_count(1)
    page.get_by_role("link", name="Show what came since your last visit").click()
    expect(page.locator("#feed-events > li")).to_have_count(1)
    assert rows(page) == ["Office xa-centre published Since then"]


def test_who_wants_less_motion_gets_a_feed_that_waits(browser: Browser, network: Published) -> None:
    with served(network) as hub, a_page(browser, hub.address, reduced_motion="reduce") as page:
        page.goto("/ar/feed")
        expect(page.locator("#feed-pause")).to_have_text(page.locator("#feed").get_attribute("data-resume") or "")
        network.publish("need", need("Later"), id="n1")
        expect(page.locator("#feed-show")).to_be_visible()
        assert len(rows(page)) == 1
