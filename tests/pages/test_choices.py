"""Long lists of choices are searched by typing, in English and, on a phone, in Arabic; they work without scripts."""

import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from schemas.codelists import countries, labels
from schemas.words import fold
from tests.pages.browsing import DESKTOP, PHONE, a_page, axe_findings
from tests.pages.people import Person
from ui.pages import asset

# Language, size; what is typed for a State, its name; a word of the theme 2.10.
READERS = {
    "desktop-en": ("en", DESKTOP, "emir", "United Arab Emirates", "border controls"),
    "phone-ar": ("ar", PHONE, "امارات", "الإمارات العربية المتحدة", "ضوابط حدود"),
}
each_reader = pytest.mark.parametrize(
    ("language", "size", "typed", "state", "word"), READERS.values(), ids=READERS.keys()
)


def begin(who: Person, kind: str = "Need") -> None:
    who.goes_to("/new")
    who.presses(kind)


def searched(who: Person, label: str) -> Locator:
    """Give the field in which one searches the choices of a control."""
    named = who.page.get_by_role("combobox", name=re.compile("^" + re.escape(who.words(label))))
    return named.and_(who.page.locator("input"))  # and not the list from which it is made in a moment


def options(page: Page) -> Locator:
    return page.get_by_role("option").and_(page.locator(".li-option"))


def chips(page: Page) -> list[str]:
    return [" ".join(each.split()) for each in page.locator(".li-field:has(#themes) .li-chip > bdi").all_inner_texts()]


def words_of_theme(who: Person, code: str) -> str:
    scheme = "fatf" if code.startswith("R.") else "theme_1373"
    return f"{code} {who.words(labels(scheme)[code])}"


@each_reader
def test_a_state_and_themes_are_chosen_by_typing_and_are_there_after_saving(
    browser: Browser, served_node: str, language: str, size: dict[str, int], typed: str, state: str, word: str
) -> None:
    with a_page(browser, served_node, size) as page:
        who = Person(page, language)
        begin(who)
        place = searched(who, "Beneficiary")
        place.press_sequentially(typed)
        expect(options(page)).to_have_count(1)
        expect(page.locator(".li-field:has(#beneficiary) [aria-live=polite]")).to_have_text(
            who.words("Choices found: {n}").replace("{n}", "1")
        )
        who.fits()
        assert axe_findings(page) == []
        place.press("Enter")
        expect(place).to_have_value(state)
        expect(page.locator("[name=beneficiary]")).to_have_value("ARE")
        themes = searched(who, "Themes")
        for asked in ("R.32", word, "1.2"):
            themes.press_sequentially(asked)
            themes.press("Enter")
        assert chips(page) == [words_of_theme(who, code) for code in ("1.2", "2.10", "R.32")]
        page.get_by_role("button", name=f"{who.words('Remove:')} R.32").click()
        expect(themes).to_be_focused()
        who.fits()
        assert axe_findings(page) == []
        who.presses("Save the draft")
        who.is_told("Your draft is saved. Nobody else sees it.")
        expect(searched(who, "Beneficiary")).to_have_value(state)
        assert chips(page) == [words_of_theme(who, code) for code in ("1.2", "2.10")]


def test_without_scripts_the_same_lists_are_those_of_the_browser(browser: Browser, served_node: str) -> None:
    with a_page(browser, served_node, java_script_enabled=False) as page:
        begin(Person(page))
        page.select_option("#beneficiary", "ARE")
        page.select_option("#themes", ["theme_1373:2.10", "fatf:R.32"])
        page.get_by_role("button", name="Save the draft").click()
        expect(page.get_by_role("status").first).to_contain_text("Your draft is saved")
        expect(page.locator("#beneficiary")).to_have_value("ARE")  # its choices come one after the other
        expect(page.locator("#themes option:checked")).to_have_count(2)
        expect(page.get_by_role("listbox", name="Themes")).to_be_visible()


def test_the_keyboard_alone_opens_goes_through_chooses_and_takes_back(browser: Browser, served_node: str) -> None:
    with a_page(browser, served_node) as page:
        who = Person(page)
        begin(who)
        themes, listed = searched(who, "Themes"), options(page)
        active = lambda: page.evaluate("document.activeElement.getAttribute('aria-activedescendant')")  # noqa: E731
        themes.focus()
        expect(themes).to_have_attribute("aria-expanded", "false")
        themes.press("ArrowDown")
        expect(themes).to_have_attribute("aria-expanded", "true")
        assert active() == listed.first.get_attribute("id")
        themes.press("End")
        assert active() == listed.last.get_attribute("id")
        themes.press("ArrowDown")
        assert active() == listed.first.get_attribute("id")
        themes.press("PageDown")
        assert active() == listed.nth(10).get_attribute("id")
        themes.press("Home")
        themes.press("Enter")
        themes.press("ArrowDown")
        themes.press("Tab")  # what one has gone to is chosen when one goes on
        assert len(chips(page)) == 2
        expect(themes).to_have_attribute("aria-expanded", "false")
        themes.focus()
        themes.press("Backspace")
        assert len(chips(page)) == 1
        themes.press_sequentially("terror")
        themes.press("Escape")
        expect(themes).to_have_value("")
        expect(listed).to_have_count(0)
        themes.press_sequentially("no such theme")
        expect(page.get_by_text("No choice has these words.")).to_be_visible()
        themes.press("Tab")
        expect(page.get_by_text("Nothing was chosen for")).to_be_visible()
        assert len(chips(page)) == 1


def test_a_choice_of_one_is_taken_when_it_can_mean_one_only_and_else_stays_as_it_was(
    browser: Browser, served_node: str
) -> None:
    with a_page(browser, served_node) as page:
        who = Person(page)
        begin(who)
        place, sent = searched(who, "Beneficiary"), page.locator("[name=beneficiary]")
        place.press_sequentially("niger")
        expect(options(page).first).to_contain_text("Niger")
        place.press("Tab")  # the very name, although Nigeria fits, too
        expect(sent).to_have_value("NER")
        place.fill("ni")
        place.press("Tab")
        expect(sent).to_have_value("NER")
        expect(place).to_have_value("Niger")
        place.fill("ken")
        place.press("Enter")
        expect(sent).to_have_value("KEN")
        place.fill("")
        place.press("Tab")
        expect(sent).to_have_value("")


def test_the_error_summary_leads_to_where_one_searches_and_a_choice_alone_is_kept_by_itself(
    browser: Browser, served_node: str
) -> None:
    with a_page(browser, served_node) as page:
        who = Person(page)
        begin(who)
        page.get_by_role("button", name="Check before publishing").click()
        page.locator("#errors a[href='#beneficiary']").click()
        place = searched(who, "Beneficiary")
        expect(place).to_be_focused()
        expect(place).to_have_attribute("aria-invalid", "true")
        expect(place).to_have_accessible_description(re.compile(r"^The country or region.*Error:"))
        assert axe_findings(page) == []
        place.press_sequentially("KEN")
        options(page).first.click()
        expect(page.locator("#kept")).to_have_text("Saved")
        page.goto(page.url)
        expect(searched(who, "Beneficiary")).to_have_value("Kenya")


def test_pages_fold_words_as_the_search_of_the_server_does(browser: Browser, served_node: str) -> None:
    texts = [name for each in countries().values() for name in each.names.values()]
    texts += ["Straße", "ΟΔΟΣ", "Ёлка", "ﬁnance", "کینیا", "مدرسة", "مَكْتَب", "ـهـ"]
    with a_page(browser, served_node) as page:
        page.goto("/en/desk")
        asked = "([address, texts]) => import(address).then(({ fold }) => texts.map(fold))"
        assert page.evaluate(asked, [asset("finding.js"), texts]) == [fold(text) for text in texts]
