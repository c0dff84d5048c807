"""The one form of an encrypted body: JWE general JSON to named organizations, checked here without opening it."""

from itertools import pairwise
from typing import Any, Final, NamedTuple

import orjson

from schemas.body import MAX_BYTES
from schemas.problems import Problem, problem, shown
from schemas.release import FOR_NAMED
from schemas.sentences import gettext_noop as N_
from schemas.sentences import sentence
from schemas.statement import is_org
from wire.canonical import is_canonical
from wire.encoding import from_b64url
from wire.keys import BadKey
from wire.x25519 import public_key

ALGORITHM: Final = "ECDH-ES+A256KW"
ENCRYPTION: Final = "A256GCM"
TYPE: Final = "liaison-body+jwe"
CONTENT_TYPE: Final = "application/jose+json"  # what the statement says of such a body
MAX_RECIPIENTS: Final = 100  # the author among them

_MEMBERS: Final = frozenset({"ciphertext", "iv", "protected", "recipients", "tag"})
_BEGINNING: Final = b'{"ciphertext":'  # no body of a record begins so
_IV, _TAG, _WRAPPED = 12, 16, 40  # bytes: of GCM, and a key of 32 under AES key wrap (RFC 3394)


class BadJwe(ValueError):
    """A body that is not exactly of this form; `problem` names the member."""

    def __init__(self, found: Problem) -> None:
        super().__init__(found.message)
        self.problem = found


class NotForNamed(BadJwe):
    """Marking, content type and body do not say alike that only named readers can read it."""


class Recipient(NamedTuple):
    """One named organization, and the thumbprint of the key that its copy of the content key is encrypted to."""

    organization: str
    kid: str


class Jwe(NamedTuple):
    """An encrypted body taken apart: who can read it, in the order of their ids, and the members as they came."""

    recipients: tuple[Recipient, ...]
    members: dict[str, Any]


def protected_header(organizations: list[str]) -> dict[str, Any]:
    """Give the members of the protected header: it binds the whole list of readers to the ciphertext."""
    return {"enc": ENCRYPTION, "to": organizations, "typ": TYPE}


def looks_encrypted(body: bytes) -> bool:
    """Whether a body is meant to be encrypted; no record's body begins so."""
    return body.startswith(_BEGINNING)


def named_readers(marking: str, body: bytes, *, encrypted: bool) -> tuple[Recipient, ...]:
    """Give the readers of a body that is meant to be encrypted; `encrypted` is what its content type says.

    NotForNamed where the marking does not go with that, BadJwe for another form.
    """
    at = ("marking",)
    if marking not in FOR_NAMED:
        allowed = N_("go with a body that all can read whom it allows; TLP:AMBER is for encrypted ones")
        raise NotForNamed(problem(at, sentence("{marking}, with an encrypted body", marking=marking), allowed))
    if not encrypted or not looks_encrypted(body):
        allowed = sentence(
            "go with a body that is encrypted to named organizations (JWE, datacontenttype {content_type})",
            content_type=CONTENT_TYPE,
        )
        raise NotForNamed(problem(at, sentence("{marking}, with a body in clear", marking=marking), allowed))
    return parse_jwe(body).recipients


def parse_jwe(body: bytes) -> Jwe:
    """Check the form of an encrypted body, without any key; BadJwe names the first member that is not right."""
    if len(body) > MAX_BYTES:
        raise _bad((), f"{len(body)} bytes", f"have at most {MAX_BYTES}")
    document = _object(body, ())
    _exactly(document, _MEMBERS, ())
    organizations = _organizations(document["protected"])
    recipients = document["recipients"]
    if not isinstance(recipients, list) or len(recipients) != len(organizations):
        found = (
            sentence("{count} entries", count=len(recipients)) if isinstance(recipients, list) else shown(recipients)
        )
        raise _bad(("recipients",), found, f"have one entry for each of the {len(organizations)} that `to` names")
    _bytes_of(document, "iv", _IV, ())
    _bytes_of(document, "tag", _TAG, ())
    _bytes_of(document, "ciphertext", None, ())
    ephemeral: set[str] = set()
    kids = [_kid_of(entry, ("recipients", place), ephemeral) for place, entry in enumerate(recipients)]
    if len(set(kids)) != len(kids):
        raise _bad(("recipients",), "one key twice", "have a key of its own for each organization")
    return Jwe(tuple(map(Recipient, organizations, kids)), document)


def _organizations(protected: Any) -> list[str]:
    header = _object(_decoded(protected, ("protected",)), ("protected",))
    _exactly(header, frozenset({"enc", "to", "typ"}), ("protected",))
    for name, expected in (("enc", ENCRYPTION), ("typ", TYPE)):
        if header[name] != expected:
            raise _bad(("protected", name), shown(header[name]), f"be {expected}")
    named = header["to"]
    if not isinstance(named, list) or not 1 <= len(named) <= MAX_RECIPIENTS:
        found = sentence("{count} entries", count=len(named)) if isinstance(named, list) else shown(named)
        raise _bad(("protected", "to"), found, f"name 1 to {MAX_RECIPIENTS} organizations")
    for place, name in enumerate(named):
        if not isinstance(name, str) or not is_org(name):
            raise _bad(("protected", "to", place), shown(name), "be the id of an organization")
    if any(first >= second for first, second in pairwise(named)):
        raise _bad(("protected", "to"), "another order", "be sorted, and name nobody twice")
    return named


def _kid_of(entry: Any, path: tuple[str | int, ...], ephemeral: set[str]) -> str:
    """Check one recipient; `ephemeral` are the keys that came before, none of which may come again."""
    if not isinstance(entry, dict):
        raise _bad(path, shown(entry), "be an object")
    _exactly(entry, frozenset({"encrypted_key", "header"}), path)
    _bytes_of(entry, "encrypted_key", _WRAPPED, path)
    header, path = entry["header"], (*path, "header")
    if not isinstance(header, dict):
        raise _bad(path, shown(header), "be an object")
    _exactly(header, frozenset({"alg", "epk", "kid"}), path)
    if header["alg"] != ALGORITHM:
        raise _bad((*path, "alg"), shown(header["alg"]), f"be {ALGORITHM}")
    try:
        public_key(header["epk"])
    except BadKey as error:
        raise _bad((*path, "epk"), shown(header["epk"]), f"be a sound X25519 key: {error}") from None
    if header["epk"]["x"] in ephemeral:
        raise _bad((*path, "epk"), "that of another recipient", "be a key used only here")
    ephemeral.add(header["epk"]["x"])
    return _bytes_of(header, "kid", 32, path)


def _object(data: bytes, path: tuple[str | int, ...]) -> dict[str, Any]:
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise _bad(path, f"not JSON ({error})", "be an object in canonical JSON") from None
    if not isinstance(value, dict):
        raise _bad(path, shown(value), "be an object in canonical JSON")
    if not is_canonical(data, value):
        raise _bad(path, "not in canonical form", "be the RFC 8785 form of itself: sorted, no blanks, none twice")
    return value


def _exactly(value: dict[str, Any], names: frozenset[str], path: tuple[str | int, ...]) -> None:
    if value.keys() != names:
        raise _bad(path, f"members {shown(sorted(value))}", f"have exactly the members {', '.join(sorted(names))}")


def _bytes_of(holder: dict[str, Any], name: str, size: int | None, path: tuple[str | int, ...]) -> str:
    text: str = holder[name]
    _decoded(text, (*path, name), size)
    return text


def _decoded(text: Any, path: tuple[str | int, ...], size: int | None = None) -> bytes:
    if not isinstance(text, str):
        raise _bad(path, shown(text), "be text in base64url")
    try:
        return from_b64url(text, size=size)
    except ValueError as error:
        raise _bad(path, str(error), "be base64url without padding" + (f", {size} bytes" if size else "")) from None


def _bad(path: tuple[str | int, ...], found: str, allowed: str) -> BadJwe:
    return BadJwe(problem(path, found, allowed))
