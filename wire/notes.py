"""Signed notes and their verifier keys (C2SP signed-note), and timestamped cosignatures (C2SP tlog-cosignature, v1)."""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple, Self

from schemas.sentences import gettext_noop as N_
from schemas.sentences import sentence
from wire.keys import KEY_SIZE, SIGNATURE_SIZE, PublicKey, SigningKey

ED25519, COSIGNATURE = 0x01, 0x04
MAX_NOTE = 1_000_000  # bytes
MAX_SIGNATURES = 1_000  # one for each witness of a large network
MAX_TIME = 2**63 - 1

_DASH = "\u2014 "
_SECRET = "PRIVATE+KEY+"  # how Go's tools write a signer's key  # noqa: S105
_ML_DSA = 0x06
# What the specification forbids (DEL and the C1 controls are not among it), and what has no UTF-8.
_FORBIDDEN = re.compile(r"[\x00-\x09\x0b-\x1f\ud800-\udfff]")
_KEY_ID = re.compile(r"[0-9a-f]{8}")
_TIME_SIZE = 8


class BadNote(ValueError):
    """A note or verifier key that is malformed, or a signature by a known key that does not verify."""


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A name and the key that signs under it; `algorithm` is ED25519 or COSIGNATURE."""

    name: str
    key: PublicKey
    algorithm: int = ED25519

    def __post_init__(self) -> None:
        if not is_key_name(self.name):
            raise BadNote(
                sentence(
                    "{name} is no name of a key: it has letters, and neither spaces nor plus signs",
                    name=f"{self.name[:100]!r}",
                )
            )
        if self.algorithm not in (ED25519, COSIGNATURE):
            raise BadNote(
                sentence(
                    "signature type 0x{algorithm} is not supported; 0x01 or 0x04 was expected",
                    algorithm=f"{self.algorithm:02x}",
                )
            )

    @property
    def key_id(self) -> bytes:
        """Four bytes that, with the name, say which key a signature claims to be by."""
        material = self.name.encode() + b"\n" + bytes([self.algorithm]) + self.key.raw
        return hashlib.sha256(material).digest()[:4]

    def __str__(self) -> str:
        """The form in which verifier keys are handed out: name+id+key."""
        return f"{self.name}+{self.key_id.hex()}+{b64(bytes([self.algorithm]) + self.key.raw)}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a verifier key; BadNote if its parts do not belong together or its key must not be used."""
        if text.startswith(_SECRET):
            raise BadNote(N_("this is a private key, not the verifier key that belongs to it; show it to nobody"))
        name, mark, rest = text.partition("+")
        key_id, second, encoded = rest.partition("+")
        if not mark or not second or not _KEY_ID.fullmatch(key_id):
            raise BadNote(
                sentence(
                    "{text} is no verifier key; name+8 hexadecimal digits+base64 was expected", text=f"{text[:100]!r}"
                )
            )
        material = from_b64(encoded)
        if material[0] == _ML_DSA:
            raise BadNote(
                sentence(
                    "the key of {name} is an ML-DSA-44 one (0x06); this network signs with Ed25519 only",
                    name=f"{name[:100]!r}",
                )
            )
        if len(material) != 1 + KEY_SIZE:
            raise BadNote(
                sentence(
                    "the verifier key of {name} has {count} bytes; {size} were expected",
                    name=f"{name[:100]!r}",
                    count=len(material),
                    size=1 + KEY_SIZE,
                )
            )
        try:
            found = cls(name, PublicKey.checked(material[1:]), material[0])
        except BadNote:
            raise
        except ValueError as error:
            raise BadNote(
                sentence("the verifier key of {name} cannot be used: {cause}", name=f"{name[:100]!r}", cause=error)
            ) from None
        if found.key_id.hex() != key_id:
            raise BadNote(
                sentence(
                    "the verifier key of {name} says the id {key_id}; its key has {hex}",
                    name=f"{name[:100]!r}",
                    key_id=key_id,
                    hex=found.key_id.hex(),
                )
            )
        return found

    def verify(self, text: str, signature: bytes) -> bool:
        """Whether these bytes, without the key id, are this key's signature on the text of a note."""
        if self.algorithm == ED25519:
            return len(signature) == SIGNATURE_SIZE and self.key.verify(signature, text.encode())
        if len(signature) != _TIME_SIZE + SIGNATURE_SIZE:
            return False
        time = int.from_bytes(signature[:_TIME_SIZE], "big")
        return time <= MAX_TIME and self.key.verify(signature[_TIME_SIZE:], _cosigned(text, time))


class Signature(NamedTuple):
    """One signature line: who is said to have signed, and what; `raw` is without the four bytes of the key id."""

    name: str
    key_id: bytes
    raw: bytes

    @property
    def line(self) -> str:
        """The line as it stands in a note, with its line feed."""
        return f"{_DASH}{self.name} {b64(self.key_id + self.raw)}\n"

    @property
    def timestamp(self) -> int:
        """When a cosignature says it was made: POSIX seconds; BadNote if it is none."""
        time = int.from_bytes(self.raw[:_TIME_SIZE], "big")
        if len(self.raw) != _TIME_SIZE + SIGNATURE_SIZE or time > MAX_TIME:
            raise BadNote(
                sentence(
                    "the signature of {name} has no timestamp: it is no Ed25519 cosignature",
                    name=f"{self.name[:100]!r}",
                )
            )
        return time


class Note(NamedTuple):
    """The text with its line feed at the end, signatures by known keys, all verified, and those by others."""

    text: str
    verified: dict[VerifierKey, Signature]
    unknown: tuple[Signature, ...]


def sign_text(text: str, name: str, key: SigningKey) -> Signature:
    """Sign the text of a note."""
    verifier = VerifierKey(name, key.public)
    return Signature(name, verifier.key_id, key.sign(text.encode()))


def cosign_text(text: str, name: str, key: SigningKey, time: int) -> Signature:
    """Cosign the text of a checkpoint at `time`, in POSIX seconds; ValueError for a time that cannot be written."""
    if not 0 <= time <= MAX_TIME:
        raise ValueError(f"{time} is no time of a cosignature; POSIX seconds below 2^63 were expected")
    verifier = VerifierKey(name, key.public, COSIGNATURE)
    raw = time.to_bytes(_TIME_SIZE, "big") + key.sign(_cosigned(text, time))
    return Signature(name, verifier.key_id, raw)


def write_note(text: str, signatures: Iterable[Signature]) -> bytes:
    """Put text and signatures together; ValueError for a text that cannot be one of a note, or no signature."""
    if not text.endswith("\n") or _FORBIDDEN.search(text):
        raise ValueError("the text of a note ends with a line feed and has no other control characters")
    lines = "".join(signature.line for signature in signatures)
    if not lines:
        raise ValueError("a note has at least one signature")
    return (text + "\n" + lines).encode()


def parse_note(message: bytes) -> tuple[str, list[Signature]]:
    """Take a note apart without verifying anything; BadNote if it is malformed."""
    if len(message) > MAX_NOTE:
        raise BadNote(
            sentence("the note has {count} bytes; at most {max_note} are read", count=len(message), max_note=MAX_NOTE)
        )
    try:
        whole = message.decode()
    except UnicodeDecodeError:
        raise BadNote(N_("the note is not UTF-8")) from None
    if _FORBIDDEN.search(whole):
        raise BadNote(N_("the note has control characters other than line feeds"))
    text, blank, lines = whole.rpartition("\n\n")
    if not blank or not lines.endswith("\n"):
        raise BadNote(N_("the note has no signature lines behind an empty line"))
    found = lines[:-1].split("\n")
    if len(found) > MAX_SIGNATURES:
        raise BadNote(
            sentence(
                "the note has {count} signatures; at most {max_signatures} are read",
                count=len(found),
                max_signatures=MAX_SIGNATURES,
            )
        )
    return text + "\n", [parse_signature(line) for line in found]


def parse_signature(line: str) -> Signature:
    """Read one signature line, without its line feed; BadNote if it is malformed.

    Names follow the specification to the letter: a note may be signed by strangers with names that are odd.
    """
    name, blank, encoded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not blank or not is_key_name(name):
        raise BadNote(
            sentence("{line} is no signature line; a dash, a name and base64 were expected", line=f"{line[:100]!r}")
        )
    raw = from_b64(encoded)
    if len(raw) < 5:
        raise BadNote(
            sentence(
                "the signature of {name} has {count} bytes; more than 4 were expected",
                name=f"{name[:100]!r}",
                count=len(raw),
            )
        )
    return Signature(name, raw[:4], raw[4:])


def open_note(message: bytes, keys: Iterable[VerifierKey]) -> Note:
    """Verify a note under the keys that are known; BadNote unless at least one signed and none of them wrongly.

    Every signature by a known key is verified, also a second one; the first counts.
    """
    text, signatures = parse_note(message)
    known: dict[tuple[str, bytes], VerifierKey] = {}
    for key in keys:
        if known.setdefault((key.name, key.key_id), key) != key:
            raise BadNote(
                sentence(
                    "two keys of {name} have the id {hex}; which one signed cannot be told",
                    name=f"{key.name!r}",
                    hex=key.key_id.hex(),
                )
            )
    verified: dict[VerifierKey, Signature] = {}
    unknown = []
    for signature in signatures:
        signer = known.get((signature.name, signature.key_id))
        if signer is None:
            unknown.append(signature)
        elif not signer.verify(text, signature.raw):
            raise BadNote(sentence("the signature of {name} does not verify", name=f"{signer.name!r}"))
        else:
            verified.setdefault(signer, signature)
    if not verified:
        names = ", ".join(repr(name[:100]) for name in sorted({signature.name for signature in signatures})[:5])
        raise BadNote(
            sentence("no signature is by a key that is known here; the note is signed by {names}", names=names)
        )
    return Note(text, verified, tuple(unknown))


def is_key_name(name: str) -> bool:
    """Whether this can be the name of a key: not empty, no plus sign, no Unicode spaces, no control characters."""
    return bool(name) and "+" not in name and not _FORBIDDEN.search(name) and name.split() == [name]


def b64(data: bytes) -> str:
    """Encode in standard base64, as notes do."""
    return base64.b64encode(data).decode()


def from_b64(text: str) -> bytes:
    """Decode standard base64 strictly: one text for one value; BadNote otherwise."""
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if b64(data) != text or not text:
        raise BadNote(sentence("{text} is not base64 as it must be written", text=f"{text[:100]!r}"))
    return data


def _cosigned(text: str, time: int) -> bytes:
    return f"cosignature/v1\ntime {time}\n{text}".encode()
