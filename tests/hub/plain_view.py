"""An independent model of the view digest: the log's tokens read anew with the standard library, nothing kept."""

import base64
import hashlib
import json
from typing import Any

from sqlalchemy import Engine, select

from hub import tables
from wire.database import reading

Lines = dict[str, bytes]


def replayed(engine: Engine, size: int | None = None) -> Lines:
    """Address and statement hash of every record after the first `size` entries of the log."""
    with reading(engine).connect() as connection:
        query = select(tables.log.c.token, tables.bodies.c.body).outerjoin(
            tables.bodies, tables.bodies.c.index == tables.log.c.index
        )
        entries = [tuple(row) for row in connection.execute(query.order_by(tables.log.c.index))][:size]
    payloads = [_unpadded(bytes(token).split(b".")[1]) for token, _ in entries]
    said: list[dict[str, Any]] = [json.loads(payload) for payload in payloads]
    excluded = {
        json.loads(body)["index"]
        for (_, body), statement in zip(entries, said, strict=True)
        if statement["type"] == "liaison.body.excluded"
    }
    return {
        statement["subject"]: hashlib.sha256(payloads[index]).digest()
        for index, statement in enumerate(said)
        if index not in excluded and not statement["subject"].startswith("control/")
    }


def plain_digests(lines: Lines) -> list[bytes]:
    """Digest of each bucket."""
    buckets: list[list[str]] = [[] for _ in range(4096)]
    for address, statement in lines.items():
        text = base64.urlsafe_b64encode(statement).decode().rstrip("=")
        buckets[int(hashlib.sha256(address.encode()).hexdigest()[:3], 16)].append(f"{address}\n{text}\n")
    return [hashlib.sha256("".join(sorted(bucket)).encode()).digest() for bucket in buckets]


def plain_state(lines: Lines) -> bytes:
    """State of the whole view."""
    return plain_root(plain_digests(lines))


def plain_root(leaves: list[bytes]) -> bytes:
    """Merkle root as RFC 6962 defines it, by recursion."""
    if len(leaves) < 2:
        return hashlib.sha256(b"\x00" + leaves[0]).digest() if leaves else hashlib.sha256().digest()
    middle = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + plain_root(leaves[:middle]) + plain_root(leaves[middle:])).digest()


def log_tokens(engine: Engine, size: int) -> list[bytes]:
    """The first tokens of the log."""
    with reading(engine).connect() as connection:
        query = select(tables.log.c.token).where(tables.log.c.index < size).order_by(tables.log.c.index)
        return [bytes(token) for (token,) in connection.execute(query)]


def _unpadded(text: bytes) -> bytes:
    return base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4))
