"""Derives the ids of imported records from the source's keys: a key never leaves the node, an id never changes."""

import base64
import hashlib
import hmac

ID_LENGTH = 26


def derive_id(secret: bytes, source: str, key: str) -> str:
    """Return the record id of one key of one source: 26 characters of [a-z2-7], the same for the same node, always.

    The secret is the node's own. Without it an id cannot be traced to a key, nor a key be guessed from an id.
    """
    # The length in front keeps ("ab", "c") and ("a", "bc") apart.
    said = f"{len(source)}:{source}{key}".encode("utf-8", "surrogatepass")
    digest = hmac.new(secret, said, hashlib.sha256).digest()
    return base64.b32encode(digest)[:ID_LENGTH].decode().lower()
