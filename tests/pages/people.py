"""Somebody at a browser who reads and clicks in a language of the pages, and what the pages call things in it."""

from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.pages.browsing import is_there
from ui.languages import translations

ROOT = Path(__file__).parents[2]
NODE, HUB = (tuple(ROOT / each / "locale" for each in (own, "people", "schemas", "ui")) for own in ("node", "hub"))


@dataclass(frozen=True)
class Person:
    """`language` is that of the pages; what is to be clicked is named in English and found in this language."""

    page: Page
    language: str = "en"
    catalogues: tuple[Path, ...] = NODE

    def words(self, text: str, **values: str) -> str:
        """Give a text of the pages; one that is not translated would be found in no language but English."""
        found = str(translations(self.catalogues, self.language).gettext(text))
        assert self.language == "en" or found != text, f"{text!r} is not translated into {self.language}"
        return found % values if values else found

    def goes_to(self, address: str) -> None:
        """Open a page."""
        self.page.goto(f"/{self.language}{address}")

    def presses(self, button: str, **values: str) -> None:
        """Press a button by its name."""
        self.page.get_by_role("button", name=self.words(button, **values), exact=True).click()

    def follows(self, link: str) -> None:
        """Follow a link by its name."""
        self.page.get_by_role("link", name=self.words(link), exact=True).first.click()

    def is_told(self, text: str, **values: str) -> None:
        """Wait until the page says it."""
        expect(self.page.locator("#content")).to_contain_text(self.words(text, **values))

    @property
    def heading(self) -> Locator:
        """Give the page's heading."""
        return self.page.get_by_role("heading", level=1)

    def logs_in(self, name: str, password: str, then: str = "/desk") -> None:
        """Go to a page, and log in when it asks."""
        self.goes_to(then)
        self.page.fill("#name", name)
        self.page.fill("#password", password)
        self.page.locator("main form").first.get_by_role("button").click()
        expect(self.page.get_by_role("banner").get_by_role("button", name=self.words("Log out"))).to_be_visible()

    def fits(self) -> None:
        """Nothing stands beside the screen, and Arabic goes from right to left."""
        is_there(self.page)
        assert self.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), self.page.url
        assert self.page.evaluate("document.dir") == ("rtl" if self.language == "ar" else "ltr")
