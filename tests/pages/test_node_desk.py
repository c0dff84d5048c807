"""The journey of a desk officer: enter, be told what is missing, correct it, check, publish; and nothing is lost."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, Page, expect

from node.edit import Put
from node.node import Node
from node.pages.desk import Role
from node.store import Judged, Promise
from schemas.entry import parse_entry
from tests.node.nodes import joined_node
from tests.node.pages.asked import api_of
from tests.node.serving import served
from tests.pages.browsing import a_page, axe_findings
from tests.schemas.examples import EXAMPLES


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A node that has joined."""
    made = joined_node(tmp_path_factory.mktemp("node") / "node")
    yield made
    made.engine.dispose()


@pytest.fixture(scope="module")
def served_node(node: Node) -> Iterator[str]:
    """The address of the node, in which a desk officer is logged in."""
    with served(api_of(node, Role.OFFICER)) as address:
        yield address


def fill_need(page: Page, title: str, language: str) -> None:
    page.fill("[name=requester]", "xa-centre")
    page.select_option("[name=beneficiary]", "KEN")
    page.select_option("[name=themes]", ["theme_1373:2.10"])
    page.fill(f"[name='title.{language}']", title)
    page.fill(f"[name='description.{language}']", title)
    page.select_option("[name=assistance_modes]", ["equipment"])
    page.select_option("[name=origin]", "self_identified")
    page.select_option("[name=need_status]", "submitted")
    page.select_option("[name=consent_to_circulate]", "yes")


def test_a_desk_officer_enters_checks_and_publishes_a_need(browser: Browser, served_node: str, node: Node) -> None:
    with a_page(browser, served_node) as page:
        page.goto("/en/desk")
        page.get_by_role("link", name="Enter something new").first.click()
        page.get_by_role("button", name="Need", exact=True).click()
        fill_need(page, "Document readers", "en")
        page.get_by_role("button", name="Check before publishing").click()
        # One field was forgotten: the summary takes the focus and leads to it.
        expect(page).to_have_title(re.compile("^Error: Need"))
        page.locator("#errors a").first.click()
        assert page.evaluate("document.activeElement.id") == "consent_to_publish"
        assert axe_findings(page) == []
        page.select_option("[name=consent_to_publish]", "yes")
        page.get_by_role("button", name="Check before publishing").click()
        expect(page.get_by_role("heading", name="Who will be able to read it")).to_be_visible()
        page.get_by_role("button", name="Publish").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Document readers")
        expect(page.get_by_text("not yet logged by the hub")).to_be_visible()
    assert [each.kept.record["title"]["en"] for each in node.reading.page(("need",)).items] == ["Document readers"]


def test_what_is_written_is_kept_by_itself_and_is_there_after_a_closed_window(
    browser: Browser, served_node: str
) -> None:
    with a_page(browser, served_node) as page:
        page.goto("/en/new")
        page.get_by_role("button", name="Offer", exact=True).click()
        page.fill("[name='title.en']", "Half a title")
        expect(page.locator("#kept")).to_have_text("Saved", timeout=30_000)
        address = page.url
    with a_page(browser, served_node) as page:
        page.goto(address)
        expect(page.locator("[name='title.en']")).to_have_value("Half a title")


def test_in_arabic_a_need_is_entered_from_right_to_left(browser: Browser, served_node: str, node: Node) -> None:
    with a_page(browser, served_node) as page:
        page.goto("/ar/new")
        assert page.evaluate("document.dir") == "rtl"
        page.locator("form:has(input[value=need]) button").click()
        fill_need(page, "أجهزة قراءة الوثائق", "ar")
        page.select_option("[name=consent_to_publish]", "yes")
        page.locator("button[value=check]").click()
        page.locator("button[value=publish]").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("أجهزة قراءة الوثائق")
    assert any("ar" in each.kept.record["title"] for each in node.reading.page(("need",)).items)


def test_without_scripts_the_same_forms_work(browser: Browser, served_node: str) -> None:
    with a_page(browser, served_node, java_script_enabled=False) as page:
        page.goto("/en/new")
        page.get_by_role("button", name="Need", exact=True).click()
        page.fill("[name='title.en']", "No scripts")
        page.get_by_role("button", name="Save the draft").click()
        expect(page.get_by_role("status").first).to_contain_text("Your draft is saved")


def test_a_record_that_the_hub_left_out_is_found_on_the_desk_and_corrected(
    browser: Browser, served_node: str, node: Node
) -> None:
    done = node.editor.apply([Put(parse_entry({**EXAMPLES["offer"], "id": "o7"}))])[0]
    assert done.sequence is not None
    problem = {"pointer": "/record/title", "message": "The title is a joke.", "found": "x", "allowed": "be none"}
    judged = Judged(
        done.sequence, "warning", "schema-invalid", "x", "y", json.dumps([problem]), "2026-11-24T00:00:00.000Z"
    )
    node.outbox.logged(Promise(done.sequence, 7, b""), [], [judged], {"logged": done.sequence})
    with a_page(browser, served_node) as page:
        page.goto("/en/desk")
        expect(page.get_by_text("The title is a joke.")).to_be_visible()
        page.get_by_role("button", name="Fix o7").click()
        page.fill("[name='title.en']", "A serious title")
        page.get_by_role("button", name="Check before publishing").click()
        page.get_by_role("button", name="Publish").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("A serious title")
        page.goto("/en/desk")
        expect(page.get_by_text("The title is a joke.")).to_have_count(0)


def test_a_second_person_looks_at_it_before_it_is_published(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    made = joined_node(tmp_path_factory.mktemp("strict") / "node")
    strict = replace(made, settings=replace(made.settings, four_eyes=True))
    with (
        served(api_of(strict, Role.OFFICER)) as author,
        served(api_of(strict, Role.REVIEWER, number=2, name="Birgit Holm")) as second,
    ):
        with a_page(browser, author) as page:
            page.goto("/en/new")
            page.get_by_role("button", name="Need", exact=True).click()
            fill_need(page, "Two must agree", "en")
            page.select_option("[name=consent_to_publish]", "yes")
            page.get_by_role("button", name="Check before publishing").click()
            page.get_by_role("button", name="Hand in for review").click()
            expect(page.get_by_text("It waits for a second person now.")).to_be_visible()
        assert made.reading.page(("need",)).items == []
        with a_page(browser, second) as page:
            page.goto("/en/desk")
            page.get_by_role("link", name="Two must agree").click()
            page.get_by_role("button", name="Approve and publish").click()
            expect(page.get_by_role("heading", level=1)).to_contain_text("Two must agree")
    assert [each.kept.record["title"]["en"] for each in made.reading.page(("need",)).items] == ["Two must agree"]
    made.engine.dispose()
