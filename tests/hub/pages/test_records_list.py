"""Tests of the page of all records: every filter of the API, and the same answer in every other format."""

from tests.hub.pages.asked import Reader
from tests.hub.published import Published, example
from tests.signed_network import need


def test_records_of_all_kinds_are_found_by_every_filter(small_network: Published) -> None:
    small_network.publish("need", need("Readers"), id="n1")
    small_network.publish("offer", example("offer"), id="o1")
    small_network.withdraw("offer", id="o1")
    reader = Reader(small_network)
    links = reader.read("/en/records").xpath("//section//li/a[1]/@href")
    assert links == ["/en/records/need/xa-centre/n1"]
    withdrawn = reader.read("/en/records?status=withdrawn&kind=offer").xpath("//section//li/a[1]/@href")
    assert withdrawn == ["/en/records/offer/xa-centre/o1"]


def test_the_filter_goes_along_into_every_format(small_network: Published) -> None:
    small_network.publish("need", need("Readers"), id="n1")
    page = Reader(small_network).read("/en/records?kind=need&place=KEN&q=readers")
    given = "kind=need&place=KEN&q=readers"
    links = page.xpath("//nav[@aria-label='The same in other formats']//a/@href")
    assert f"/api/v1/records.csv?{given}" in links
    assert f"/en/subscribe?{given}" in links


def test_an_unknown_parameter_is_said_on_the_page(small_network: Published) -> None:
    reader = Reader(small_network)
    assert "perhaps kind was meant" in reader.words("/en/records?kin=need")
    assert reader.status == 422
