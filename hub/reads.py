"""From messages to what the intake wants of them: examined, with what the view takes from a record."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from hub.coverage import cover_lines
from hub.entries import Read, ViewOf
from hub.parcels import pack_reads, read_of, unpack_messages
from schemas.facets import facets
from schemas.freshness import review_due
from wire.examine import Examined, Message, examine, examine_all
from wire.keys import KEY_SIZE, PublicKey

_known: tuple[bytes, dict[str, PublicKey]] = (b"", {})


def keys_in(packed: bytes) -> dict[str, PublicKey]:
    """Unpack public keys of 32 bytes each; the last answer is kept, as keys seldom change."""
    global _known  # noqa: PLW0603 - one value per process, replaced as a whole
    if _known[0] != packed:
        keys = [PublicKey(packed[place : place + KEY_SIZE]) for place in range(0, len(packed), KEY_SIZE)]
        _known = (packed, {key.thumbprint: key for key in keys})
    return _known[1]


def read_message(message: Message, network: str, keys: dict[str, PublicKey]) -> Read:
    """Examine one message and take from its record what the view wants; the record itself is not kept."""
    return read_of(examined := examine(message, network, keys), _view_of(examined))


def _view_of(examined: Examined) -> ViewOf:
    if examined.record is None or examined.said is None:
        return ViewOf(None, [], None)
    said = examined.said
    return view_of(said.kind, examined.record, said.time, said.action)


def view_of(kind: str, record: dict[str, Any], time: str, action: str) -> ViewOf:
    """Take from a record what the view wants of it; `time` and `action` are what its statement says."""
    due = review_due(kind, record, date.fromisoformat(time[:10]), confirmed=action == "confirmed")
    # The text to search in is read from the log by the search projection; it need not travel with the rest.
    found = facets(kind, record, with_text=False)
    return ViewOf(found, cover_lines(kind, record, found.themes), due.isoformat() if due else None)


def read_messages(network: str, packed_keys: bytes, messages: Sequence[Message]) -> list[Read]:
    """Do the same for many."""
    return [read_of(each, _view_of(each)) for each in examine_all(messages, network, keys_in(packed_keys))]


def read_parcel(network: str, packed_keys: bytes, parcel: bytes) -> bytes:
    """Do the same in a worker process."""
    examined = examine_all(unpack_messages(parcel), network, keys_in(packed_keys))
    return pack_reads((each, _view_of(each)) for each in examined)
