"""The journey of a desk officer: enter, be told what is missing, correct it, check, publish; and nothing is lost."""

import re

from playwright.sync_api import Browser, Page, Route, expect

from node.node import Node
from tests.pages.browsing import a_page, axe_findings


def fill_need(page: Page, title: str) -> None:
    page.select_option("[name=beneficiary]", "KEN")
    page.select_option("[name=themes]", ["theme_1373:2.10"])
    page.fill("[name='title.en']", title)
    page.fill("[name='description.en']", title)
    page.select_option("[name=assistance_modes]", ["equipment"])
    page.select_option("[name=origin]", "self_identified")
    page.select_option("[name=need_status]", "submitted")
    page.select_option("[name=consent_to_circulate]", "yes")


def test_a_desk_officer_enters_checks_and_publishes_a_need(browser: Browser, served_node: str, node: Node) -> None:
    with a_page(browser, served_node) as page:
        page.goto("/en/desk")
        page.get_by_role("link", name="Enter something new").first.click()
        page.get_by_role("button", name="Need", exact=True).click()
        fill_need(page, "Document readers")
        page.get_by_role("button", name="Check before publishing").click()
        # One field was forgotten: the summary takes the focus and leads to it.
        expect(page).to_have_title(re.compile("^Error: Need"))
        page.locator("#errors a").first.click()
        expect(page.locator("#consent_to_publish")).to_be_focused()
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
        expect(page.locator("#kept")).to_have_text("Saved")
        address = page.url
    with a_page(browser, served_node) as page:
        page.goto(address)
        expect(page.locator("[name='title.en']")).to_have_value("Half a title")


def test_what_was_written_before_the_script_came_is_kept_too(browser: Browser, served_node: str) -> None:
    held: list[Route] = []
    with a_page(browser, served_node) as page:
        page.goto("/en/new")
        page.route(re.compile(r"/draft[^/]*\.js"), lambda route: held.append(route))  # noqa: PLW0108 - Playwright takes no built-in
        with page.expect_request(re.compile(r"/draft[^/]*\.js")):
            page.get_by_role("button", name="Offer", exact=True).click(no_wait_after=True)
        page.fill("[name='title.en']", "Typed early")
        assert len(held) == 1
        held[0].continue_()
        expect(page.locator("#kept")).to_have_text("Saved")


def test_a_form_that_nobody_has_changed_is_not_saved_again(browser: Browser, served_node: str) -> None:
    with a_page(browser, served_node) as page:
        page.goto("/en/new")
        page.get_by_role("button", name="Priority", exact=True).click()
        page.wait_for_load_state("load")
        changed = "[...document.getElementById('draft').elements].filter(isChanged).map(each => each.name)"
        source = page.evaluate("fetch(document.querySelector('script[src*=draft]').src).then(answer => answer.text())")
        judge = source[source.index("function isChanged") : source.index("function soon")]
        assert page.evaluate(f"(() => {{ {judge} return {changed}; }})()") == []


def test_without_scripts_the_same_forms_work(browser: Browser, served_node: str) -> None:
    with a_page(browser, served_node, java_script_enabled=False) as page:
        page.goto("/en/new")
        page.get_by_role("button", name="Need", exact=True).click()
        page.fill("[name='title.en']", "No scripts")
        page.get_by_role("button", name="Save the draft").click()
        expect(page.get_by_role("status").first).to_contain_text("Your draft is saved")
