"""Tests of the live feed: sentences, pages, filters, and the stream of rows for its script."""

import httpx2

from hub.access import create_token
from hub.pages import feed
from tests.hub.pages.asked import Reader
from tests.hub.published import Published, example
from tests.hub.serving import served
from tests.signed_network import contact, need
from wire.follow import Block, blocks


def rows(reader: Reader, address: str = "/en/feed") -> list[str]:
    found = reader.read(address).xpath("//ol[@id='feed-events']/li/p[1]")
    return [" ".join(each.text_content().split()) for each in found]


def test_events_are_sentences_with_links_the_newest_first(small_network: Published) -> None:
    small_network.publish("need", need("First"), id="n1")  # 2
    small_network.publish("need", need("First again"), id="n1", action="revised")
    small_network.publish("need", need("First again"), id="n1", action="confirmed")
    small_network.withdraw("need", id="n1")
    reader = Reader(small_network)
    assert rows(reader) == [
        "Office xa-centre withdrew First again",
        "Office xa-centre confirmed that First again still holds",
        "Office xa-centre changed First again",
        "Office xa-centre published First",
    ]
    page = reader.read("/fr/feed")
    [first, *_] = page.xpath("//ol[@id='feed-events']/li")
    assert first.get("data-index") == "5"
    links = first.xpath(".//a/@href")
    assert links[:2] == ["/fr/organizations/xa-centre", "/fr/records/need/xa-centre/n1"]
    assert "/fr/places/KEN" in links
    assert "/fr/verify?org=xa-centre&sequence=4" in links
    assert page.xpath("//ol[@id='feed-events']/li//time/@datetime")


def test_older_and_newer_pages_work_without_a_script(small_network: Published, monkeypatch: object) -> None:
    for number in range(feed.ROWS + 5):
        small_network.publish("need", need(f"Need {number}"), id=f"n{number}")
    reader = Reader(small_network)
    page = reader.read("/en/feed?kind=need")
    assert page.xpath("//script/@src")[-1].endswith("/feed.js")
    assert page.get_element_by_id("feed").get("data-after") == str(small_network.tail.size - 1)
    [older] = page.xpath("//a[@rel='next']/@href")
    assert rows(reader, older) == [f"Office xa-centre published Need {number}" for number in (4, 3, 2, 1, 0)]
    page = reader.read(older)
    assert page.xpath("//script[contains(@src, 'feed.js')]") == []
    [newer] = page.xpath("//a[@rel='prev']/@href")
    assert len(rows(reader, newer)) == feed.ROWS


def test_filters_of_the_api_choose_and_a_bad_one_is_said_beside_the_page(small_network: Published) -> None:
    small_network.publish("need", need("In Kenya"), id="n1")
    small_network.publish("need", need("Elsewhere", beneficiary={"country": "TCD"}), id="n2")
    small_network.publish("offer", example("offer"), id="o1")
    reader = Reader(small_network)
    assert rows(reader, "/en/feed?place=KEN") == ["Office xa-centre published In Kenya"]
    assert len(rows(reader, "/en/feed?kind=offer&kind=need")) == 3
    assert "The roots admitted an organization" in rows(reader, "/en/feed?kind=control")
    assert rows(reader, "/en/feed?q=nothing") == []
    page = reader.read("/en/feed?place=KENYA")
    assert reader.status == 422
    assert page.get_element_by_id("errors") is not None
    assert page.xpath("//script[contains(@src, 'feed.js')]") == []


def test_what_only_members_see_is_in_no_row_for_the_public(small_network: Published) -> None:
    small_network.publish("contact", contact(name={"en": "Quelimane"}), id="c1", marking="TLP:GREEN")
    small_network.publish("offer", example("offer", title={"en": "Beira"}), id="o1", marking="TLP:GREEN")
    small_network.withdraw("offer", id="o1")
    small_network.tell("fr-office", record=need("Zanzibar"), id="n1")
    public = Reader(small_network).read("/en/feed").text_content()
    assert [word for word in ("Quelimane", "Beira", "Zanzibar") if word in public] == []
    member = rows(Reader(small_network, create_token(small_network.engine, "member", "A member")))
    said = ("withdrew Beira", "published Beira", "published Quelimane")
    assert member == [f"Office xa-centre {each}" for each in said]


def test_what_is_left_out_says_so(small_network: Published) -> None:
    small_network.publish("need", need("Not for all", consent_to_publish=False), id="n1")
    words = Reader(small_network).words("/en/feed")
    assert "Not for all" not in words
    assert "left out or erased" in words


def streamed(address: str, count: int) -> list[Block]:
    with httpx2.stream("GET", address, timeout=60) as answer:
        found = (block for block in blocks(answer.iter_lines()) if block.data is not None)
        return [next(found) for _ in range(count)]


def test_the_stream_has_the_rows_of_the_page_in_its_language(small_network: Published) -> None:
    small_network.publish("need", need("Second", title={"en": "<Second>", "ar": "ثان"}), id="n2")  # 2
    small_network.publish("contact", contact(), id="c1", marking="TLP:GREEN")
    small_network.publish("resource", id="r1")
    small_network.publish("need", need("Third"), id="n3")
    with served(small_network) as hub:
        first, second = streamed(f"{hub.address}/en/feed/stream?after=1&kind=need", 2)
        assert (first.id, first.type, second.id) == ("2", "message", "5")
        assert '<li class="li-event" data-index="2"' in str(first.data)
        assert "&lt;Second&gt;" in str(first.data)
        [arabic] = streamed(f"{hub.address}/ar/feed/stream?after=1", 1)
        assert "/ar/records/need/xa-centre/n2" in str(arabic.data)
        assert "ثان" in str(arabic.data)
        [reset] = streamed(f"{hub.address}/en/feed/stream?after=77", 1)
        assert reset.type == "reset"
