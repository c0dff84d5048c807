"""What can be done to records: put, withdraw, confirm; and which record each is about."""

import secrets
from dataclasses import dataclass, replace

from schemas.entry import Entry


@dataclass(frozen=True, slots=True)
class Put:
    """Publish or revise a record; without an id it is a new one. `source` is the mapping that imports it."""

    entry: Entry
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Withdraw:
    """End a record. `quietly`: one that is withdrawn already, or was never here, is no mistake (a file repeated)."""

    kind: str
    id: str
    reason: str
    quietly: bool = False


@dataclass(frozen=True, slots=True)
class Confirm:
    """Say that a record is still true."""

    kind: str
    id: str


Change = Put | Withdraw | Confirm


def identified(change: Change) -> Change:
    """Give a change of a record that has an id."""
    return Put(with_id(change.entry), change.source) if isinstance(change, Put) else change


def with_id(entry: Entry) -> Entry:
    """Give an entry with an id: its own, or a new one."""
    return replace(entry, id=secrets.token_hex(10)) if entry.id is None else entry


def address_of(change: Change) -> tuple[str, str]:
    """Give kind and id of the record that a change is about."""
    if isinstance(change, Put):
        return change.entry.kind, str(change.entry.id)
    return change.kind, change.id
