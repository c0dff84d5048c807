"""What holds on every page: axe-core finds nothing, in both directions, on a desk and on a phone."""

import httpx2
import lxml.html
import pytest
from playwright.sync_api import Browser

from tests.pages.browsing import DESKTOP, PHONE
from tests.pages.every_page import look_at
from tests.pages.left_in_latin import LANGUAGES, left_in_latin
from tests.pages.worn import lost

# Every page that anybody may open, with an address that shows something.
PAGES = (
    "/",
    "/feed",
    "/feed?place=none",
    "/feed?kind=control",
    "/feed?q=nothinglikethis",
    "/records/need/lakes-compact/n-xac-02",
    "/records/assessment/coastal-integrity-group/me-xaa-2025",
    "/records/contact/lakes-compact/field-coordination",
    "/records/offer/lumen-agency/o-03",
    "/directory",
    "/directory?q=duty",
    "/directory?role=none",
    "/needs",
    "/needs?unmet=true&place=XAA",
    "/needs?place=none",
    "/matrix",
    "/matrix?rows=place&only_gaps=true",
    "/matrix?since=1999-01-01",
    "/matrix/cell?place=XAA&theme=theme_1373:2.10",
    "/resources",
    "/resources?q=nothinglikethis",
    "/resources?limit=none",
    "/no-such-page",
    "/records",
    "/records?kind=offer&q=none&status=withdrawn",
    "/assessments",
    "/assessments?place=XAA&place=XAB",
    "/accessions",
    "/accessions?place=XAA",
    "/accessions?instrument=none",
    "/plans",
    "/places/XAA",
    "/places/002",
    "/places/none",
    "/organizations/lakes-compact",
    "/verify",
    "/verify?q=12",
    "/verify?q=x",
    "/audit",
    "/audit?org=lakes-compact",
    "/subscribe",
    "/subscribe?kind=need&place=XAA&theme=2.10&q=x",
    "/subscribe?kind=none",
    "/audit?key=none",
    "/audit/log/12",
    "/audit/checkpoints",
    "/audit/keys",
    "/audit/keys/lakes-compact",
)

# What a page in other letters says in Latin ones all the same.
LATIN = {
    "JSON", "CSV", "XLSX", "vCard", "openapi.json", "trust.json",  # formats and files
    "/api/v1/records", "/api/v1/matrix", "/api/v1/nodes", "/api/v1/stats", "/api/v1/events",  # addresses
    *(f"XA{letter}" for letter in "ABCDEF"),  # codes of States in exercises: they have no names
    "XAA · Liaison", "lakes-compact · Liaison",  # titles of what a place or an organization is called
    # FATF's criteria: of the long technical lists only English is held, and pages mark it as such.
    "Terrorist financing offence", "Targeted financial sanctions related to terrorism and terrorist financing",
    "Non-profit organisations", "Money or value transfer services", "Financial intelligence units",
    "Other forms of international cooperation", "Terrorist financing investigation and prosecution",
    "Terrorist financing preventive measures and financial sanctions",
}  # fmt: skip


@pytest.mark.parametrize(("prefix", "size"), [("/en", DESKTOP), ("/ar", PHONE)], ids=["desktop-en", "phone-ar"])
def test_axe_finds_nothing_on_any_page(browser: Browser, served_hub: str, prefix: str, size: dict[str, int]) -> None:
    found, worn = look_at(browser, served_hub, prefix, PAGES, size)
    assert found == []
    assert lost(worn) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_in_other_letters_says_nothing_in_english(served_hub: str, language: str) -> None:
    left: dict[str, list[str]] = {}
    for address in PAGES:
        answer = httpx2.get(f"{served_hub}/{language}{address}", headers={"Accept": "text/html"}, timeout=60)
        found = [each for each in left_in_latin(lxml.html.fromstring(answer.text)) if each not in LATIN]
        if found:
            left[address] = found
    assert left == {}
