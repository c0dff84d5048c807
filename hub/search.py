"""What records are found by: a projection of its own that reads the log and catches up before it answers."""

import asyncio
import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Final

import structlog
from sqlalchemy import Connection, Engine, delete, func, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from hub import tables
from hub.finding import cells, keeping, stretches
from hub.finding import tables as kept
from hub.finding.keeping import Keeping
from hub.tail import Tail
from wire.database import is_sqlite, reading

CURSOR: Final = "search"
BATCH: Final = 500
LOADED: Final = 4_000  # a batch where nobody waits for the database
IDLE_SECONDS: Final = 1.0  # the intake comes first: search reads on when nothing was logged for this long
IDLE_BATCHES: Final = 4
Progress = Callable[[int, int], None]
_log = structlog.get_logger()
# One catches up, the others wait for it and then have nothing left to do.
_catching_up = threading.Lock()

# Words come folded and apart, so the tokenizers have nothing to decide: every letter beyond ASCII belongs to a word,
# and so do the signs in codes. Beginnings of up to three letters have lists of their own, so that "a" costs no more.
_FORM: Final = "tokenize=\"ascii tokenchars '.:-_/+'\", detail=none, columnsize=0, prefix='1 2 3'"
_SQLITE: Final = (f"CREATE VIRTUAL TABLE record_search USING fts5(words, {_FORM})",)


def search_ddl(dialect: str) -> list[str]:
    """Give the statements that make the projection's table, for a migration; `dialect` is sqlite or postgresql."""
    return list(_SQLITE) if dialect == "sqlite" else stretches.table_ddl()


def forget(connection: Connection) -> None:
    """Empty the projection; the next question fills it again from the log."""
    connection.execute(text("DELETE FROM record_search"))
    keeping.empty(connection)
    cells.forget(connection)
    connection.execute(delete(tables.cursors).where(tables.cursors.c.name == CURSOR))


def remove(connection: Connection, numbers: Sequence[int]) -> None:
    """Take records out of the projection, as their text was erased."""
    Keeping(connection).remove(numbers)


def catch_up(engine: Engine, upto: int, batch: int = BATCH) -> int:
    """Read the log up to `upto` entries, a batch to a transaction; gives how many entries were read."""
    engine = engine.execution_options(reads_only=False)
    if _position(engine) >= upto:
        return 0
    with _catching_up:
        start = now = _position(engine)
        if now == 0:
            with engine.begin() as connection:
                forget(connection)
        while now < upto:
            now = _advance(engine, now, min(upto, now + batch))
        return now - start


def judge(engine: Engine, upto: int, scheme: str, places: Iterable[str] | None, codes: Iterable[str] | None) -> None:
    """Bring the matrix of one scheme, or a part of it, to the end of the log."""
    engine = engine.execution_options(reads_only=False)
    catch_up(engine, upto)
    more = True
    while more:
        with _catching_up:
            more = cells.judge_stale(engine, scheme, places, codes)


def load(engine: Engine, upto: int, progress: Progress | None = None) -> None:
    """Bring all to the end of the log, the matrix too, so that no question waits for it: after a great load."""
    now = 0
    while now < upto:
        now = min(upto, now + 10 * LOADED)
        catch_up(engine, now, LOADED)
        if progress is not None:
            progress(now, upto)
    while _judge_some(engine):
        pass
    if not is_sqlite(engine):
        with engine.begin() as connection:
            connection.execute(text("ANALYZE"))  # before the server comes to it by itself, it plans for empty tables


async def keep_up(engine: Engine, tail: Tail) -> None:
    """Read the log while nothing else happens, so that a first question after a great load need not wait for it."""
    reached = 0
    while not tail.closed:
        size = await tail.wait_beyond(reached)
        try:
            async with asyncio.timeout(IDLE_SECONDS):
                await tail.wait_beyond(size)
        except TimeoutError:
            try:
                reached = min(size, await run_in_threadpool(_position, engine) + IDLE_BATCHES * BATCH)
                await run_in_threadpool(catch_up, engine, reached)
                while reached == tail.size and not tail.closed and await run_in_threadpool(_judge_some, engine):
                    pass
            except SQLAlchemyError as error:
                _log.warning(
                    "search.behind", reason=type(error).__name__, what="a question reads on, or the next event"
                )
                reached = size


def _judge_some(engine: Engine) -> bool:
    """Judge some cells that have changed; false if there are none."""
    with reading(engine).connect() as connection:
        scheme = connection.scalar(select(kept.stale_cells.c.scheme).limit(1))
    if scheme is None:
        return False
    with _catching_up:
        return cells.judge_stale(engine.execution_options(reads_only=False), scheme, None, None)


def _position(engine: Engine) -> int:
    with reading(engine).connect() as connection:
        return position(connection)


def position(connection: Connection) -> int:
    """Give how many entries of the log were read."""
    cursors = tables.cursors
    return connection.scalar(select(cursors.c.position).where(cursors.c.name == CURSOR)) or 0


def _advance(engine: Engine, start: int, stop: int) -> int:
    # Folding is done before the transaction begins, so that the intake never waits for it.
    with reading(engine).connect() as connection:
        erased = _erased(connection)
        numbers = keeping.touched(connection, start, stop)
        found = keeping.found_in(connection, numbers)
    with engine.begin() as connection:
        if position(connection) != start and start:
            return position(connection)  # the view was folded anew meanwhile
        if _erased(connection) != erased:
            return start  # what was read may be what was erased: it is read again
        Keeping(connection).replace(numbers, found)
        _write_position(connection, stop)
    return stop


def _erased(connection: Connection) -> int:
    return connection.scalar(select(func.count()).select_from(tables.erased)) or 0


def _write_position(connection: Connection, reached: int) -> None:
    insert = sqlite.insert if is_sqlite(connection) else postgresql.insert
    values = {"position": reached}
    statement = insert(tables.cursors).values(name=CURSOR, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_=values))
