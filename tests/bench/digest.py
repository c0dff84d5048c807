"""What keeping the view's digest costs an event: CPU µs at 10,000, 100,000 and 400,000 records."""

import hashlib
import sys
import time
from pathlib import Path

from sqlalchemy import Connection, Engine, insert

from hub import tables
from hub.performance import settle_garbage_collection
from hub.schema import MIGRATIONS
from hub.view_digest import LEAST_EVENTS, Digests
from hub.view_lines import FOLD, fold, folded_to, log_size, many_wait
from wire.database import migrate, open_database, sqlite_url
from wire.view_digest import ViewDigest

SIZES = (10_000, 100_000, 400_000)
BATCH = 5_000
TOKEN = b"x" * 900  # about what a token has, so that the log's pages are as full as they are in service


def measure_digest(folder: Path) -> dict[str, dict[str, float]]:
    """Give for each number of records: CPU µs per event of folding and of hashing, and ms of a state after one event.

    The events are those after which the view is stated again: as many as it has records. Half of them are new records.
    """
    settle_garbage_collection()
    engine = open_database(sqlite_url(folder / "digest.sqlite"))
    migrate(engine, MIGRATIONS)
    filled = _Filled(engine)
    costs: dict[str, dict[str, float]] = {}
    for size in SIZES:
        # So many before that the events of one period, half of them new records, lead to the size.
        filled.fold_in(size * 2 // 3 - filled.records, new=1.0)
        filled.state()
        events = max(LEAST_EVENTS, filled.records)
        folding = filled.fold_in(events, new=0.5) + filled.fold()
        hashing, _ = filled.state()
        filled.fold_in(1, new=0.0)
        single, buckets = filled.state()
        cost = {"fold": folding / events * 1e6, "hash": hashing / events * 1e6, "one_change_ms": single * 1e3}
        costs[str(size)] = {name: round(value, 2) for name, value in cost.items()}
        filled.check(buckets)
        said = (
            f"{cost['fold']:.1f} µs to fold and {cost['hash']:.1f} µs to hash an event, {cost['one_change_ms']:.1f} ms"
        )
        print(f"digest at {filled.records:,} records: {said} for one change alone", file=sys.stderr, flush=True)
    engine.dispose()
    return costs


class _Filled:
    """A hub's database with as much in it as the digest reads, and the plain digest of the same."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._digests = Digests()
        self._plain = ViewDigest()
        self._size = 0
        self.records = 0
        with engine.begin() as connection:
            row = {"org": 0, "organization": "office", "sequence": 0, "head": b"", "forked": False, "last_index": 0}
            connection.execute(insert(tables.organizations).values(row))

    def fold_in(self, events: int, *, new: float) -> float:
        """Log events about new and known records; gives the CPU seconds of folding them in when many wait."""
        spent = 0.0
        while events > 0:
            count = min(BATCH, events)
            with self._engine.begin() as connection:
                self._log(connection, count, round(count * new))
            events -= count
            with self._engine.connect() as connection:
                begun = time.process_time()
                if many_wait(connection):
                    fold(connection)
                    connection.commit()
                spent += time.process_time() - begun
        return spent

    def fold(self) -> float:
        """Fold in the rest, as before a statement; gives CPU seconds."""
        with self._engine.begin() as connection:
            begun = time.process_time()
            fold(connection)
            return time.process_time() - begun

    def state(self) -> tuple[float, int]:
        """Fold in the rest and hash, as a statement does; gives CPU seconds and buckets."""
        begun = time.process_time()
        with self._engine.begin() as connection:
            fold(connection)
            state = self._digests.state(connection)
        return time.process_time() - begun, state.buckets

    def check(self, buckets: int) -> None:
        """No figure counts without the exact result."""
        with self._engine.connect() as connection:
            state = self._digests.state(connection)
            waiting = log_size(connection) - folded_to(connection)
        if buckets > 1 or (state.rows, state.state) != (self.records, self._plain.state()) or waiting > FOLD:
            raise SystemExit(f"the digest is wrong, so the figures mean nothing: {state.rows} rows, {buckets} buckets")

    def _log(self, connection: Connection, count: int, new: int) -> None:
        numbers = [*range(self.records, self.records + new)]
        # Known records are taken in leaps, so that they lie all over the tables.
        numbers += [(self._size + place) * 7919 % self.records for place in range(count - new)]
        self.records += new
        log_rows, record_rows = [], []
        for index, number in enumerate(numbers, self._size):
            statement = hashlib.sha256(index.to_bytes(8, "big")).digest()
            name = hashlib.sha256(number.to_bytes(8, "big")).hexdigest()[:16]
            self._plain.put(f"need/office/{name}", statement)
            log_rows.append((index, 0, "need", "TLP:CLEAR", index, -1, statement, number, TOKEN))
            record_rows.append((number, "need", 0, name, index))
        self._size += count
        connection.exec_driver_sql("INSERT INTO log VALUES (?,?,?,?,?,?,?,?,?)", log_rows)
        connection.exec_driver_sql(
            "INSERT INTO records VALUES (?,?,?,?,?,0,'TLP:CLEAR',FALSE,'','A title of usual length',NULL,NULL,NULL)"
            ' ON CONFLICT (record) DO UPDATE SET "index" = excluded."index"',
            record_rows,
        )
