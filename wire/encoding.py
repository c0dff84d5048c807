"""Base64url without padding, strict in both directions (RFC 7515, section 2)."""

import base64
import binascii
import re

_ALPHABET = re.compile(r"[A-Za-z0-9_-]*")


def b64url(data: bytes) -> str:
    """Encode without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def from_b64url(text: str | bytes, *, size: int | None = None) -> bytes:
    """Decode; ValueError for foreign letters, padding, non-zero trailing bits or another size than `size` bytes."""
    if isinstance(text, bytes):
        text = text.decode("ascii")
    if not _ALPHABET.fullmatch(text):
        raise ValueError("not base64url: only A–Z, a–z, 0–9, - and _ are allowed, and no padding")
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error as error:
        raise ValueError(f"not base64url: {error}") from None
    if b64url(data) != text:
        raise ValueError("not base64url: the last letter carries bits that mean nothing")
    if size is not None and len(data) != size:
        raise ValueError(f"{len(data)} bytes found, {size} expected")
    return data
