"""Tests of the directory of contact points."""

import pytest

from hub.access import create_token
from tests.hub.pages.asked import Reader
from tests.hub.published import Published, example
from tests.signed_network import NEVER_DUE, contact


@pytest.fixture
def directory(small_network: Published) -> Published:
    office = example("contact", visibility="public", review_due=NEVER_DUE)
    small_network.publish("contact", office, id="c1", marking="TLP:CLEAR")
    other = contact(visibility="public", name={"fr": "Bureau du droit"}, roles=["legal_accession"], emails=None)
    other = {name: value for name, value in other.items() if value is not None}
    small_network.publish("contact", other, id="c2", org="other-office", marking="TLP:CLEAR")
    small_network.publish("contact", contact(name={"en": "For members"}), id="c3", marking="TLP:GREEN")
    return small_network


def names(reader: Reader, address: str) -> list[str]:
    return [
        " ".join(each.text_content().split()) for each in reader.read(address).xpath("//ul[@class='li-list']//h2/a")
    ]


def test_a_contact_tells_every_way_to_reach_it_and_when_it_was_confirmed(directory: Published) -> None:
    page = Reader(directory).read("/en/directory?role=duty_officer_24x7")
    [item] = page.xpath("//ul[@class='li-list']/li")
    assert {"mailto:duty@centre.example", "tel:+254201234567", "https://centre.example/form"} <= set(
        item.xpath(".//@href")
    )
    assert "/api/v1/records/contact/xa-centre/c1.vcf" in item.xpath(".//@href")
    assert "/api/v1/records/contact/xa-centre/c1.qr.svg" in item.xpath(".//@href")
    words = " ".join(item.text_content().split())
    assert "✓ confirmed last confirmed 1 Oct 2026" in words
    assert "answers day and night" in words


def test_one_without_a_way_to_reach_it_is_shown_as_such(directory: Published) -> None:
    assert "No way to reach this contact was given." in Reader(directory).words("/en/directory?org=other-office")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["Duty office", "Bureau du droit fr"]), ("?q=droit", ["Bureau du droit fr"]),
        ("?q=المناوبة", ["Duty office"]),
        ("?place=XAA", ["Duty office"]), ("?language=ar", ["Duty office"]), ("?available_24x7=true", ["Duty office"]),
        ("?role=legal_accession", ["Bureau du droit fr"]), ("?theme=theme_1373:2.10", ["Duty office"]),
        ("?q=nobody", []),
    ],
)  # fmt: skip
def test_the_box_and_the_facets_find_contacts(directory: Published, query: str, expected: list[str]) -> None:
    assert names(Reader(directory), f"/en/directory{query}") == expected


def test_facets_have_counts_of_what_may_be_seen_and_keep_what_was_chosen(directory: Published) -> None:
    reader = Reader(directory)
    page = reader.read("/en/directory?place=XAA")
    [chosen] = page.xpath("//input[@name='place'][@checked]")
    assert chosen.get("value") == "XAA"
    assert "XAA 1" in " ".join(chosen.getparent().text_content().split())
    assert "2 found" in reader.words("/en/directory"), "the public sees two"
    assert "For members" not in reader.words("/en/directory")
    member = Reader(directory, create_token(directory.engine, "member", "reader"))
    assert "3 found" in member.words("/en/directory")


def test_files_of_the_same_list_have_the_same_filters(directory: Published) -> None:
    page = Reader(directory).read("/en/directory?place=XAA&q=duty&available_24x7=true")
    exports = [href for href in page.xpath("//a/@href") if href.startswith("/api/v1/records.")]
    query = "kind=contact&place=XAA&q=duty&available_24x7=true"
    assert exports == [f"/api/v1/records.{each}?{query}" for each in ("csv", "xlsx", "vcf", "jsonl")]


def test_a_wrong_filter_is_said_beside_the_page(directory: Published) -> None:
    reader = Reader(directory)
    assert "must be a role" in reader.words("/en/directory?role=king")
    assert reader.status == 422


def test_pages_follow_one_another(directory: Published) -> None:
    reader = Reader(directory)
    [following] = reader.read("/en/directory?limit=1").xpath("//a[@rel='next']/@href")
    assert names(reader, following) == ["Bureau du droit fr"]
