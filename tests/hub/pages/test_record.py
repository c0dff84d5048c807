"""Tests of a record's page: what it says, what became of it, its history in differences, and who sees what."""

import pytest
from sqlalchemy import insert

from hub import tables
from hub.access import create_token
from tests.hub.erasing import SECRET, order, say
from tests.hub.pages.asked import Reader
from tests.hub.published import Published, example
from tests.schemas.examples import EXAMPLES
from tests.signed_network import contact, need

NEED = "/en/records/need/xa-centre/n1"


@pytest.mark.parametrize("kind", sorted(EXAMPLES))
def test_every_kind_is_shown_field_by_field_in_words(small_network: Published, kind: str) -> None:
    marking = "TLP:GREEN" if kind == "contact" else "TLP:CLEAR"
    small_network.publish(kind, example(kind), id="r1", marking=marking)
    reader = Reader(small_network, create_token(small_network.engine, "member", "A member"))
    page = reader.read(f"/fr/records/{kind}/xa-centre/r1")
    assert reader.status == 200
    names = page.xpath("//section[1]/dl/dt")
    assert len(names) == len(example(kind))
    assert "{" not in page.get_element_by_id("content").text_content()
    assert page.xpath("//a[text()='JSON']/@href") == [f"/api/v1/records/{kind}/xa-centre/r1"]


def test_values_are_labels_names_and_links(small_network: Published) -> None:
    small_network.publish("need", example("need"), id="n1")
    page = Reader(small_network).read(NEED)
    links = page.xpath("//section[1]//a/@href")
    assert "/en/records/contact/xa-centre/contact1" in links
    assert "/en/places/XAA" in links
    text = page.get_element_by_id("content").text_content()
    assert "Border posts without document readers" in text
    assert "acknowledged" in text.lower()
    assert page.xpath("//section[1]//details//dd[@lang='ar']")[0].text == EXAMPLES["need"]["title"]["ar"]
    assert "/en/verify?org=xa-centre&sequence=1" in page.xpath("//a/@href")


def test_the_history_says_what_changed_and_leads_to_each_version(small_network: Published) -> None:
    first = small_network.publish("need", need("First"), id="n1")
    small_network.publish("need", need("Second", needed_by="2027-06-01"), id="n1", action="revised")
    small_network.publish("need", need("Second", needed_by="2027-06-01"), id="n1", action="confirmed")
    reader = Reader(small_network)
    page = reader.read(NEED)
    rows = page.xpath("//table//tbody/tr")
    told = [[" ".join(cell.text_content().split()) for cell in row] for row in rows]
    assert told == [["Title", "First", "Second"], ["Needed by", "nothing", "1 Jun 2027"]]
    assert [each.strip() for each in page.xpath("//ol/li/p[1]/text()[1]")] == [
        "Confirmed: it still holds", "Changed", "Published",
    ]  # fmt: skip
    old = reader.read(f"{NEED}?version={first}")
    assert old.xpath("//h1")[0].text_content().strip() == "First"
    assert "This is an older version" in old.text_content()
    assert "/en/verify?org=xa-centre&sequence=1" in old.xpath("//a[contains(@class, 'btn-primary')]/@href")
    reader.read(f"{NEED}?version=0")
    assert reader.status == 404
    reader.read(f"{NEED}?version=first")
    assert reader.status == 422


def test_what_is_withdrawn_or_erased_says_so_plainly(small_network: Published) -> None:
    small_network.publish("need", need("Gone"), id="n1")
    erased = say(small_network)
    small_network.withdraw("need", id="n1")
    reader = Reader(small_network)
    words = reader.words(NEED)
    assert "Its author has withdrawn this record" in words
    assert "The reason given: It ended." in words
    order(small_network, erased)
    words = reader.words("/en/records/need/ke-nctc/n1")
    assert reader.status == 410
    assert "This record was erased by order" in words
    assert SECRET not in words


def test_who_may_not_see_a_record_does_not_learn_that_there_is_one(small_network: Published) -> None:
    small_network.publish("contact", contact(name={"en": "Quelimane"}), id="c1", marking="TLP:GREEN")
    small_network.publish("need", need("Public"), id="n1")
    small_network.tell("fr-office", record=need("Zanzibar"), id="n1", action="revised")
    reader = Reader(small_network)
    for address in ("contact/xa-centre/c1", "need/xa-centre/n1", "need/xa-centre/none", "nothing/xa-centre/n1"):
        words = reader.words(f"/en/records/{address}")
        assert reader.status == 404
        assert "Quelimane" not in words
    member = Reader(small_network, create_token(small_network.engine, "member", "A member"))
    assert "Quelimane" in member.words("/en/records/contact/xa-centre/c1")


def test_a_version_under_a_narrower_marking_shows_nothing_of_it(small_network: Published) -> None:
    small_network.publish("need", need("First"), id="n1")
    small_network.publish("need", need("Beira"), id="n1", action="revised", marking="TLP:GREEN")
    small_network.publish("need", need("Third"), id="n1", action="revised")
    page = Reader(small_network).read(NEED)
    assert "Beira" not in page.text_content()
    assert [cell.text_content().strip() for cell in page.xpath("//table//td")] == ["First", "Third"]


def test_a_problem_is_reported_to_the_owner_of_a_contact(small_network: Published) -> None:
    emails = [{"address": "second@centre.example"}, {"address": "duty@centre.example", "pref": 1}]
    small_network.publish("contact", contact(emails=emails), id="c1", marking="TLP:GREEN")
    member = Reader(small_network, create_token(small_network.engine, "member", "A member"))
    [report] = member.read("/en/records/contact/xa-centre/c1").xpath("//a[contains(., 'Report a problem')]/@href")
    assert report == "mailto:duty@centre.example?subject=exercise.example%3A%20contact/xa-centre/c1"


def test_a_record_says_whether_witnesses_have_seen_it(small_network: Published) -> None:
    index = small_network.publish("need", need(), id="n1")
    reader = Reader(small_network)
    assert "not yet: no checkpoint with a quorum" in reader.words(NEED)
    row = {"root": bytes(32), "note": b"", "quorum": True, "at": "2026-11-23T12:00:00.000Z"}
    with small_network.engine.begin() as connection:
        connection.execute(insert(tables.checkpoints).values(size=index, **row))
    assert "not yet: no checkpoint with a quorum" in reader.words(NEED)
    with small_network.engine.begin() as connection:
        connection.execute(insert(tables.checkpoints).values(size=index + 1, **row))
    assert f"covers it, of {index + 1} entries, 23 Nov 2026, 12:00 UTC" in reader.words(NEED)


def test_a_suffix_gives_the_same_record_to_programs(small_network: Published) -> None:
    small_network.publish("need", need(), id="n1")
    client = Reader(small_network).client
    assert client.get(f"{NEED}.json", follow_redirects=False).headers["location"] == "/api/v1/records/need/xa-centre/n1"
    got = client.get(f"{NEED}.atom", follow_redirects=False)
    assert got.headers["location"] == "/api/v1/records/need/xa-centre/n1/history.atom"
    got = client.get(f"{NEED}.feed.json", follow_redirects=False)
    assert got.headers["location"] == "/api/v1/records/need/xa-centre/n1/history.feed.json"
    page = Reader(small_network).read(NEED)
    assert page.xpath("//a[text()='Atom']/@href") == ["/api/v1/records/need/xa-centre/n1/history.atom"]
    assert client.get(f"{NEED}.exe").status_code == 404
    assert client.get(f"{NEED}.vcf").status_code == 404
