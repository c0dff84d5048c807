"""Which log of the network a hub keeps: after a loss the next one begins, and an index means another event there."""

from typing import Final, NamedTuple

from wire.notes import VerifierKey
from wire.registry import Registry


class ThisLog(NamedTuple):
    """A log by its origin and the hash of its key (`exercise.example/log+1a2b3c4d`); `number` is 1 for the first."""

    name: str
    number: int = 1


NAMELESS: Final = ThisLog("")  # for what only reads, and keeps no places


def this_log(registry: Registry, first: VerifierKey) -> ThisLog:
    """Give the log that the registry says is in force; `first` is the one of trust.json."""
    name = str(registry.log or first).rpartition("+")[0]
    return ThisLog(name, len(registry.former_logs) + 1)
