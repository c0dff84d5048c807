"""Tests of the profiles: all about one place, and all about one organization."""

from hub.access import create_token
from tests.hub.pages.asked import Reader
from tests.hub.published import Published, example
from tests.signed_network import contact, need


def test_a_place_shows_all_that_concerns_it_with_the_un_name_in_the_language(small_network: Published) -> None:
    small_network.publish("need", need("Readers", beneficiary={"country": "KEN"}), id="n1")
    small_network.publish("offer", example("offer", eligible_places=[{"country": "KEN"}]), id="o1")
    small_network.publish("need", need("Elsewhere", beneficiary={"country": "TCD"}), id="n2")
    reader = Reader(small_network)
    page = reader.read("/ar/places/KEN")
    assert page.xpath("//h1/span[@lang='ar']")[0].text == "كينيا"
    assert "Readers" in reader.words("/en/places/KEN")
    assert "Elsewhere" not in reader.words("/en/places/KEN")
    assert "Readers" in reader.words("/en/places/002"), "a region shows what concerns its countries"


def test_an_organization_shows_its_record_its_node_and_all_that_it_published(small_network: Published) -> None:
    small_network.publish("organization", example("organization"), id="xa-centre")
    small_network.publish("need", need("Duty office"), id="n1")
    words = Reader(small_network).words("/en/organizations/xa-centre")
    assert "National Centre of Xandia" in words
    assert "Duty office" in words
    assert "silent" in words


def test_a_profile_shows_members_records_to_members_alone(small_network: Published) -> None:
    small_network.publish("contact", contact(name={"en": "Quelimane"}), id="c1", marking="TLP:GREEN")
    member = create_token(small_network.engine, "member", "A member")
    assert "Quelimane" not in Reader(small_network).words("/en/organizations/xa-centre")
    assert "Quelimane" in Reader(small_network, member).words("/en/organizations/xa-centre")


def test_a_place_or_organization_that_is_none_is_a_page_that_says_so(small_network: Published) -> None:
    reader = Reader(small_network)
    for address in ("/en/places/nowhere", "/en/organizations/nobody", "/en/organizations/NOBODY!"):
        assert "There is no such page" in reader.words(address)
        assert reader.status == 404
