"""X25519 keys, to which bodies are encrypted: checked where they are taken into use, named by their thumbprint."""

import functools
import hashlib
from pathlib import Path
from typing import Any, Final, Self

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from wire.encoding import b64url, from_b64url
from wire.keys import KEY_SIZE, BadKey, load_private

_P: Final = 2**255 - 19
# The u coordinates of small order: what is encrypted to one of them, anybody can read (RFC 7748, section 6.1).
_LOW_ORDER: Final = frozenset(
    {
        0,
        1,
        _P - 1,
        325606250916557431795983626356110631294008115727848805560023387167927233504,
        39382357235489614581723060781553021112529911719440698176882885853963445705823,
    }
)


def public_key(jwk: Any) -> bytes:
    """Read the JWK form (RFC 8037), exactly crv, kty and x: 32 bytes; BadKey for what nobody should encrypt to."""
    if not isinstance(jwk, dict) or jwk.keys() != {"crv", "kty", "x"} or (jwk["crv"], jwk["kty"]) != ("X25519", "OKP"):
        raise BadKey('an encryption key is {"crv":"X25519","kty":"OKP","x":…} and nothing else')
    if not isinstance(jwk["x"], str):
        raise BadKey("its x is not text")
    try:
        raw = from_b64url(jwk["x"], size=KEY_SIZE)
    except ValueError as error:
        raise BadKey(f"its x is {error}") from None
    return checked(raw)


def checked(raw: bytes) -> bytes:
    """Take a public key of 32 bytes into use; BadKey for another form, and for points of small order."""
    if len(raw) != KEY_SIZE:
        raise BadKey(f"an X25519 key has {KEY_SIZE} bytes, {len(raw)} found")
    u = int.from_bytes(raw, "little")
    if u >= _P:
        raise BadKey("the key is not in canonical form (its u coordinate is not below 2^255 - 19)")
    if u in _LOW_ORDER:
        raise BadKey("the key is a point of small order: anybody could read what is encrypted to it")
    return raw


def jwk_of(raw: bytes) -> dict[str, str]:
    """Give the JWK form, its members in canonical order."""
    return {"crv": "X25519", "kty": "OKP", "x": b64url(raw)}


@functools.lru_cache(maxsize=4096)
def thumbprint_of(raw: bytes) -> str:
    """RFC 7638: what `kid` says of the key that a copy of the content key is encrypted to."""
    member = f'{{"crv":"X25519","kty":"OKP","x":"{b64url(raw)}"}}'
    return b64url(hashlib.sha256(member.encode()).digest())


class DecryptionKey:
    """A private X25519 key; its repr shows the thumbprint only."""

    def __init__(self, private: X25519PrivateKey) -> None:
        self.private = private
        self.public = private.public_key().public_bytes_raw()

    def __repr__(self) -> str:
        return f"DecryptionKey({self.thumbprint})"

    @property
    def thumbprint(self) -> str:
        """RFC 7638, of the public part."""
        return thumbprint_of(self.public)

    @classmethod
    def generate(cls) -> Self:
        """Make a new key from the system's randomness."""
        return cls(X25519PrivateKey.generate())

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a PKCS #8 PEM file that only its owner may read; BadKey otherwise."""
        key = load_private(path)
        if not isinstance(key, X25519PrivateKey):
            raise BadKey(f"{path} holds another kind of key; an X25519 key was expected")
        return cls(key)
