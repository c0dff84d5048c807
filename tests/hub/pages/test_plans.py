"""Tests of the page of plans: items by their three themes, those first whose day has passed."""

from hub.pages.plans import by_theme
from tests.hub.pages.asked import Reader
from tests.hub.published import Published, example

ITEMS = [
    {"theme": "implementation", "action": {"en": "Later"}, "due": "2027-01-01"},
    {"theme": "implementation", "action": {"en": "Late"}, "due": "2020-01-01", "action_status": "in_progress"},
    {"theme": "implementation", "action": {"en": "Done"}, "due": "2019-01-01", "action_status": "done"},
    {"theme": "assistance_needs", "action": {"en": "Ask"}},
]


def test_what_is_overdue_comes_first_and_what_is_done_is_not_overdue() -> None:
    found = by_theme([{"index": 1, "record": {"items": ITEMS}}], "2026-11-23")
    assert [each.item["action"]["en"] for each in found["implementation"]] == ["Late", "Done", "Later"]
    assert [each.late for each in found["implementation"]] == [True, False, False]
    assert {theme: len(items) for theme, items in found.items()} == {
        "implementation": 3, "network_contribution": 0, "assistance_needs": 1,
    }  # fmt: skip


def test_the_page_shows_the_three_themes_of_all_plans(small_network: Published) -> None:
    small_network.publish("plan", example("plan", items=ITEMS), id="p1")
    page = Reader(small_network).read("/en/plans")
    assert len(page.xpath("//main//section/h2")) == 3
    assert page.xpath("//tbody/tr[1]/th")[0].text_content() == "Late"
    assert "overdue" in page.xpath("//tbody/tr[1]")[0].text_content()
