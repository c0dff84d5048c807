"""The view digest: 4,096 buckets of record addresses with the hash of each one's last included statement; no I/O.

One line stands for one record, `kind/org/id` LF base64url(statement hash) LF. A record belongs into the bucket that the
first 12 bits of SHA-256(address) name. A bucket's digest is SHA-256 over its lines in the order of their bytes, the
state is the Merkle root (RFC 6962) with the 4,096 digests as leaves. The line is there from the record's first included
statement on, and stays whatever becomes of the record: withdrawn, disputed, erased.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import orjson

from wire.canonical import is_canonical
from wire.encoding import b64url, from_b64url
from wire.merkle import HASH_SIZE, leaf_hash, perfect_root

BUCKETS: Final = 4096
EMPTY_DIGEST: Final = hashlib.sha256().digest()  # of a bucket without records
STATED: Final = "liaison.view.stated"
MAX_NUMBER: Final = 2**53 - 1


class BadStatement(ValueError):
    """A body of `liaison.view.stated` that is not in its form; the message says what was found."""


class Stated(NamedTuple):
    """What the hub says of its view: log size, the log's root and the view's state at that size, number of records."""

    size: int
    root: bytes
    rows: int
    state: bytes

    def members(self) -> dict[str, Any]:
        """Give the body's members, without the nonce."""
        return {"root": b64url(self.root), "rows": self.rows, "size": self.size, "state": b64url(self.state)}


def bucket_of(address: str) -> int:
    """Which bucket a record belongs into, from 0 to 4,095."""
    first = hashlib.sha256(address.encode()).digest()
    return first[0] << 4 | first[1] >> 4


def bucket_digest(lines: Iterable[tuple[str, bytes]]) -> bytes:
    """Digest of one bucket from its (address, statement hash of 32 bytes), in any order; ValueError if one is twice.

    No letter of an address sorts before LF, so addresses in order are lines in order.
    """
    ordered = sorted(lines)
    text = "".join([f"{address}\n{b64url(statement)}\n" for address, statement in ordered])
    if len({address for address, _ in ordered}) != len(ordered):
        raise ValueError("a record stands twice in one bucket")
    return hashlib.sha256(text.encode()).digest()


def state_root(digests: Sequence[bytes]) -> bytes:
    """State of the view from the digests of all its buckets; ValueError unless they are 4,096 of 32 bytes."""
    if len(digests) != BUCKETS or any(len(each) != HASH_SIZE for each in digests):
        raise ValueError(f"a view has {BUCKETS} digests of {HASH_SIZE} bytes")
    return perfect_root([leaf_hash(each) for each in digests])


def open_stated(body: bytes) -> Stated:
    """Read the body of a `liaison.view.stated`; BadStatement unless it is exactly in its form."""
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise BadStatement("the body is not JSON") from None
    if not isinstance(document, dict) or sorted(document) != ["nonce", "root", "rows", "size", "state"]:
        raise BadStatement("the body's members are not nonce, root, rows, size and state")
    if not is_canonical(body, document):
        raise BadStatement("the body is not in canonical form")
    try:
        from_b64url(_text(document, "nonce"), size=16)
        root, state = (from_b64url(_text(document, name), size=HASH_SIZE) for name in ("root", "state"))
    except ValueError as error:
        raise BadStatement(f"nonce, root or state: {error}") from None
    return Stated(_number(document, "size"), root, _number(document, "rows"), state)


class ViewDigest:
    """A view's digest built record by record; only buckets that were touched are hashed again.

    Memory is one entry for each record; `put` costs the same whatever the size, `state` what the touched buckets hold.
    """

    def __init__(self) -> None:
        self._lines: list[dict[str, bytes]] = [{} for _ in range(BUCKETS)]
        self._digests = [EMPTY_DIGEST] * BUCKETS
        self._touched: set[int] = set()
        self.rows = 0

    def put(self, address: str, statement: bytes) -> None:
        """A record's last included statement is this one now, by its hash; ValueError unless that has 32 bytes."""
        if len(statement) != HASH_SIZE:
            raise ValueError(f"a statement hash of {len(statement)} bytes; {HASH_SIZE} expected")
        bucket = bucket_of(address)
        lines = self._lines[bucket]
        self.rows += address not in lines
        lines[address] = statement
        self._touched.add(bucket)

    def lines(self, bucket: int) -> Mapping[str, bytes]:
        """Give one bucket's records with their statement hashes."""
        return self._lines[bucket]

    def digests(self) -> tuple[bytes, ...]:
        """Give the digests of all buckets."""
        for bucket in self._touched:
            self._digests[bucket] = bucket_digest(self._lines[bucket].items())
        self._touched.clear()
        return tuple(self._digests)

    def state(self) -> bytes:
        """Give the state of the view as it is now."""
        return state_root(self.digests())


def _text(document: dict[str, Any], name: str) -> str:
    value = document[name]
    if not isinstance(value, str):
        raise BadStatement(f"{name} is {type(value).__name__}, not text")
    return value


def _number(document: dict[str, Any], name: str) -> int:
    value = document[name]
    if type(value) is not int or not 0 <= value <= MAX_NUMBER:
        raise BadStatement(f"{name} is {str(value)[:40]}, not a number from 0")
    return value
