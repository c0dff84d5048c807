"""The view's digest kept up to date: only buckets that were touched are hashed again, and only when somebody asks."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from sqlalchemy import Connection, Engine

from hub.tree import tree_in
from hub.view_lines import FOLD, changes, folded_to, lines_of, log_size
from wire.database import is_sqlite
from wire.merkle import tree_root
from wire.view_digest import BUCKETS, EMPTY_DIGEST, bucket_digest, state_root

# When the view is stated; docs/adr/0016-view-digest.md has the calculation.
LEAST_EVENTS: Final = 10_000
PATIENCE_SECONDS: Final = 600.0
LINES_PER_SECOND: Final = 500.0
_TOGETHER: Final = 16  # buckets that are read at once: at ten million records, 40,000 lines


class ViewState(NamedTuple):
    """The whole digest at one log size; `buckets` and `lines` is how many were read and hashed for it."""

    size: int
    rows: int
    digests: tuple[bytes, ...]
    state: bytes
    buckets: int
    lines: int


class Bucket(NamedTuple):
    """One bucket at one log size: its (address, statement hash) in order."""

    size: int
    digest: bytes
    lines: list[tuple[str, bytes]]


class Digests:
    """What was hashed last, and what has changed since, of one database. Not for two threads at once.

    Every call reads within the caller's transaction, which must show one moment (`snapshot`). Memory: 4,096 digests
    and the changes that are not folded in yet.
    """

    def __init__(self) -> None:
        self._size = -1  # log size up to which changes are known; -1: nothing is known yet
        self._folded = 0
        self._waiting: dict[int, dict[str, bytes]] = {}
        self._touched = set(range(BUCKETS))
        self._digests = [EMPTY_DIGEST] * BUCKETS
        self._counts = [0] * BUCKETS
        self._state = b""  # computed by the first call: for it all are touched

    def state(self, connection: Connection) -> ViewState:
        """Give the digest at this moment's log size."""
        size = self._follow(connection)
        touched, hashed = sorted(self._touched), 0
        for place in range(0, len(touched), _TOGETHER):
            for bucket, lines in self._lines(connection, touched[place : place + _TOGETHER]).items():
                self._digests[bucket], self._counts[bucket] = bucket_digest(lines.items()), len(lines)
                hashed += len(lines)
        if touched:
            self._state = state_root(self._digests)
            self._touched.clear()
        return ViewState(size, sum(self._counts), tuple(self._digests), self._state, len(touched), hashed)

    def bucket(self, connection: Connection, bucket: int) -> Bucket:
        """Give one bucket at this moment's log size."""
        size = self._follow(connection)
        lines = sorted(self._lines(connection, [bucket])[bucket].items())
        return Bucket(size, bucket_digest(lines), lines)

    def _lines(self, connection: Connection, buckets: Sequence[int]) -> dict[int, dict[str, bytes]]:
        found = lines_of(connection, buckets)
        for bucket, lines in found.items():
            lines.update(self._waiting.get(bucket, {}))
        return found

    def _follow(self, connection: Connection) -> int:
        """Note what changed since the last call; gives the log's size."""
        size, folded = log_size(connection), folded_to(connection)
        known = self._size
        if known < 0 or size < known or size - known > FOLD:
            # After so many events hardly a bucket is as it was; to read which ones would cost more than it saves.
            self._touched.update(range(BUCKETS))
            known = size
            start = folded
            self._waiting.clear()
        elif folded != self._folded:
            start = min(known, folded)
            self._waiting.clear()
        else:
            start = known
        for change in changes(connection, start):
            if change.at >= known:
                self._touched.add(change.bucket)
            if change.at >= folded:
                self._waiting.setdefault(change.bucket, {})[change.address] = change.hash
        self._size, self._folded = size, folded
        return size


def snapshot(engine: Engine) -> Connection:
    """Open a connection whose first transaction shows one moment, whatever is committed meanwhile."""
    connection = engine.connect()
    # SQLite's transactions do so by themselves.
    return connection if is_sqlite(connection) else connection.execution_options(isolation_level="REPEATABLE READ")


def is_due(events: int, rows: int, waited: float) -> bool:
    """Whether the view is to be stated, which had `rows` records the last time.

    `events` is how many entries the log has more, `waited` the seconds since the first of them.
    """
    if events >= max(LEAST_EVENTS, rows):
        return True
    lines = min(events, BUCKETS) * rows / BUCKETS
    return waited >= PATIENCE_SECONDS + lines / LINES_PER_SECOND


def log_root(connection: Connection, size: int) -> bytes:
    """Root of the log's Merkle tree over its first `size` entries."""
    return tree_root(size, tree_in(connection, size))
