"""Journeys of those who look: for a contact point, for an unmet need and who could meet it; the matrix on paper."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import Engine

from hub.schema import MIGRATIONS
from schemas.codelists import codes, countries
from tests.hub.published import Published, example
from tests.hub.serving import served
from tests.pages.browsing import DESKTOP, PHONE, a_page, axe_findings
from tests.pages.people import HUB, Person
from tests.signed_network import contact, need
from wire.database import migrate, open_database, sqlite_url

ROWS, COLUMNS = 26, 8


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A hub in which two States have duty officers, one has an unmet need, and 26 States have needs on eight themes."""
    engine: Engine = open_database(sqlite_url(tmp_path_factory.mktemp("hub") / "hub.db"))
    migrate(engine, MIGRATIONS)
    network = Published(engine)
    for place, name in (
        ("KEN", {"en": "Kenya duty office", "ar": "مكتب المناوبة في كينيا"}),
        ("FRA", {"fr": "Permanence"}),
    ):
        office = contact(
            name=name, visibility="public", places=[{"country": place}], available_24x7=True,
            emails=[{"address": f"duty@{place.lower()}.example"}],
            phones=[{"number": "+254201234567", "emergency": True}],
        )  # fmt: skip
        network.publish("contact", office, id=f"duty-{place.lower()}", marking="TLP:CLEAR")
    themes = _themes()
    states = [code for code, each in countries().items() if each.state][:ROWS]
    for place in dict.fromkeys(["KEN", *states]):
        for code in themes if place != "KEN" else [*themes, "2.10"]:
            asked = need(
                f"Help for {place}", beneficiary={"country": place}, themes=[{"scheme": "theme_1373", "code": code}]
            )
            network.publish("need", asked, id=f"{place.lower()}-{code.replace('.', '-')}")
    offer = example(
        "offer", title={"en": "Readers on loan"}, assistance_modes=["equipment"], eligible_places=[{"country": "KEN"}],
        themes=[{"scheme": "theme_1373", "code": "2.10"}],
    )  # fmt: skip
    network.publish("offer", offer, org="un-office", id="o1")
    with served(network) as server:
        yield server.address
    engine.dispose()


def test_somebody_finds_the_duty_officer_of_a_state(browser: Browser, address: str) -> None:
    with a_page(browser, address) as page:
        page.goto("/en/resources")
        page.get_by_role("navigation", name="Pages").get_by_role("link", name="Directory").click()
        page.get_by_label("Kenya").check()
        page.get_by_label("Answers day and night").check()
        page.get_by_role("button", name="Apply").click()
        expect(page.get_by_role("status")).to_have_text("1 found")
        entry = page.locator(".li-list > li")
        expect(entry.get_by_role("heading")).to_have_text("Kenya duty office")
        assert entry.get_by_role("link", name="duty@ken.example").get_attribute("href") == "mailto:duty@ken.example"
        assert entry.get_by_role("link", name="+254201234567").get_attribute("href") == "tel:+254201234567"
        expect(entry).to_contain_text("last confirmed")
        with page.expect_download() as started:
            entry.get_by_role("link", name="vCard").click()
        assert "BEGIN:VCARD" in Path(started.value.path()).read_text("utf-8")


def test_somebody_finds_the_duty_officer_in_arabic_on_a_phone(browser: Browser, address: str) -> None:
    with a_page(browser, address, PHONE) as page:
        page.goto("/ar/directory")
        box = page.locator("#q")
        box.fill("المناوبة")
        box.press("Enter")
        expect(page.locator(".li-list > li")).to_have_count(1)
        expect(page.locator(".li-list h2")).to_contain_text("مكتب المناوبة في كينيا")
        assert page.locator("html").get_attribute("dir") == "rtl"
        # On a narrow screen the filters stand above what was found: there is a way past them.
        Person(page, "ar", HUB).follows("To the results")
        expect(page.locator(".li-list h2")).to_be_in_viewport()
        assert page.locator("a[href^='tel:'] bdi").get_attribute("dir") == "ltr"
        assert axe_findings(page) == []


@pytest.mark.parametrize(("language", "size"), [("en", DESKTOP), ("ar", PHONE)], ids=["desktop-en", "phone-ar"])
def test_somebody_finds_an_unmet_need_and_its_possible_providers(
    browser: Browser, address: str, language: str, size: dict[str, int]
) -> None:
    with a_page(browser, address, size) as page:
        reader = Person(page, language, HUB)
        reader.goes_to("/")
        reader.follows("Matrix")
        page.locator("tbody th a[href*='place=002']").click()
        page.get_by_label(reader.words("Only gaps")).check()
        reader.presses("Show")
        kenya = page.locator("tbody tr").filter(has=page.locator("th a[href$='/places/KEN']"))
        expect(kenya).to_have_count(1)
        page.get_by_label(reader.words("Only gaps")).uncheck()
        reader.presses("Show")
        kenya.locator("a[href*='2.10']").click()
        expect(reader.heading).to_have_text(reader.words("What is behind this cell"))
        page.get_by_role("link", name="Help for KEN").click()
        possible = page.locator("#possible")
        expect(possible.get_by_role("link", name="Readers on loan")).to_be_visible()
        expect(possible).to_contain_text("un-office")
        reader.fits()

        # The other way: the list of needs, by its boxes.
        reader.follows("Needs")
        page.get_by_label(reader.words("Unmet only")).check()
        page.locator("input[name=place][value=KEN]").check()
        reader.presses("Apply")
        page.locator("input[name=theme][value$=':2.10']").check()
        reader.presses("Apply")
        expect(page.locator(".li-list > li")).to_have_count(1)
        reader.fits()
        page.locator(".li-list a[href$='#possible']").click()
        expect(page.locator("#possible").get_by_role("link", name="Readers on loan")).to_be_visible()
        assert axe_findings(page) == []


def test_a_long_list_of_boxes_is_narrowed_by_typing_and_what_is_ticked_stays(browser: Browser, address: str) -> None:
    with a_page(browser, address) as page:
        page.goto("/en/needs")
        states = page.locator("details:has([name=place])")
        states.locator("summary").click()
        boxes = states.locator("label.form-check:visible")
        assert boxes.count() > 15
        boxes.first.locator("input").check()
        states.get_by_role("searchbox").fill("no such State")
        expect(boxes).to_have_count(1)
        expect(states.locator("[aria-live]")).to_have_text("No choice has these words.")
        name = states.locator(".form-check-label").last.evaluate("label => label.firstChild.textContent.trim()")
        states.get_by_role("searchbox").fill(name.upper())
        expect(boxes).to_have_count(2)
        expect(states.locator("[aria-live]")).to_have_text("Choices found: 1")
        assert axe_findings(page) == []


@pytest.mark.parametrize("prefix", ["/en", "/ar"])
def test_a_matrix_of_26_rows_and_8_columns_fits_two_pages(browser: Browser, address: str, prefix: str) -> None:
    with a_page(browser, address) as page:
        page.goto(f"{prefix}/matrix?rows=place&theme=" + "&theme=".join(_themes()))
        assert page.locator(".li-matrix tbody tr").count() >= ROWS
        assert page.locator(".li-matrix thead th").count() == COLUMNS
        printed = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) <= 2


def _themes() -> list[str]:
    return sorted(code for code in codes("theme_1373") if "." in code)[:COLUMNS]
