"""The journey of a need that was sent to this organization: found in the inbox, read, answered, published."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from node.edit import Put
from node.node import Node
from node.pages.desk import Role
from schemas.entry import parse_entry
from tests.node.nodes import joined_node, read_registry
from tests.node.pages.asked import api_of
from tests.node.serving import served
from tests.node.test_cli_readers import letter
from tests.node.test_matching import OFFER
from tests.pages.browsing import a_page
from tests.schemas.examples import EXAMPLES


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A node that has joined, with an offer, a contact and a need in its inbox."""
    made = joined_node(tmp_path_factory.mktemp("node") / "node")
    read_registry(made, "ke-nctc")
    contact = {**EXAMPLES["contact"], "id": "duty", "marking": "TLP:GREEN"}
    made.editor.apply([Put(parse_entry(OFFER)), Put(parse_entry(contact))])
    made.letters.keep(letter(7))
    yield made
    made.engine.dispose()


def test_a_need_from_the_inbox_is_answered_with_an_offer_for_its_author_only(browser: Browser, node: Node) -> None:
    with served(api_of(node, Role.OFFICER)) as address, a_page(browser, address) as page:
        page.goto("/en/desk")
        page.get_by_role("link", name="Inbox").first.click()
        expect(page.get_by_text("It matches:")).to_be_visible()
        page.locator("#content").get_by_role("link", name="The harbour").first.click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("The harbour")
        page.get_by_role("button", name="Answer with an offer").click()
        # What the need says is there; what only we know is asked for.
        expect(page.locator("[name='title.en']")).to_have_value("The harbour")
        expect(page.locator("[name=provider]")).to_have_value("xa-centre")
        page.fill("[name='description.en']", "Twelve readers and a week of training.")
        page.fill("[name=contact]", "duty")
        page.get_by_role("button", name="Check before publishing").click()
        expect(page.get_by_text("Office ke-nctc (ke-nctc)")).to_be_visible()
        page.get_by_role("button", name="Publish").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("The harbour")
    [answer] = [each.kept for each in node.reading.page(("offer",)).items if each.kept.id != "o1"]
    assert (answer.marking, answer.recipients) == ("TLP:AMBER", ("ke-nctc",))
    assert answer.record["eligible_places"] == [{"country": "KEN"}]
