"""JSON Web Signatures with one algorithm and one exact header (RFC 7515, RFC 9864), compact and general."""

import functools
import re
from typing import Any, NamedTuple

import orjson

from schemas.sentences import gettext_noop as N_
from schemas.sentences import sentence
from wire.encoding import b64url, from_b64url
from wire.keys import SIGNATURE_SIZE, PublicKey, SigningKey

EVENT = "liaison+jws"
RECEIPT = "liaison-receipt+jws"
HEAD = "liaison-head+jws"
ACTION = "liaison-action+jws"
ENROLMENT = "liaison-enrolment+jws"
ROTATION = "liaison-rotation+jws"

_HEADER = re.compile(rb'\{"alg":"Ed25519","kid":"([A-Za-z0-9_-]{43})","typ":"([a-z+-]{1,40})"\}')


class Malformed(ValueError):
    """Bytes that are no signature of ours; the message says what was found."""


class Jws(NamedTuple):
    """A signature taken apart, not yet verified: key id, payload, the bytes that were signed, 64 bytes of signature."""

    kid: str
    payload: bytes
    signed: bytes
    signature: bytes


def header(typ: str, kid: str) -> str:
    """Give the protected header, encoded."""
    return b64url(f'{{"alg":"Ed25519","kid":"{kid}","typ":"{typ}"}}'.encode())


def sign(typ: str, payload: bytes, key: SigningKey) -> str:
    """Sign as compact JWS."""
    signed = f"{header(typ, key.public.thumbprint)}.{b64url(payload)}"
    return f"{signed}.{b64url(key.sign(signed.encode()))}"


def take_apart(token: bytes, typ: str) -> Jws:
    """Split a compact JWS of exactly our header; Malformed otherwise. Nothing is verified here."""
    parts = token.split(b".", 3)
    if len(parts) != 3:
        found = "more" if len(parts) > 3 else f"{len(parts)}"
        raise Malformed(sentence("a token has three parts with dots between them, {found} found", found=found))
    kid = _read_header(parts[0], typ)
    try:
        payload = from_b64url(parts[1])
        signature = from_b64url(parts[2], size=SIGNATURE_SIZE)
    except ValueError as error:
        raise Malformed(str(error)) from None
    return Jws(kid, payload, token[: len(parts[0]) + 1 + len(parts[1])], signature)


@functools.lru_cache(maxsize=4096)
def _read_header(part: bytes, typ: str) -> str:
    try:
        found = _HEADER.fullmatch(from_b64url(part))
    except ValueError as error:
        raise Malformed(sentence("the header is {cause}", cause=error)) from None
    if found is None or found[2].decode() != typ:
        raise Malformed(sentence('the header is not {"alg":"Ed25519","kid":…,"typ":"{typ}"}', typ=typ))
    return found[1].decode()


def verified_payload(token: bytes, typ: str, keys: dict[str, PublicKey]) -> bytes:
    """Verify a compact JWS under one of `keys` (by thumbprint) and give its payload; Malformed otherwise."""
    jws = take_apart(token, typ)
    key = keys.get(jws.kid)
    if key is None:
        raise Malformed(sentence("signed with key {kid}, which is not expected here", kid=jws.kid))
    if not key.verify(jws.signature, jws.signed):
        raise Malformed(sentence("the signature by key {kid} does not verify", kid=jws.kid))
    return jws.payload


def sign_general(typ: str, payload: bytes, keys: list[SigningKey]) -> dict[str, Any]:
    """Sign as JWS general JSON (RFC 7515, section 7.2.1) with one signature for each key."""
    encoded = b64url(payload)
    signatures = []
    for key in keys:
        protected = header(typ, key.public.thumbprint)
        signatures.append({"protected": protected, "signature": b64url(key.sign(f"{protected}.{encoded}".encode()))})
    return {"payload": encoded, "signatures": signatures}


def read_general(body: bytes) -> dict[str, Any]:
    """Read the outer form of a JWS general JSON: payload, and at most 64 signatures; Malformed otherwise."""
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Malformed(sentence("not JSON: {error}", error=error)) from None
    if not isinstance(document, dict) or set(document) != {"payload", "signatures"}:
        raise Malformed(N_("a signed action has the members payload and signatures, and no others"))
    signatures = document["signatures"]
    if not isinstance(document["payload"], str) or not isinstance(signatures, list) or len(signatures) > 64:
        raise Malformed(N_("payload is text, and signatures a list of at most 64"))
    for entry in signatures:
        if not _is_signature(entry):
            raise Malformed(N_("each signature has the members protected and signature, both text, and no others"))
    return document


def verified_general(body: bytes, typ: str, keys: dict[str, PublicKey]) -> tuple[bytes, set[str]]:
    """Give the payload and the thumbprints of the `keys` that signed it; Malformed if the form is not exact."""
    document = read_general(body)
    try:
        payload = from_b64url(document["payload"])
    except ValueError as error:
        raise Malformed(sentence("the payload is {cause}", cause=error)) from None
    signers = set()
    for entry in document["signatures"]:
        token = f"{entry['protected']}.{document['payload']}.{entry['signature']}".encode("utf-8", "replace")
        jws = take_apart(token, typ)
        key = keys.get(jws.kid)
        if key is not None and key.verify(jws.signature, jws.signed):
            signers.add(jws.kid)
    return payload, signers


def _is_signature(entry: Any) -> bool:
    return (
        isinstance(entry, dict)
        and set(entry) == {"protected", "signature"}
        and all(isinstance(part, str) for part in entry.values())
    )
