"""The view's lines by bucket: folded in from the view now and then, in bulk, so that no event pays for their place.

The view at any moment is the table's lines, and over them whatever changed at or beyond the cursor; what changed is
found by `records.index`. So the intake writes nothing more than it does anyway, and a crash loses nothing.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from hub import tables
from wire.database import is_sqlite
from wire.view_digest import bucket_of

CURSOR: Final = "view_lines"
# Changes are folded in when so many wait. Sorted, they share pages: at a million records 20,000 cost 5 µs each.
FOLD: Final = 20_000
_PAGE: Final = 5_000


class Change(NamedTuple):
    """A record as it stands now: log index (`at`) and hash of its last included statement."""

    at: int
    bucket: int
    address: str
    hash: bytes


def log_size(connection: Connection) -> int:
    """Give the number of log entries."""
    last = connection.scalar(select(func.max(tables.log.c.index)))
    return 0 if last is None else int(last) + 1


def newest_change(connection: Connection) -> int:
    """Give the log index at which a record last changed; -1 for an empty view."""
    newest = connection.scalar(select(func.max(tables.records.c.index)))
    return -1 if newest is None else int(newest)


def folded_to(connection: Connection) -> int:
    """Up to which log size changes are folded into the lines."""
    cursors = tables.cursors
    return connection.scalar(select(cursors.c.position).where(cursors.c.name == CURSOR)) or 0


def many_wait(connection: Connection) -> bool:
    """Whether it is time to fold."""
    return log_size(connection) - folded_to(connection) > FOLD


def changes(connection: Connection, start: int, page: int = _PAGE) -> Iterator[Change]:
    """Give the records whose last included statement stands at log index `start` or after it, in that order."""
    records, log, names = tables.records, tables.log, tables.organizations
    query = (
        select(records.c.index, records.c.kind, names.c.organization, records.c.id, log.c.hash)
        .join(log, log.c.index == records.c.index)
        .join(names, names.c.org == records.c.org)
        .order_by(records.c.index)
        .limit(page)
    )
    while found := connection.execute(query.where(records.c.index >= start)).all():
        for index, kind, organization, name, statement in found:
            address = f"{kind}/{organization}/{name}"
            yield Change(index, bucket_of(address), address, bytes(statement))
        start = found[-1][0] + 1


def lines_of(connection: Connection, buckets: Sequence[int]) -> dict[int, dict[str, bytes]]:
    """Give the folded lines of these buckets: address and statement hash by bucket."""
    mark = "?" if is_sqlite(connection) else "%s"
    # By hand: this is asked 256 times for a whole digest, and to compile it costs more than to answer it.
    query = f"SELECT bucket, address, hash FROM view_lines WHERE bucket IN ({','.join([mark] * len(buckets))})"  # noqa: S608
    found: dict[int, dict[str, bytes]] = {bucket: {} for bucket in buckets}
    for bucket, address, statement in connection.exec_driver_sql(query, tuple(buckets)).fetchall():
        found[bucket][address] = statement
    return found


def fold(connection: Connection) -> int:
    """Fold in all that waits, in the caller's transaction; gives how many changes that were. Memory is bounded."""
    start, count = folded_to(connection), 0
    batch: list[Change] = []
    for change in changes(connection, start):
        batch.append(change)
        if len(batch) == FOLD:
            count += _write(connection, batch)
            batch = []
    count += _write(connection, batch)
    _write_cursor(connection, log_size(connection))
    return count


def forget(connection: Connection) -> None:
    """Empty the lines; the next `fold` fills them again from the view."""
    connection.execute(delete(tables.view_lines))
    connection.execute(delete(tables.cursors).where(tables.cursors.c.name == CURSOR))


def _write(connection: Connection, batch: list[Change]) -> int:
    if batch:
        statement: Any = _insert(connection)(tables.view_lines)
        statement = statement.on_conflict_do_update(
            index_elements=["bucket", "address"], set_={"hash": statement.excluded.hash}
        )
        rows = sorted((change.bucket, change.address, change.hash) for change in batch)
        connection.exec_driver_sql(str(statement.compile(dialect=connection.dialect)), rows)
    return len(batch)


def _write_cursor(connection: Connection, position: int) -> None:
    statement: Any = _insert(connection)(tables.cursors).values(name=CURSOR, position=position)
    connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"position": position}))


def _insert(connection: Connection) -> Any:
    return sqlite.insert if is_sqlite(connection) else postgresql.insert
