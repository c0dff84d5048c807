"""Tests of hub/exports/publishers.py: organizations bear the names they give themselves, where one may see them."""

from hub.access import Role
from hub.exports.publishers import Publishers
from tests.hub.exports.test_batches import reading_of
from tests.hub.published import Published, example

NAME = {"en": "Centre of Xandia", "fr": "Centre de Xandie"}
OUTSIDE = {"scheme": "XI-IATI", "id": "GOV"}


def test_an_organization_bears_its_own_name_in_the_readers_language(small_network: Published) -> None:
    small_network.publish("organization", example("organization", name=NAME), id="xa-centre")
    small_network.publish("organization", example("organization", name={"en": "Another"}), id="another")
    known = Publishers(reading_of(small_network), Role.PUBLIC)
    assert [known.name("xa-centre", language) for language in ("fr", "ar")] == ["Centre de Xandie", "Centre of Xandia"]
    assert (known.name("un-office", "en"), known.name(OUTSIDE, "en")) == ("un-office", "XI-IATI:GOV")


def test_a_name_for_members_is_no_name_for_the_public(small_network: Published) -> None:
    small_network.publish("organization", example("organization", name=NAME), id="xa-centre", marking="TLP:GREEN")
    hub = reading_of(small_network)
    assert Publishers(hub, Role.PUBLIC).name("xa-centre", "en") == "xa-centre"
    assert Publishers(hub, Role.MEMBER).name("xa-centre", "en") == "Centre of Xandia"


def test_a_withdrawn_record_names_nobody(small_network: Published) -> None:
    small_network.publish("organization", example("organization", name=NAME), id="xa-centre")
    small_network.withdraw("organization", id="xa-centre")
    assert Publishers(reading_of(small_network), Role.PUBLIC).record("xa-centre") == {}
