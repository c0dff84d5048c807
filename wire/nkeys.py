"""NATS keys of users: made, and used to answer the server's challenge."""

import base64
import binascii
import secrets
from collections.abc import Callable

from wire.keys import BadKey, SigningKey

# The first bytes give the letters that people recognize: seeds begin with SU, public user keys with U.
_SEED = 18 << 3
_USER = 20 << 3
_SEED_SIZE = 2 + 32 + 2


def _encode(raw: bytes) -> str:
    checksum = binascii.crc_hqx(raw, 0).to_bytes(2, "little")
    return base64.b32encode(raw + checksum).decode().rstrip("=")


def _raw_seed(seed: bytes) -> bytes:
    try:
        raw = base64.b32decode(seed.strip() + b"=" * (-len(seed.strip()) % 8))
    except ValueError:
        raise BadKey("a NATS seed is base32 and begins with SU; what was found is not base32") from None
    prefix = bytes([_SEED | _USER >> 5, (_USER & 31) << 3])
    if len(raw) != _SEED_SIZE or raw[:2] != prefix:
        raise BadKey("a NATS seed of a user was expected: it begins with SU and has 58 characters")
    if binascii.crc_hqx(raw[:-2], 0).to_bytes(2, "little") != raw[-2:]:
        raise BadKey("the checksum of the NATS seed is wrong: it was not copied whole")
    return raw[2:-2]


def generate_nkey() -> tuple[bytes, str]:
    """Make a NATS user key: the seed (`SU…`, secret) and the public key (`U…`, 56 characters)."""
    raw = secrets.token_bytes(32)
    seed = _encode(bytes([_SEED | _USER >> 5, (_USER & 31) << 3]) + raw).encode()
    return seed, nkey_public(seed)


def nkey_public(seed: bytes) -> str:
    """Tell the public key (`U…`) of a seed; BadKey when it is none."""
    return _encode(bytes([_USER]) + SigningKey.from_seed(_raw_seed(seed)).public.raw)


def nkey_raw(public: str) -> bytes:
    """Tell the Ed25519 key (32 bytes) of a public user key; BadKey when it is none, or was not copied whole."""
    try:
        raw = base64.b32decode(public + "=" * (-len(public) % 8))
    except ValueError:
        raise BadKey("a NATS key is base32 and begins with U; what was found is not base32") from None
    if len(raw) != 1 + 32 + 2 or raw[0] != _USER or binascii.crc_hqx(raw[:-2], 0).to_bytes(2, "little") != raw[-2:]:
        raise BadKey("a public NATS key of a user was expected: U and 55 characters, the last of them a checksum")
    if _encode(raw[:-2]) != public:
        raise BadKey("the NATS key is not in its one canonical form")
    return raw[1:-2]


def nkey_signer(seed: bytes) -> Callable[[str], bytes]:
    """Give the function that answers the server's nonce: base64 of the signature over it."""
    key = SigningKey.from_seed(_raw_seed(seed))
    return lambda nonce: base64.b64encode(key.sign(nonce.encode()))
