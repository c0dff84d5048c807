"""Full-text search over the view: a projection of its own that reads the log and catches up before it answers."""

import asyncio
import threading
from collections.abc import Sequence
from typing import Final

import orjson
import structlog
from sqlalchemy import Connection, Engine, Integer, column, delete, func, select, table, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.sql import ColumnElement
from starlette.concurrency import run_in_threadpool

from hub import tables
from hub.tail import Tail
from schemas.facets import facets
from schemas.words import asked_words, index_words
from wire.database import is_sqlite, reading

CURSOR: Final = "search"
BATCH: Final = 500
IDLE_SECONDS: Final = 1.0  # the intake comes first: search reads on when nothing was logged for this long
IDLE_BATCHES: Final = 4
MERGED_PAGES: Final = 500
_log = structlog.get_logger()
# One catches up, the others wait for it and then have nothing left to do.
_catching_up = threading.Lock()

# Words come folded and apart, so the tokenizers have nothing to decide: every letter beyond ASCII belongs to a word.
_SQLITE: Final = ("CREATE VIRTUAL TABLE record_search USING fts5(words, tokenize='ascii', detail=none, columnsize=0)",)
_POSTGRESQL: Final = (
    "CREATE TABLE record_search (record BIGINT PRIMARY KEY, words TSVECTOR NOT NULL)",
    "CREATE INDEX record_search_words ON record_search USING GIN (words)",
)


def search_ddl(dialect: str) -> list[str]:
    """Give the statements that make the projection's table, for a migration; `dialect` is sqlite or postgresql."""
    return list(_SQLITE if dialect == "sqlite" else _POSTGRESQL)


def forget(connection: Connection) -> None:
    """Empty the projection; the next question fills it again from the log."""
    connection.execute(text("DELETE FROM record_search"))
    connection.execute(delete(tables.cursors).where(tables.cursors.c.name == CURSOR))


def remove(connection: Connection, numbers: Sequence[int]) -> None:
    """Take records out of the projection, as their text was erased."""
    key = "rowid" if is_sqlite(connection) else "record"
    mark = "?" if is_sqlite(connection) else "%s"
    statement = f"DELETE FROM record_search WHERE {key} = {mark}"  # noqa: S608 - one of two names of ours
    connection.exec_driver_sql(statement, [(number,) for number in numbers])


def leave_no_words(engine: Engine) -> None:
    """Have SQLite's index forget the words of what was removed, in short transactions; the index only marks them."""
    if not is_sqlite(engine):
        return
    engine = engine.execution_options(reads_only=False)
    pages = -MERGED_PAGES  # negative: all parts of the index are to become one
    while True:
        with engine.begin() as connection:
            before = connection.exec_driver_sql("SELECT total_changes()").scalar_one()
            connection.exec_driver_sql("INSERT INTO record_search(record_search, rank) VALUES('merge', ?)", (pages,))
            changed = connection.exec_driver_sql("SELECT total_changes()").scalar_one() - before
        if changed < 2:
            return  # the one change is that of asking
        pages = MERGED_PAGES


def catch_up(engine: Engine, upto: int) -> int:
    """Read the log up to `upto` entries, a batch to a transaction; gives how many entries were read."""
    engine = engine.execution_options(reads_only=False)
    if _position(engine) >= upto:
        return 0
    with _catching_up:
        start = position = _position(engine)
        if position == 0:
            with engine.begin() as connection:
                forget(connection)
        while position < upto:
            position = _advance(engine, position, min(upto, position + BATCH))
        return position - start


async def keep_up(engine: Engine, tail: Tail) -> None:
    """Read the log while nothing else happens, so that a first question after a great load need not wait for it."""
    position = 0
    while not tail.closed:
        size = await tail.wait_beyond(position)
        try:
            async with asyncio.timeout(IDLE_SECONDS):
                await tail.wait_beyond(size)
        except TimeoutError:
            try:
                position = min(size, await run_in_threadpool(_position, engine) + IDLE_BATCHES * BATCH)
                await run_in_threadpool(catch_up, engine, position)
            except SQLAlchemyError as error:
                _log.warning(
                    "search.behind", reason=type(error).__name__, what="a question reads on, or the next event"
                )
                position = size


def matching(connection: Connection, query: str, record: ColumnElement[int]) -> ColumnElement[bool] | None:
    """Give the condition that a record has all words of a query; None if the query has no word in it."""
    asked = asked_words(query)
    if not asked:
        return None
    # A set made once, not a question for each record: words that are rare or absent cost next to nothing.
    if is_sqlite(connection):
        expression = " AND ".join(f"({' OR '.join(_fts5(*word) for word in group)})" for group in asked)
        found = select(column("rowid", Integer)).select_from(table("record_search"))
        return record.in_(found.where(text("record_search MATCH :asked").bindparams(asked=expression)))
    expression = " & ".join(f"({' | '.join(_tsquery(*word) for word in group)})" for group in asked)
    found = select(column("record", Integer)).select_from(table("record_search"))
    return record.in_(found.where(text("words @@ CAST(:asked AS tsquery)").bindparams(asked=expression)))


def _fts5(word: str, goes_on: bool) -> str:
    return f'"{word}"{"*" if goes_on else ""}'


def _tsquery(word: str, goes_on: bool) -> str:
    return f"'{word}'{':*' if goes_on else ''}"


def _position(engine: Engine) -> int:
    with reading(engine).connect() as connection:
        return _read_position(connection)


def _read_position(connection: Connection) -> int:
    cursors = tables.cursors
    return connection.scalar(select(cursors.c.position).where(cursors.c.name == CURSOR)) or 0


def _advance(engine: Engine, start: int, stop: int) -> int:
    # Folding is done before the transaction begins, so that the intake never waits for it.
    with reading(engine).connect() as connection:
        erased = _erased(connection)
        rows = [(record, index_words(words)) for record, words in _changed(connection, start, stop)]
    with engine.begin() as connection:
        if _read_position(connection) != start and start:
            return _read_position(connection)  # the view was folded anew meanwhile
        if _erased(connection) != erased:
            return start  # what was read may be what was erased: it is read again
        _write(connection, rows)
        _write_position(connection, stop)
    return stop


def _erased(connection: Connection) -> int:
    return connection.scalar(select(func.count()).select_from(tables.erased)) or 0


def _changed(connection: Connection, start: int, stop: int) -> list[tuple[int, str]]:
    """Give number and text of the records whose events lie in this part of the log, as the view has them now."""
    log, records, bodies = tables.log, tables.records, tables.bodies
    touched = select(log.c.record).where(log.c.index >= start, log.c.index < stop, log.c.record.is_not(None))
    query = (
        select(records.c.record, records.c.kind, bodies.c.body)
        .join(bodies, bodies.c.index == records.c.body_index)
        .where(records.c.record.in_(touched))
    )
    return [(number, _words(kind, bytes(body))) for number, kind, body in connection.execute(query)]


def _words(kind: str, body: bytes) -> str:
    record = orjson.loads(body).get("record")
    if not isinstance(record, dict):
        return ""  # withdrawn before anything of it was seen
    found = facets(kind, record)
    return f"{found.title}\n{found.text}"


def _write(connection: Connection, rows: list[tuple[int, list[str]]]) -> None:
    if not rows:
        return
    if is_sqlite(connection):
        connection.exec_driver_sql("DELETE FROM record_search WHERE rowid = ?", [(number,) for number, _ in rows])
        connection.exec_driver_sql(
            "INSERT INTO record_search (rowid, words) VALUES (?, ?)",
            [(number, " ".join(words)) for number, words in rows],
        )
        return
    connection.exec_driver_sql(
        "INSERT INTO record_search (record, words) VALUES (%s, array_to_tsvector(%s::text[])) "
        "ON CONFLICT (record) DO UPDATE SET words = excluded.words",
        [(number, words) for number, words in rows],
    )


def _write_position(connection: Connection, position: int) -> None:
    insert = sqlite.insert if is_sqlite(connection) else postgresql.insert
    values = {"position": position}
    statement = insert(tables.cursors).values(name=CURSOR, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_=values))
