"""Messages to worker processes and findings back, in marshal's form: a tenth of what pickle costs per event."""

import marshal
import pickle
from collections.abc import Sequence
from typing import Any

from hub.entries import Read
from schemas.facets import Facets
from wire.examine import Examined, Message, Said
from wire.jwe import Recipient


def pack_messages(messages: Sequence[Message]) -> bytes:
    """Pack what is to be examined."""
    return marshal.dumps([tuple(message) for message in messages])


def unpack_messages(parcel: bytes) -> list[Message]:
    """Unpack it in the worker."""
    return [Message(*fields) for fields in marshal.loads(parcel)]  # noqa: S302 - from our own parent process


def pack_reads(reads: Sequence[Read]) -> bytes:
    """Pack the findings; what was refused or left out, or rotates a key, is rare and travels as pickle."""
    return marshal.dumps([_plain(read) for read in reads])


def unpack_reads(parcel: bytes) -> list[Read]:
    """Unpack the findings."""
    return [_read(fields) for fields in marshal.loads(parcel)]  # noqa: S302 - from a worker of our own


def _plain(read: Read) -> tuple[Any, ...] | bytes:
    found = read.examined
    if found.refusal is not None or found.exclusion is not None or found.said is None or found.rotation is not None:
        return pickle.dumps(read)
    facets = read.facets
    return (
        found.hash,
        found.kid,
        tuple(found.said),
        found.signature,
        None if facets is None else tuple(facets),
        [*map(tuple, read.coverage)],
        read.review_due,
        found.recipients and [*map(tuple, found.recipients)],
    )


def _read(fields: tuple[Any, ...] | bytes) -> Read:
    if isinstance(fields, bytes):
        read: Read = pickle.loads(fields)  # noqa: S301 - from a worker of our own
        return read
    digest, kid, said, signature, facets, coverage, due, recipients = fields
    named = recipients and tuple(map(Recipient._make, recipients))
    return Read(
        Examined(digest, kid, Said._make(said), None, signature, None, None, None, named),
        None if facets is None else Facets._make(facets),
        coverage,
        due,
    )
