"""Early events wait here, unverified and only in memory: what is lost or dropped is sent again by its node."""

from hub.entries import Read
from wire.examine import Message
from wire.verdict import MAX_EARLY

MAX_HELD_BYTES = 64 * 1024 * 1024


class Holding:
    """At most 1,000 events for each organization and 64 MiB for all; what comes on top is dropped."""

    def __init__(self) -> None:
        self._waiting: dict[str, dict[int, tuple[Message, Read]]] = {}
        self._bytes = 0

    def keep(self, organization: str, sequence: int, message: Message, read: Read) -> None:
        """Hold an event until the one before it has come."""
        waiting = self._waiting.setdefault(organization, {})
        size = _size(message)
        if sequence in waiting or len(waiting) >= MAX_EARLY or self._bytes + size > MAX_HELD_BYTES:
            return
        waiting[sequence] = (message, read)
        self._bytes += size

    def release(self, organization: str, sequence: int) -> tuple[Message, Read] | None:
        """Take out the event that is next, if it is here."""
        waiting = self._waiting.get(organization)
        if waiting is None:
            return None
        found = waiting.pop(sequence, None)
        if found is not None:
            self._bytes -= _size(found[0])
        if not waiting:
            del self._waiting[organization]
        return found

    def holds(self, organization: str) -> bool:
        """Whether anything of this organization waits for an event before it."""
        return organization in self._waiting

    def held(self, organization: str) -> list[int]:
        """Give the sequences of an organization that wait, in order; from any thread."""
        return sorted(list(self._waiting.get(organization, {})))  # noqa: C414 - a copy first: the writer goes on

    def forget_before(self, organization: str, sequence: int) -> None:
        """Drop what has been overtaken: events at or below the last logged sequence."""
        for held in [number for number in self._waiting.get(organization, {}) if number <= sequence]:
            self.release(organization, held)


def _size(message: Message) -> int:
    return len(message.token) + len(message.body or b"")
