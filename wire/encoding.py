"""Base64url without padding, strict in both directions (RFC 7515, section 2)."""

import base64
import binascii

# Our two letters become base64's; base64's own two, and the padding, become something that it refuses.
_TO_BASE64 = bytes.maketrans(b"-_+/=", b"+/!!!")
_PADDING = (b"", None, b"==", b"=")
# Where the last letter carries unused bits they are zero: one text for one value.
_LAST = (None, None, frozenset(b"AQgw"), frozenset(b"AEIMQUYcgkosw048"))


def b64url(data: bytes) -> str:
    """Encode without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def from_b64url(text: str | bytes, *, size: int | None = None) -> bytes:
    """Decode; ValueError for foreign letters, padding, non-zero trailing bits or another size than `size` bytes."""
    raw = text.encode() if isinstance(text, str) else text
    rest = len(raw) % 4
    padding, last = _PADDING[rest], _LAST[rest]
    if padding is None:
        raise ValueError(f"not base64url: {len(raw)} letters cannot be whole bytes")
    if last is not None and raw[-1] not in last:
        raise ValueError("not base64url: the last letter carries bits that mean nothing")
    try:
        data = binascii.a2b_base64(raw.translate(_TO_BASE64) + padding, strict_mode=True)
    except binascii.Error:
        raise ValueError("not base64url: only A–Z, a–z, 0–9, - and _ are allowed, and no padding") from None
    if size is not None and len(data) != size:
        raise ValueError(f"{len(data)} bytes found, {size} expected")
    return data
