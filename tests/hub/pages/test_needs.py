"""Tests of the page of needs, and of one need with who answers it and who could."""

from datetime import date

import pytest

from hub.pages.needs import clock
from tests.hub.pages.asked import Reader
from tests.hub.published import Published, example
from tests.signed_network import need

TODAY = date(2026, 11, 26)


@pytest.fixture
def needy(small_network: Published) -> Published:
    small_network.publish("need", need("Readers"), id="n1")
    small_network.publish("need", need("Laws", need_status="met"), id="n2")
    answer = example("activity", answers_needs=["need/xa-centre/n1"], title={"en": "Readers come"})
    small_network.publish("activity", answer, id="a1", org="un-office")
    themes = [{"scheme": "theme_1373", "code": "2.10"}]
    offer = example("offer", themes=themes, assistance_modes=["equipment"], title={"en": "Readers for all"})
    small_network.publish("offer", {**offer, "eligible_places": [{"region": "014"}]}, id="o1", org="un-office")
    small_network.publish(
        "offer", {**offer, "title": {"en": "For Kenya"}, "eligible_places": [{"country": "KEN"}]}, id="o2"
    )
    small_network.publish("offer", {**offer, "title": {"en": "Too late"}, "open": False}, id="o3")
    small_network.publish(
        "offer", {**offer, "title": {"en": "Training only"}, "assistance_modes": ["training"]}, id="o4"
    )
    small_network.publish("offer", {**offer, "title": {"en": "Members' offer"}}, id="o5", marking="TLP:GREEN")
    return small_network


def test_needs_have_their_clock_and_who_answers_them(needy: Published) -> None:
    words = Reader(needy).words("/en/needs")
    assert "2 found" in words
    assert "1 activity answers it" in words
    assert "Acknowledged · open for" in words


def test_unmet_needs_are_those_for_which_somebody_waits(needy: Published) -> None:
    page = Reader(needy).read("/en/needs?unmet=true")
    assert [each.text_content() for each in page.xpath("//ul[@class='li-list']//h2/a")] == ["Readers"]


def test_possible_providers_fit_in_place_theme_and_mode_the_nearest_first(needy: Published) -> None:
    reader = Reader(needy)
    page = reader.read("/en/needs/xa-centre/n1")
    possible = page.get_element_by_id("possible").xpath(".//li/a")
    assert [each.text_content() for each in possible] == ["For Kenya", "Readers for all", "Readers come"]
    assert page.xpath("//section[h2='Who answers it']//li/a/@href") == ["/en/records/activity/un-office/a1"]
    assert "for Eastern Africa" in reader.words("/en/needs/xa-centre/n1")


def test_a_need_that_is_not_there_or_not_for_the_reader_is_a_page_that_says_so(needy: Published) -> None:
    needy.publish("need", need(consent_to_publish=False), id="secret", marking="TLP:GREEN")
    reader = Reader(needy)
    for address in ("/en/needs/xa-centre/none", "/en/needs/xa-centre/secret", "/en/needs/x/y"):
        reader.read(address)
        assert reader.status == 404


def test_a_clock_runs_from_the_day_of_asking_until_the_need_ended() -> None:
    history = [{"status": "submitted", "at": "2026-11-01"}, {"status": "met", "at": "2026-11-11"}]
    record = {
        "need_status": "acknowledged",
        "history": history[:1],
        "needed_by": "2026-11-25",
        "follow_up_due": "2027-11-01",
    }
    running = clock({"record": record, "published": "2026-11-20T00:00:00.000Z"}, TODAY)
    assert (running.days_open, running.is_late, running.follow_up_late) == (25, True, False)
    ended = clock(
        {"record": {"need_status": "met", "history": history}, "published": "2026-11-20T00:00:00.000Z"}, TODAY
    )
    assert (ended.is_open, ended.days_open, ended.is_late) == (False, 10, False)


def test_each_open_need_of_the_list_leads_to_who_could_help(small_network: Published) -> None:
    small_network.publish("need", need("Readers"), id="n1")
    links = Reader(small_network).read("/en/needs").xpath("//a[contains(@href, '#possible')]")
    assert [each.get("href") for each in links] == ["/en/needs/xa-centre/n1#possible"]
