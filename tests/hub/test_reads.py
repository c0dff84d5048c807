"""What the intake wants of a message is the same for one and for many, and shows nothing of what is left out."""

from hub.reads import keys_in, read_message, read_messages, view_of
from tests.hub.test_examiners import PACKED, messages
from tests.signed_network import HUB_KEY, NETWORK, Organization, key_of, message_of, need
from wire.reasons import Reason


def test_one_message_is_read_as_many_are() -> None:
    asked = messages(3)
    assert [read_message(each, NETWORK, keys_in(PACKED)) for each in asked] == read_messages(NETWORK, PACKED, asked)


def test_no_record_is_kept() -> None:
    assert [read.examined.record for read in read_messages(NETWORK, PACKED, messages(3))] == [None] * 13


def test_keys_are_packed_and_unpacked_by_thumbprint() -> None:
    assert keys_in(PACKED) == {key.thumbprint: key for key in (HUB_KEY.public, key_of("ke-nctc").public)}
    assert keys_in(b"") == {}


def test_new_keys_are_known_at_once() -> None:
    message = message_of(Organization("ke-nctc", bytes(32), key_of("ke-nctc")).say())
    assert read_messages(NETWORK, HUB_KEY.public.raw, [message])[0].examined.signature is None
    assert read_messages(NETWORK, PACKED, [message])[0].examined.signature is True


def test_what_was_refused_or_left_out_or_is_encrypted_shows_nothing_of_its_record() -> None:
    for read in read_messages(NETWORK, PACKED, messages(0))[3:]:
        found = read.examined
        assert found.refusal or found.exclusion or found.recipients or found.signature is None
        assert not found.recipients or (read.facets, read.coverage) == (None, [])
        assert found.exclusion is None or (read.facets, read.coverage) == (None, [])
        assert found.refusal is None or found.refusal.reason in {Reason.UNKNOWN_KIND, Reason.MALFORMED}


def test_the_view_takes_title_places_themes_and_review_from_a_record() -> None:
    found = view_of("need", need("Readers"), "2026-11-23T12:00:00.000Z", "published")
    assert found.facets is not None
    assert (found.facets.title, found.facets.places, found.review_due) == ("Readers", ("KEN",), "2027-05-24")
    assert [line[:4] for line in found.coverage] == [("need", "KEN", "theme_1373", "2.10")]
