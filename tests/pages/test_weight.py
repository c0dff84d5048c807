"""What a slow line must carry: the first page with all that it loads, and each page after it."""

import pytest
from playwright.sync_api import Browser, Request

from tests.pages.browsing import PHONE, a_page, is_there

# Bytes of bodies. On a line of 20 kB a second the first page in Latin letters is there in four seconds, the next in
# half a second. The font of Arabic letters alone weighs 166 kB.
FIRST = {"en": 80_000, "ru": 100_000, "ar": 250_000}
NEXT = 10_000


@pytest.mark.parametrize("language", FIRST)
def test_the_first_page_is_light_and_the_next_ones_are_lighter(
    browser: Browser, served_hub: str, language: str
) -> None:
    asked: list[Request] = []

    def keep(request: Request) -> None:
        asked.append(request)

    with a_page(browser, served_hub, PHONE) as page:
        page.on("request", keep)  # that one has ended may be told later than that the page is there
        page.goto(f"/{language}/")
        is_there(page)
        page.evaluate("document.fonts.ready.then(() => true)")
        first = weight(asked)
        assert all(first[sort] for sort in ("html", "css", "woff2")), first
        assert sum(first.values()) < FIRST[language], first
        asked.clear()
        page.goto(f"/{language}/needs")
        is_there(page)
        following = weight(asked)
        assert sum(following.values()) < NEXT, following


def weight(asked: list[Request]) -> dict[str, int]:
    """Give the bytes that came when all has come, for each sort of file."""
    found = dict.fromkeys(("html", "css", "js", "woff2", "svg"), 0)
    for each in asked:
        answer = each.response()
        if answer is None:
            continue
        answer.finished()
        name = each.url.rpartition("/")[2]
        found[name.rpartition(".")[2] if "/static/" in each.url else "html"] += max(0, each.sizes()["responseBodySize"])
    return found
