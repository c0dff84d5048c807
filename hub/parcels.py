"""Messages to worker processes and findings back, in marshal's form: a tenth of what pickle costs per event."""

import marshal
import pickle
from collections.abc import Iterable, Sequence
from typing import Any

from hub.entries import Read, ViewOf
from schemas.facets import Facets
from wire.examine import Examined, Message, Said
from wire.jwe import Recipient

_new = tuple.__new__


def pack_messages(messages: Sequence[Message]) -> bytes:
    """Pack what is to be examined."""
    return marshal.dumps([tuple(message) for message in messages])


def unpack_messages(parcel: bytes) -> list[Message]:
    """Unpack it in the worker."""
    return [_new(Message, fields) for fields in marshal.loads(parcel)]  # noqa: S302 - from our own parent process


def read_of(examined: Examined, view: ViewOf) -> Read:
    """Keep of what was found on a message all but its record, of which there would be too many."""
    return Read(examined if examined.record is None else examined._replace(record=None), *view)


def pack_reads(found: Iterable[tuple[Examined, ViewOf]]) -> bytes:
    """Pack the findings; what was refused or left out, or rotates a key, is rare and travels as pickle."""
    return marshal.dumps([_plain(examined, view) for examined, view in found])


def unpack_reads(parcel: bytes) -> list[Read]:
    """Unpack the findings."""
    return [_read(fields) for fields in marshal.loads(parcel)]  # noqa: S302 - from a worker of our own


def _plain(found: Examined, view: ViewOf) -> tuple[Any, ...] | bytes:
    digest, kid, said, refusal, signature, exclusion, _, rotation, recipients = found
    if refusal is not None or exclusion is not None or said is None or rotation is not None:
        return pickle.dumps(read_of(found, view))
    facets, coverage, due = view
    return (
        digest,
        kid,
        tuple(said),
        signature,
        None if facets is None else tuple(facets),
        coverage,
        due,
        recipients and [*map(tuple, recipients)],
    )


def _read(fields: tuple[Any, ...] | bytes) -> Read:
    if isinstance(fields, bytes):
        read: Read = pickle.loads(fields)  # noqa: S301 - from a worker of our own
        return read
    digest, kid, said, signature, facets, coverage, due, recipients = fields
    named = recipients and tuple(map(Recipient._make, recipients))
    # As `_make` does, without a call in between: there are four of them for every event.
    examined = _new(Examined, (digest, kid, _new(Said, said), None, signature, None, None, None, named))
    return _new(Read, (examined, facets and _new(Facets, facets), coverage, due))
