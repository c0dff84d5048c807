"""Verdict steps 8 to 10: what of a logged event may be shown."""

import hashlib
from typing import Any

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from schemas.body import make_body
from tests.signed_network import NETWORK, contact, encrypted_to, key_of, message_of, need, nonce, signed_anew
from tests.wire.hearing import network
from wire.encoding import b64url
from wire.examine import Message, content_of, examine, examine_body
from wire.jwe import CONTENT_TYPE as ENCRYPTED
from wire.jwe import looks_encrypted
from wire.reasons import Reason

KEY = key_of("ke-nctc")
ASSESSMENT = {
    "subject": {"country": "KEN"}, "framework": "fatf-4", "assessment_type": "mutual_evaluation",
    "assessor": "fr-office", "ratings": [],
}  # fmt: skip
_EVENT = network()[1].say()


def reason_of(message: Message) -> str:
    """What the network of `hearing` says of this message, fresh each time."""
    return network()[0].reason(message)


def test_an_event_without_its_body_is_logged_and_its_body_called_missing() -> None:
    assert reason_of(message_of(_EVENT)._replace(body=None)) == Reason.BODY_MISSING


@given(st.integers(0, len(_EVENT.body) * 8 - 1))
def test_no_bit_of_a_body_can_be_flipped_unnoticed(place: int) -> None:
    flipped = bytearray(_EVENT.body)
    flipped[place // 8] ^= 1 << place % 8
    assert reason_of(message_of(_EVENT)._replace(body=bytes(flipped))) == Reason.BODY_MISMATCH


def test_the_body_of_another_event_is_a_mismatch() -> None:
    other = network()[1].say(need("Another"))
    assert reason_of(message_of(_EVENT)._replace(body=other.body)) == Reason.BODY_MISMATCH


@pytest.mark.parametrize(
    ("record", "pointer"),
    [
        (need(need_status="wished"), "/record/need_status"),
        (need(cost={"requirements": 2.5, "currency": "USD"}), "/record/cost/requirements"),
        (need(weight=1), "/record/weight"),
        (need(title={}), "/record/title"),
        (need(quantity={"in_need": 2**60}), "/record/quantity/in_need"),
        (need(title={"en": "a\x00b"}), "/record/title/en"),
        ({}, "/record/requester"),
    ],
)
def test_a_record_that_does_not_fit_its_schema_is_told_by_pointer(record: dict[str, Any], pointer: str) -> None:
    body = orjson.dumps({"nonce": nonce(0), "record": record}, option=orjson.OPT_SORT_KEYS)
    exclusion = network()[0].examine(message_of(network()[1].say(body=body))).exclusion
    assert exclusion is not None
    assert exclusion.reason == Reason.SCHEMA_INVALID
    assert pointer in {problem.pointer for problem in exclusion.problems}


@pytest.mark.parametrize(
    "body",
    [
        b"", b"null", b"not JSON", b"\xff", b"[]", b"[" * 5000, b'{"a":' * 900 + b"1" + b"}" * 900,
        orjson.dumps({"record": need(), "nonce": nonce(0)}),
        make_body(need(), nonce(0)) + b" ",
        make_body(need(), "short"),
        make_body(need(), nonce(0)).replace(b'"KEN"', b'"K\\u0045N"'),
    ],
)  # fmt: skip
def test_a_body_that_is_no_canonical_record_is_schema_invalid(body: bytes) -> None:
    sealed = network()[1].say(body=body or b"\x00")
    message = signed_anew(sealed, KEY, datahash=b64url(hashlib.sha256(body).digest()))._replace(body=body)
    assert reason_of(message) == Reason.SCHEMA_INVALID


@given(st.binary(max_size=200))
@example(b'{"ciphertext":')
def test_no_bytes_in_place_of_a_body_make_the_examiner_stumble(body: bytes) -> None:
    expected = Reason.MARKING_VIOLATED if looks_encrypted(body) else Reason.SCHEMA_INVALID
    assert reason_of(message_of(network()[1].say(body=body))) == expected


@pytest.mark.parametrize("body", [b"", b"[]", b"1", b'1,"token":"x"', b'{"b":1,"a":2}', b'{"a":1} ', b"\xff"])
def test_an_event_without_a_record_cannot_smuggle_members_into_what_readers_get(body: bytes) -> None:
    sealed = network()[1].rotate()
    changes = {"type": "liaison.erasure.ordered", "datahash": b64url(hashlib.sha256(body).digest())}
    assert reason_of(signed_anew(sealed, KEY, **changes)._replace(body=body)) == Reason.SCHEMA_INVALID


def test_what_is_marked_red_is_out_of_the_view_though_it_is_signed() -> None:
    assert reason_of(message_of(network()[1].say(marking="TLP:RED"))) == Reason.MARKING_VIOLATED


@pytest.mark.parametrize("marking", ["TLP:AMBER", "TLP:AMBER+STRICT"])
def test_an_amber_body_in_clear_violates_its_marking(marking: str) -> None:
    assert reason_of(message_of(network()[1].say(marking=marking))) == Reason.MARKING_VIOLATED


@pytest.mark.parametrize("marking", ["TLP:AMBER", "TLP:AMBER+STRICT"])
@pytest.mark.parametrize("action", ["published", "revised", "confirmed", "withdrawn"])
def test_an_amber_body_encrypted_to_its_readers_is_accepted_unread(marking: str, action: str) -> None:
    hearing, ours = network()
    message = message_of(ours.tell("fr-office", marking=marking, action=action))
    examined = hearing.examine(message)
    assert hearing.reason(message) == "accepted"
    assert examined.record is None
    assert [each.organization for each in examined.recipients] == ["fr-office", "ke-nctc"]


@pytest.mark.parametrize("marking", ["TLP:CLEAR", "TLP:GREEN", "TLP:RED"])
@pytest.mark.parametrize("content_type", ["application/json", "application/jose+json"])
def test_an_encrypted_body_under_another_marking_violates_it(marking: str, content_type: str) -> None:
    body = encrypted_to(make_body(need(), nonce(0)), "ke-nctc", "fr-office")
    sealed = network()[1].say(marking=marking, body=body, content_type=content_type)
    assert reason_of(message_of(sealed)) == Reason.MARKING_VIOLATED


@pytest.mark.parametrize("marking", ["TLP:CLEAR", "TLP:GREEN", "TLP:AMBER"])
def test_a_body_in_clear_that_is_called_encrypted_violates_its_marking(marking: str) -> None:
    sealed = network()[1].say(marking=marking, content_type="application/jose+json")
    assert reason_of(message_of(sealed)) == Reason.MARKING_VIOLATED


def test_an_encrypted_body_that_is_called_plain_violates_its_marking() -> None:
    body = encrypted_to(make_body(need(), nonce(0)), "ke-nctc", "fr-office")
    assert reason_of(message_of(network()[1].say(marking="TLP:AMBER", body=body))) == Reason.MARKING_VIOLATED


def test_an_encrypted_body_of_another_form_is_schema_invalid_and_told_by_pointer() -> None:
    hearing, ours = network()
    body = encrypted_to(make_body(need(), nonce(0)), "ke-nctc", "fr-office").replace(b"ECDH-ES+A256KW", b"ECDH-ES")
    exclusion = hearing.examine(message_of(ours.say(marking="TLP:AMBER", body=body, content_type=ENCRYPTED))).exclusion
    assert exclusion is not None
    assert exclusion.reason == Reason.SCHEMA_INVALID
    assert [each.pointer for each in exclusion.problems] == ["/recipients/0/header/alg"]


def test_the_ciphertext_of_another_event_is_a_mismatch() -> None:
    hearing, ours = network()
    first, second = ours.tell("fr-office"), ours.tell("fr-office")
    assert hearing.reason(message_of(first)._replace(body=second.body)) == Reason.BODY_MISMATCH


@pytest.mark.parametrize("change", [b"fr-office", b"alg"])
def test_a_bus_that_alters_the_list_of_readers_makes_a_mismatch(change: bytes) -> None:
    hearing, ours = network()
    sealed = ours.tell("fr-office")
    other = encrypted_to(make_body(need(), nonce(0)), "ke-nctc", "fr-office", "xa-office")
    altered = other if change == b"fr-office" else sealed.body.replace(change, b"ALG")
    assert hearing.reason(message_of(sealed)._replace(body=altered)) == Reason.BODY_MISMATCH


@given(st.binary(max_size=200))
def test_no_bytes_in_place_of_an_encrypted_body_make_the_examiner_stumble(body: bytes) -> None:
    for given_body in (body, b'{"ciphertext":' + body):
        sealed = network()[1].say(marking="TLP:AMBER", body=given_body, content_type="application/jose+json")
        assert reason_of(message_of(sealed)) in {Reason.MARKING_VIOLATED, Reason.SCHEMA_INVALID}


def test_a_signed_action_of_the_registry_is_no_encrypted_body_though_its_content_type_is_the_same() -> None:
    sealed = network()[1].rotate()
    message = signed_anew(sealed, KEY, datacontenttype="application/jose+json")
    assert reason_of(message) == "accepted"


@pytest.mark.parametrize("marking", ["TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED"])
def test_an_event_without_a_record_is_public_or_violates_its_marking(marking: str) -> None:
    assert reason_of(signed_anew(network()[1].rotate(), KEY, marking=marking)) == Reason.MARKING_VIOLATED


def test_a_contact_for_members_marked_clear_violates_its_marking() -> None:
    for marking, expected in (("TLP:GREEN", "accepted"), ("TLP:CLEAR", Reason.MARKING_VIOLATED)):
        assert reason_of(message_of(network()[1].say(contact(), kind="contact", marking=marking))) == expected


@pytest.mark.parametrize(
    ("consent", "marking", "expected"),
    [
        ({"consent_to_publish": False}, "TLP:CLEAR", Reason.CONSENT_MISSING),
        ({"consent_to_publish": False}, "TLP:GREEN", "accepted"),
        ({"consent_to_circulate": False}, "TLP:GREEN", Reason.CONSENT_MISSING),
    ],
)
def test_a_need_shown_more_widely_than_its_consent_lacks_it(
    consent: dict[str, bool], marking: str, expected: str
) -> None:
    assert reason_of(message_of(network()[1].say(need(**consent), marking=marking))) == expected


@pytest.mark.parametrize("time", ["0001-01-01T00:00:00.000Z", "1970-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z"])
def test_a_clock_thousands_of_years_off_is_no_verdict(time: str) -> None:
    assert reason_of(signed_anew(_EVENT, KEY, time=time)) == "accepted"


@pytest.mark.parametrize("name", ["a", "\U0001f600"], ids=["plain name", "name beyond the basic plane"])
def test_the_body_of_an_event_without_a_record_nested_beyond_all_measure_stops_nobody(name: str) -> None:
    sealed = network()[1].rotate()
    body = b'{"%s":%s%s}' % (name.encode(), b"[" * 500, b"]" * 500)
    said = examine(message_of(sealed), NETWORK, {}).said
    assert said is not None
    found, record = examine_body(said._replace(datahash=hashlib.sha256(body).digest()), body)
    assert (found and found.reason, record) == (Reason.SCHEMA_INVALID, None)


def test_what_a_reader_has_opened_is_judged_like_what_everybody_can_read() -> None:
    hearing, ours = network()
    said = hearing.examine(message_of(ours.tell("fr-office"))).said
    assert said is not None
    assert content_of(said, make_body(need(), nonce(0))) == (None, need())
    for record, reason in (
        (need(consent_to_circulate=False), None),
        (need(need_status="wished"), Reason.SCHEMA_INVALID),
    ):
        found, _ = content_of(said, make_body(record, nonce(0)))
        assert (found and found.reason) == reason
    unpublished = {**ASSESSMENT, "consent": "none"}
    found, _ = content_of(said._replace(kind="assessment"), make_body(unpublished, nonce(0)))
    assert found is not None
    assert found.reason == Reason.CONSENT_MISSING
    strict = said._replace(kind="assessment", marking="TLP:AMBER+STRICT")
    assert content_of(strict, make_body(unpublished, nonce(0))) == (None, unpublished)
