"""Secrets that are given once: cookies and codes. Only their SHA-256 is kept, which nobody can turn back."""

import base64
import hashlib
import secrets
from typing import Final

OCTETS: Final = 32
MAX_SECRET: Final = 100


def new_secret() -> str:
    """Make 256 random bits, as text for a cookie."""
    return secrets.token_urlsafe(OCTETS)


def new_code() -> str:
    """Make 160 random bits, in groups that a person can read out: `k3fq-…`."""
    letters = base64.b32encode(secrets.token_bytes(20)).decode().lower()
    return "-".join(letters[place : place + 4] for place in range(0, len(letters), 4))


def typed_code(code: str) -> str:
    """Give a code as it was made, however it was typed or copied."""
    letters = "".join(each for each in code[: 2 * MAX_SECRET].lower() if each.isascii() and each.isalnum())
    return "-".join(letters[place : place + 4] for place in range(0, len(letters), 4))


def digest(secret: str) -> bytes:
    """Give what is stored of a secret."""
    return hashlib.sha256(secret[: MAX_SECRET * 2].encode("utf-8", "surrogatepass")).digest()
