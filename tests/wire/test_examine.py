"""Verdict steps 1, 2, 6 and 8 to 10: what real events look like after somebody has changed them."""

import base64
import hashlib
from typing import Any

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from schemas.body import MAX_BYTES as MAX_BODY
from schemas.body import make_body
from tests.signed_network import (
    key_of,
    message_of,
    need,
    nonce,
    signed_anew,
    signed_raw,
    statement_of,
    with_header,
)
from tests.wire.hearing import network
from wire import jws
from wire.canonical import canonical
from wire.encoding import b64url
from wire.examine import MAX_STATEMENT, MAX_TOKEN, Message, examine, examine_all
from wire.reasons import Reason
from wire.seal import Sealed

KEY = key_of("ke-nctc")


def reason_of(message: Message) -> str:
    """What the network of `hearing` says of this message, fresh each time."""
    return network()[0].reason(message)


def event() -> Sealed:
    """A first event of ke-nctc."""
    return network()[1].say()


def payload_of(message: Message) -> bytes:
    payload: bytes = jws.take_apart(message.token, jws.EVENT).payload
    return payload


def test_an_event_as_its_node_sealed_it_is_accepted() -> None:
    assert reason_of(message_of(event())) == "accepted"


# 1 form of the token ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kept", [0, 1, 40, 100, -90, -1])
def test_a_truncated_token_is_malformed(kept: int) -> None:
    sealed = event()
    assert reason_of(message_of(sealed)._replace(token=sealed.token[:kept])) == Reason.MALFORMED


@pytest.mark.parametrize(
    "header",
    [
        '{"alg":"none","kid":"%s","typ":"liaison+jws"}',
        '{"alg":"HS256","kid":"%s","typ":"liaison+jws"}',
        '{"alg":"EdDSA","kid":"%s","typ":"liaison+jws"}',
        '{"alg":"ed25519","kid":"%s","typ":"liaison+jws"}',
        '{"alg":"Ed25519","b64":false,"crit":["b64"],"kid":"%s","typ":"liaison+jws"}',
        '{"alg":"Ed25519","jwk":{},"kid":"%s","typ":"liaison+jws"}',
        '{"alg":"Ed25519","jku":"https://evil.example/keys","kid":"%s","typ":"liaison+jws"}',
        '{"alg":"Ed25519","kid":"%s"}',
        '{"kid":"%s","alg":"Ed25519","typ":"liaison+jws"}',
        '{"alg":"Ed25519","kid":"%s","typ":"liaison+jws"} ',
        '{"alg": "Ed25519","kid":"%s","typ":"liaison+jws"}',
        '{"alg":"Ed25519","kid":"%s","typ":"JWT"}',
        '{"alg":"Ed25519","kid":"%s","typ":"liaison-head+jws"}',
        '{"alg":"Ed25519","kid":"%s","typ":"liaison-receipt+jws"}',
        '{"alg":"Ed25519","alg":"none","kid":"%s","typ":"liaison+jws"}',
    ],
)
def test_a_validly_signed_statement_under_another_header_is_malformed(header: str) -> None:
    forged = with_header(event(), KEY, (header % KEY.public.thumbprint).encode())
    assert reason_of(forged) == Reason.MALFORMED


def test_a_token_without_a_signature_is_malformed() -> None:
    sealed = event()
    unsigned = sealed.token.rsplit(b".", 1)[0] + b"."
    assert reason_of(message_of(sealed)._replace(token=unsigned)) == Reason.MALFORMED


def test_a_token_of_four_parts_is_malformed() -> None:
    sealed = event()
    assert reason_of(message_of(sealed)._replace(token=sealed.token + b".")) == Reason.MALFORMED


@pytest.mark.parametrize("part", [0, 1, 2])
def test_a_padded_part_of_a_token_is_malformed(part: int) -> None:
    sealed = event()
    parts = sealed.token.split(b".")
    parts[part] += b"=" * (-len(parts[part]) % 4 or 1)
    assert reason_of(message_of(sealed)._replace(token=b".".join(parts))) == Reason.MALFORMED


def test_trailing_bits_that_mean_nothing_are_malformed_as_one_token_would_have_two_texts() -> None:
    sealed = event()
    last = sealed.token[-1:]
    letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    twin = sealed.token[:-1] + letters[letters.index(last) + 1 : letters.index(last) + 2]
    # 64 bytes end in a letter with four unused bits: a lenient decoder reads both as the same signature.
    lenient = [base64.urlsafe_b64decode(token.rsplit(b".", 1)[1] + b"==") for token in (sealed.token, twin)]
    assert lenient[0] == lenient[1]
    assert reason_of(message_of(sealed)._replace(token=twin)) == Reason.MALFORMED


@pytest.mark.parametrize("space", [b" ", b"\n", b"\t", b"\x00"])
def test_white_space_about_a_token_is_malformed(space: bytes) -> None:
    sealed = event()
    assert reason_of(message_of(sealed)._replace(token=sealed.token + space)) == Reason.MALFORMED
    assert reason_of(message_of(sealed)._replace(token=space + sealed.token)) == Reason.MALFORMED


# 1 form of the statement ------------------------------------------------------------------------------------------


def variant(change: str) -> bytes:
    """Validly parsed to the same members, but other bytes."""
    members = statement_of(event().token)
    plain = canonical(members)
    source = members["source"].encode()
    variants: dict[str, bytes] = {
        "white space": orjson.dumps(members, option=orjson.OPT_INDENT_2),
        "line feed at the end": plain + b"\n",
        "members in another order": orjson.dumps(dict(reversed(members.items()))),
        "a member twice": plain[:-1] + b',"type":"' + members["type"].encode() + b'"}',
        "an escape that is not needed": plain.replace(b"liaison.need", b"\\u006ciaison.need"),
        "escaped slashes": plain.replace(source, source.replace(b"/", b"\\/")),
        "a byte order mark": b"\xef\xbb\xbf" + plain,
    }
    return variants[change]


@pytest.mark.parametrize(
    "change",
    [
        "white space", "line feed at the end", "members in another order", "a member twice",
        "an escape that is not needed", "escaped slashes", "a byte order mark",
    ],
)  # fmt: skip
def test_a_statement_that_is_not_in_canonical_form_is_malformed_though_validly_signed(change: str) -> None:
    assert reason_of(signed_raw(event(), KEY, variant(change))) == Reason.MALFORMED


@pytest.mark.parametrize(
    "payload",
    [
        b"", b"null", b"[]", b"{}", b"{", b"\xff\xfe", b'{"id":"\xc3\x28"}', b'{"id":"\\ud800"}', b'{"id":1e999}',
        b'{"a":' * 600 + b"1" + b"}" * 600, b"[" * 3000, b'{"\\u0000":1}', b'{"id":NaN}',
    ],
)  # fmt: skip
def test_bytes_that_are_no_statement_are_malformed_though_validly_signed(payload: bytes) -> None:
    assert reason_of(signed_raw(event(), KEY, payload)) == Reason.MALFORMED


@pytest.mark.parametrize("name", sorted(statement_of(event().token)))
def test_a_statement_that_lacks_a_member_is_malformed(name: str) -> None:
    assert reason_of(signed_anew(event(), KEY, **{name: None})) == Reason.MALFORMED


@pytest.mark.parametrize("name", sorted(statement_of(event().token)))
@pytest.mark.parametrize("value", [1, True, [], {}, "", "\x00", "x" * 600, "Ω"])
def test_a_statement_with_a_member_of_another_form_is_malformed(name: str, value: Any) -> None:
    assert reason_of(signed_anew(event(), KEY, **{name: value})) == Reason.MALFORMED


@pytest.mark.parametrize(
    "changes",
    [
        {"extra": "x"},
        {"data": {}},
        {"traceparent": "00-1-1-00"},
        {"specversion": "1.1"},
        {"datacontenttype": "text/html"},
        {"id": "ke-nctc:000000000002"},
        {"id": "fr-office:000000000001"},
        {"sequence": "1", "id": "ke-nctc:1"},
        {"sequence": "000000000000", "id": "ke-nctc:000000000000"},
        {"sequence": "-00000000001", "id": "ke-nctc:-00000000001"},
        {"time": "2026-02-30T00:00:00.000Z"},
        {"time": "2026-11-23T18:00:00Z"},
        {"time": "2026-11-23T18:00:00.000+00:00"},
        {"subject": "need/ke-nctc/../x"},
        {"subject": "need/ke-nctc/UPPER"},
        {"subject": "need/ke-nctc/n1\n"},
        {"subject": "offer/ke-nctc/n1"},
        {"source": "http://exercise.example/orgs/ke-nctc"},
        {"source": "https://exercise.example:443/orgs/ke-nctc"},
        {"source": "https://exercise.example/orgs/KE-NCTC"},
        {"dataschema": "https://other.example/schemas/need/1"},
        {"marking": "TLP:WHITE"},
        {"marking": "tlp:clear"},
        {"previous": "A" * 42},
        {"previous": "A" * 42 + "B"},
        {"datahash": "+" * 43},
        {"seen": "7"},
    ],
)
def test_a_statement_whose_members_do_not_fit_is_malformed(changes: dict[str, Any]) -> None:
    assert reason_of(signed_anew(event(), KEY, **changes)) == Reason.MALFORMED


@pytest.mark.parametrize("value", [b"NaN", b"Infinity", b"-Infinity", b"1e999", b"9" * 999, b"[" * 999 + b"]" * 999])
def test_a_member_that_stands_twice_first_as_no_json_stops_nobody(value: bytes) -> None:
    """Two parsers read it: what the first reads past must not be an error of the second that nobody expected."""
    payload = b'{"id":' + value + b"," + payload_of(message_of(_EVENT))[1:]
    assert reason_of(signed_raw(_EVENT, KEY, payload)) == Reason.MALFORMED


def test_the_message_about_a_malformed_statement_names_the_member() -> None:
    refusal = network()[0].examine(signed_anew(event(), KEY, marking="TLP:WHITE")).refusal
    assert refusal is not None
    assert "/marking" in refusal.found
    assert "TLP:WHITE" in refusal.found


@given(st.binary(max_size=300))
@example(b'{"a":{"b":' * 40)
def test_no_bytes_in_place_of_a_statement_make_the_examiner_stumble(payload: bytes) -> None:
    assert reason_of(signed_raw(event(), KEY, payload)) == Reason.MALFORMED


@given(st.binary(max_size=300))
def test_no_bytes_in_place_of_a_token_make_the_examiner_stumble(token: bytes) -> None:
    examined = examine(Message("ke-nctc", "need", token, None), "exercise.example", {})
    assert examined.refusal is not None
    assert examined.refusal.reason == Reason.MALFORMED


# 1 size -----------------------------------------------------------------------------------------------------------


def test_a_token_one_byte_over_the_limit_is_too_large_and_at_the_limit_it_is_read() -> None:
    assert reason_of(Message("ke-nctc", "need", b"x" * (MAX_TOKEN + 1), None)) == Reason.TOO_LARGE
    assert reason_of(Message("ke-nctc", "need", b"x" * MAX_TOKEN, None)) == Reason.MALFORMED


def test_a_statement_one_byte_over_four_kibibytes_is_too_large() -> None:
    """At the limit it is read, and found to have a member too many."""

    def padded(size: int) -> Message:
        members = {**statement_of(event().token), "zz": ""}
        members["zz"] = "x" * (size - len(canonical(members)))
        assert len(canonical(members)) == size
        return signed_raw(event(), KEY, canonical(members))

    assert reason_of(padded(MAX_STATEMENT + 1)) == Reason.TOO_LARGE
    assert reason_of(padded(MAX_STATEMENT)) == Reason.MALFORMED


def test_a_body_at_256_kibibytes_is_read_and_one_byte_more_is_too_large() -> None:
    def sized(size: int) -> Message:
        # The rules for records bound each text; the form of a body does not depend on them.
        room = size - len(make_body({"padding": ""}, nonce(0)))
        body = make_body({"padding": "x" * room}, nonce(0))
        assert len(body) == size
        sealed = network()[1].say()
        return signed_anew(sealed, KEY, datahash=b64url(hashlib.sha256(body).digest()))._replace(body=body)

    assert reason_of(sized(MAX_BODY)) == Reason.SCHEMA_INVALID
    assert reason_of(sized(MAX_BODY + 1)) == Reason.TOO_LARGE


# 1 kind and 2 place -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "liaison.need.deleted"},
        {"type": "liaison.need.exploded"},
        {"type": "liaison.weather.published", "subject": "weather/ke-nctc/n1",
         "dataschema": "https://exercise.example/schemas/weather/1"},
        {"dataschema": "https://exercise.example/schemas/need/2"},
    ],
)  # fmt: skip
def test_a_type_kind_or_schema_version_that_is_not_known_is_named_so(changes: dict[str, str]) -> None:
    assert reason_of(signed_anew(event(), KEY, **changes)) == Reason.UNKNOWN_KIND


@pytest.mark.parametrize(
    "event_type",
    [
        "liaison.organization.admitted", "liaison.organization.suspended", "liaison.key.replaced",
        "liaison.roots.changed", "liaison.fork.found", "liaison.body.excluded", "liaison.view.stated",
    ],
)  # fmt: skip
def test_an_organization_that_speaks_as_hub_or_registry_in_its_own_chain_is_not_heard(event_type: str) -> None:
    rotated = network()[1].rotate()
    assert reason_of(message_of(rotated)) == "accepted"
    assert reason_of(signed_anew(rotated, KEY, type=event_type)) == Reason.UNKNOWN_KIND


def test_a_statement_replayed_from_another_network_is_refused() -> None:
    _, there = network()
    there.network = "other.example"
    assert reason_of(message_of(there.say())) == Reason.WRONG_NETWORK


def test_a_statement_published_in_anothers_account_is_refused() -> None:
    assert reason_of(message_of(event())._replace(organization="fr-office")) == Reason.WRONG_SUBJECT


def test_a_statement_about_anothers_record_is_refused() -> None:
    assert reason_of(signed_anew(event(), KEY, subject="need/fr-office/n1")) == Reason.WRONG_SUBJECT


def test_a_statement_under_anothers_name_is_refused() -> None:
    forged = signed_anew(
        event(), KEY, source="https://exercise.example/orgs/fr-office", id="fr-office:000000000001",
    )  # fmt: skip
    assert reason_of(forged) == Reason.WRONG_SUBJECT


def test_a_statement_on_the_bus_subject_of_another_kind_is_refused() -> None:
    assert reason_of(message_of(event())._replace(kind="offer")) == Reason.WRONG_SUBJECT


# 6 signature ------------------------------------------------------------------------------------------------------

_EVENT = event()


@given(st.integers(0, len(_EVENT.token) * 8 - 1))
def test_no_bit_of_a_token_can_be_flipped_unnoticed(place: int) -> None:
    flipped = bytearray(_EVENT.token)
    flipped[place // 8] ^= 1 << place % 8
    assert reason_of(message_of(_EVENT)._replace(token=bytes(flipped))) in {
        Reason.MALFORMED, Reason.BAD_SIGNATURE, Reason.UNKNOWN_KEY, Reason.WRONG_NETWORK, Reason.WRONG_SUBJECT,
        Reason.UNKNOWN_KIND,
    }  # fmt: skip


@given(st.integers(0, 511))
def test_no_bit_of_a_signature_can_be_flipped_unnoticed(place: int) -> None:
    signed, _, encoded = _EVENT.token.rpartition(b".")
    signature = bytearray(base64.urlsafe_b64decode(encoded + b"=="))
    signature[place // 8] ^= 1 << place % 8
    forged = signed + b"." + b64url(bytes(signature)).encode()
    assert reason_of(message_of(_EVENT)._replace(token=forged)) == Reason.BAD_SIGNATURE


@pytest.mark.parametrize(
    "name", sorted(set(statement_of(_EVENT.token)) - {"specversion", "datacontenttype", "dataschema"})
)
def test_another_statement_under_a_signature_of_old_is_never_accepted(name: str) -> None:
    other = network()[1]
    other.say()
    later = statement_of(other.say(need("Another"), id="n2", action="revised", marking="TLP:GREEN").token)
    head, _, signature = _EVENT.token.split(b".")
    payload = canonical({**statement_of(_EVENT.token), name: later[name]})
    forged = b".".join((head, b64url(payload).encode(), signature))
    found = reason_of(message_of(_EVENT)._replace(token=forged))
    assert found == "accepted" if payload == payload_of(message_of(_EVENT)) else found in {"malformed", "bad-signature"}


def test_a_signature_of_zeros_is_bad() -> None:
    token = _EVENT.token.rsplit(b".", 1)[0] + b"." + b64url(bytes(64)).encode()
    assert reason_of(message_of(_EVENT)._replace(token=token)) == Reason.BAD_SIGNATURE


# many at once -------------------------------------------------------------------------------------------------------

_GOOD = message_of(_EVENT)
_MIXED = (
    _GOOD,
    _GOOD._replace(token=b"x"),
    _GOOD._replace(token=b"x" * (MAX_TOKEN + 1)),
    _GOOD._replace(token=_EVENT.token[:-4] + b"AAAA"),
    _GOOD._replace(body=None),
    _GOOD._replace(kind="offer"),
    signed_anew(_EVENT, KEY, marking="TLP:RED"),
    signed_anew(_EVENT, key_of("fr-office")),
    signed_anew(_EVENT, key_of("a stranger")),
    signed_raw(_EVENT, KEY, b" " * (MAX_STATEMENT + 1)),
)


@given(st.lists(st.sampled_from(_MIXED), max_size=20))
def test_many_are_examined_as_each_alone(messages: list[Message]) -> None:
    hearing = network()[0]
    together = list(examine_all(messages, hearing.network, hearing.registry.keys))
    assert together == [hearing.examine(message) for message in messages]
