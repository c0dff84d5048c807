"""JSON Web Signatures: one algorithm, one header, each typ for its own purpose."""

import json
from typing import Any

import orjson
import pytest

from tests.shared_files import SHARED, needs_shared
from tests.signed_network import key_of
from wire import jws
from wire.encoding import b64url

KEY, OTHER = key_of("a"), key_of("b")
KEYS = {KEY.public.thumbprint: KEY.public}


def test_what_was_signed_is_given_back_under_the_key_that_signed_it() -> None:
    token = jws.sign(jws.HEAD, b"payload", KEY).encode()
    assert jws.verified_payload(token, jws.HEAD, KEYS) == b"payload"
    parts = jws.take_apart(token, jws.HEAD)
    assert parts.kid == KEY.public.thumbprint
    assert KEY.public.verify(parts.signature, parts.signed)


@pytest.mark.parametrize("typ", [jws.EVENT, jws.RECEIPT, jws.ACTION, jws.ENROLMENT])
def test_a_signature_made_for_one_purpose_cannot_be_used_for_another(typ: str) -> None:
    with pytest.raises(jws.Malformed, match="header"):
        jws.verified_payload(jws.sign(jws.HEAD, b"payload", KEY).encode(), typ, KEYS)


def test_a_signature_by_a_key_that_is_not_expected_is_refused() -> None:
    with pytest.raises(jws.Malformed, match="not expected here"):
        jws.verified_payload(jws.sign(jws.HEAD, b"payload", OTHER).encode(), jws.HEAD, KEYS)


def test_a_token_with_another_payload_is_refused() -> None:
    head, _, signature = jws.sign(jws.HEAD, b"payload", KEY).split(".")
    with pytest.raises(jws.Malformed, match="does not verify"):
        jws.verified_payload(f"{head}.{b64url(b'another')}.{signature}".encode(), jws.HEAD, KEYS)


def general(**changes: Any) -> bytes:
    return orjson.dumps({**jws.sign_general(jws.ACTION, b"payload", [KEY, OTHER]), **changes})


def test_all_keys_that_signed_are_told_and_strangers_are_not() -> None:
    keys = {key.public.thumbprint: key.public for key in (KEY, OTHER)}
    assert jws.verified_general(general(), jws.ACTION, keys) == (b"payload", set(keys))
    assert jws.verified_general(general(), jws.ACTION, KEYS) == (b"payload", set(KEYS))


def test_one_key_that_signs_twice_counts_once() -> None:
    twice = jws.sign_general(jws.ACTION, b"payload", [KEY, KEY])
    assert jws.verified_general(orjson.dumps(twice), jws.ACTION, KEYS)[1] == set(KEYS)


def test_a_signature_over_another_payload_does_not_count() -> None:
    assert jws.verified_general(general(payload=b64url(b"another")), jws.ACTION, KEYS) == (b"another", set())


@pytest.mark.parametrize(
    "body",
    [
        b"", b"[]", b"1", b"{}", general(extra=1), general(payload=1), general(signatures={}), general(signatures=[1]),
        general(signatures=[{"protected": "a"}]),
        general(signatures=[{"protected": "a", "signature": "b", "header": {}}]),
        general(payload="!!", signatures=[]), general(payload="A"), general(payload="YQ.YQ"),
        general(signatures=jws.sign_general(jws.HEAD, b"payload", [KEY])["signatures"]),
        general(signatures=[{"protected": None, "signature": None}]),
        general(signatures=jws.sign_general(jws.ACTION, b"payload", [KEY] * 65)["signatures"]),
    ],
)  # fmt: skip
def test_a_signed_action_of_another_form_is_malformed(body: bytes) -> None:
    with pytest.raises(jws.Malformed):
        jws.verified_general(body, jws.ACTION, KEYS)


def vectors(*path: str) -> Any:
    return json.loads(SHARED.joinpath("vectors", *path).read_text())


@needs_shared
@pytest.mark.parametrize("typ", [jws.EVENT, jws.RECEIPT, jws.HEAD, jws.ACTION, jws.ENROLMENT])
def test_no_signature_of_another_algorithm_or_header_is_taken_however_valid(typ: str) -> None:
    """Wycheproof's are by HMAC, RSA and ECDSA keys, RFC 8037's says EdDSA: one header is ours, so none of them is."""
    groups = vectors("wycheproof", "json_web_signature_test.json")["testGroups"]
    tests = [test for group in groups for test in group["tests"]]
    assert len(tests) == 401
    tokens = [test["jws"] for test in tests] + [vectors("extracted", "rfc8037_rfc7638.json")["jws_compact"]]
    for token in tokens:
        with pytest.raises(jws.Malformed):
            jws.take_apart(token.encode(), typ)
        parts = f"{token}..".split(".")
        made = {"payload": parts[1], "signatures": [{"protected": parts[0], "signature": parts[2]}]}
        with pytest.raises(jws.Malformed):
            jws.verified_general(orjson.dumps(made), typ, KEYS)
