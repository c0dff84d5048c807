"""Ed25519 keys: made, kept in files of mode 0600, named by their RFC 7638 thumbprint, and used."""

import functools
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from wire.durable_file import sync_folder
from wire.encoding import b64url, from_b64url

KEY_SIZE = 32
SIGNATURE_SIZE = 64

_P = 2**255 - 19
# The y coordinates of the eight points of small order: a signature under such a key says nothing.
_LOW_ORDER = frozenset(
    {
        0,
        1,
        _P - 1,
        int.from_bytes(bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little"),
        int.from_bytes(bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"), "little"),
    }
)


class BadKey(ValueError):
    """A key that must not be registered: wrong form, small order, or not in its one canonical form."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public Ed25519 key: 32 raw bytes."""

    raw: bytes

    @classmethod
    def checked(cls, raw: bytes) -> Self:
        """Take a key into use; BadKey for what `cryptography` would accept but nobody should register."""
        if len(raw) != KEY_SIZE:
            raise BadKey(f"an Ed25519 key has {KEY_SIZE} bytes, {len(raw)} found")
        y = int.from_bytes(raw, "little") & (2**255 - 1)
        if y >= _P:
            raise BadKey("the key is not in canonical form (its y coordinate is not below 2^255 - 19)")
        if y in _LOW_ORDER:
            raise BadKey("the key is a point of small order, under which any signature could be valid")
        return cls(raw)

    @classmethod
    def from_jwk(cls, jwk: dict[str, Any]) -> Self:
        """Read the JWK form (RFC 8037), exactly crv, kty and x."""
        if (
            not isinstance(jwk, dict)
            or set(jwk) != {"crv", "kty", "x"}
            or jwk["kty"] != "OKP"
            or jwk["crv"] != "Ed25519"
            or not isinstance(jwk["x"], str)
        ):
            raise BadKey('a public key is {"crv":"Ed25519","kty":"OKP","x":…} and nothing else')
        try:
            return cls.checked(from_b64url(jwk["x"]))
        except ValueError as error:
            raise BadKey(str(error)) from None

    @property
    def jwk(self) -> dict[str, str]:
        """The JWK form, its members in canonical order."""
        return {"crv": "Ed25519", "kty": "OKP", "x": b64url(self.raw)}

    @property
    def thumbprint(self) -> str:
        """RFC 7638: what `kid` says."""
        return _thumbprint(self.raw)

    def verify(self, signature: bytes, data: bytes) -> bool:
        """Whether `cryptography` accepts the signature: the one verdict of this network."""
        try:
            _loaded(self.raw).verify(signature, data)
        except InvalidSignature:
            return False
        return True


@functools.lru_cache(maxsize=4096)
def _thumbprint(raw: bytes) -> str:
    member = f'{{"crv":"Ed25519","kty":"OKP","x":"{b64url(raw)}"}}'
    return b64url(hashlib.sha256(member.encode()).digest())


@functools.lru_cache(maxsize=4096)
def _loaded(raw: bytes) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(raw)


class SigningKey:
    """A private Ed25519 key; its repr shows the thumbprint only."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self.public = PublicKey(private.public_key().public_bytes_raw())

    def __repr__(self) -> str:
        return f"SigningKey({self.public.thumbprint})"

    @classmethod
    def generate(cls) -> Self:
        """Make a new key from the system's randomness."""
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def from_seed(cls, seed: bytes) -> Self:
        """Make the key of a 32-byte seed (RFC 8032)."""
        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a PKCS #8 PEM file that only its owner may read."""
        key = load_private(path)
        if not isinstance(key, Ed25519PrivateKey):
            raise BadKey(f"{path} holds another kind of key; an Ed25519 key was expected")
        return cls(key)

    def save(self, path: Path) -> None:
        """Write a new PKCS #8 PEM file, mode 0600; an existing one is never overwritten."""
        write_secret(path, _pem(self._private))

    def sign(self, data: bytes) -> bytes:
        """Sign: 64 bytes."""
        return self._private.sign(data)


def save_encryption_key(path: Path) -> dict[str, str]:
    """Make an X25519 key, keep it in a file as `SigningKey.save` does, and give its public JWK (RFC 8037)."""
    private = X25519PrivateKey.generate()
    write_secret(path, _pem(private))
    return {"crv": "X25519", "kty": "OKP", "x": b64url(private.public_key().public_bytes_raw())}


def encryption_key_of(jwk: dict[str, Any]) -> bytes:
    """Read an X25519 JWK (RFC 8037): its 32 bytes; BadKey for another form, small order, or a non-canonical one."""
    if not isinstance(jwk, dict) or set(jwk) != {"crv", "kty", "x"} or (jwk["crv"], jwk["kty"]) != ("X25519", "OKP"):
        raise BadKey('an encryption key is {"crv":"X25519","kty":"OKP","x":…} and nothing else')
    try:
        raw = from_b64url(str(jwk["x"]), size=KEY_SIZE)
    except ValueError as error:
        raise BadKey(str(error)) from None
    if int.from_bytes(raw, "little") >= _P:
        raise BadKey("the key is not in canonical form (not below 2^255 - 19)")
    try:
        # RFC 7748, section 6.1: with a point of small order every secret comes out as zero.
        X25519PrivateKey.generate().exchange(X25519PublicKey.from_public_bytes(raw))
    except ValueError:
        raise BadKey("the key is a point of small order, which would give the secret away") from None
    return raw


def _pem(private: Ed25519PrivateKey | X25519PrivateKey) -> bytes:
    return private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def load_private(path: Path) -> PrivateKeyTypes:
    """Read a private key of any kind from a PKCS #8 PEM file that only its owner may read; BadKey otherwise."""
    pem = read_secret(path)
    try:
        return serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        # What the library says may quote the file.
        raise BadKey(f"{path} holds no private key in PEM without a password; restore it from a backup") from None


def read_secret(path: Path) -> bytes:
    """Read a secret that only its owner may read; BadKey if others may."""
    mode = path.stat().st_mode & 0o777
    if mode & 0o077:
        raise BadKey(f"{path} is readable by others (mode {mode:04o}); run: chmod 600 {path}")
    return path.read_bytes()


def write_secret(path: Path, content: bytes) -> None:
    """Create a file of mode 0600 durably; FileExistsError rather than losing a secret."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    sync_folder(path.parent)
