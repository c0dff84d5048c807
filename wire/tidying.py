"""What was erased and still lies in SQLite's files: noted with the erasure, overwritten once nobody is in the way."""

import sqlite3
from typing import Any

import structlog
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError

from wire.database import BUSY_SECONDS, is_sqlite, reading, writing

_MOST = 2**31 - 1
_MERGED_PAGES = 500  # of a full-text index in one transaction

_log = structlog.get_logger()


def note_untidy(connection: Connection) -> None:
    """Note, in the transaction that erases, that the files hold what it erases; other processes see it too.

    The note is SQLite's `user_version`: it comes and goes with the transaction.
    """
    if is_sqlite(connection):
        connection.exec_driver_sql(f"PRAGMA user_version = {_noted(connection) % _MOST + 1}")


def is_untidy(engine: Engine) -> bool:
    """Whether the files may hold something that was erased."""
    return _noted_in(engine) > 0


def tidy(engine: Engine, milliseconds: int, index: str = "record_search") -> bool:
    """Have the files overwritten if that is noted; false if somebody was in the way for so long: it stays noted.

    `index` is the full-text index that the records are found by.
    """
    noted = _noted_in(engine)
    if not noted:
        return True
    try:
        leave_no_words(engine, index)
        if leave_no_trace(engine, milliseconds):
            _note_tidy(engine, noted)
            return True
    except (OperationalError, sqlite3.OperationalError) as error:
        _log.warning("erasing.waits", reason=str(error), what="what is erased is not overwritten yet")
    return False


def _note_tidy(engine: Engine, noted: int) -> None:
    with engine.begin() as connection:
        if _noted(connection) == noted:  # or else something was erased meanwhile
            connection.exec_driver_sql("PRAGMA user_version = 0")


def _noted_in(engine: Engine) -> int:
    if not is_sqlite(engine):
        return 0
    with reading(engine).connect() as connection:
        return _noted(connection)


def _noted(connection: Connection) -> int:
    return int(connection.exec_driver_sql("PRAGMA user_version").scalar_one())


def leave_no_trace(engine: Engine, milliseconds: int) -> bool:
    """Have SQLite overwrite in its files what was deleted; false if a reader was in the way for so long.

    PostgreSQL does it by VACUUM, which is its operator's.
    """
    if not is_sqlite(engine):
        return True
    with engine.connect() as connection:
        raw: Any = connection.connection.dbapi_connection
        try:
            raw.execute(f"PRAGMA busy_timeout={milliseconds}")
            busy = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        finally:
            raw.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")
    return not busy


def leave_no_words(engine: Engine, index: str) -> None:
    """Have an FTS5 index of SQLite forget the words of removed rows, in short transactions; it only marks them.

    `index` is a table's name of ours. Nothing is done on PostgreSQL, which holds its words row by row.
    """
    if not is_sqlite(engine):
        return
    engine = writing(engine)
    statement = f"INSERT INTO {index}({index}, rank) VALUES('merge', ?)"
    pages = -_MERGED_PAGES  # negative: all parts of the index are to become one
    while True:
        with engine.begin() as connection:
            before = connection.exec_driver_sql("SELECT total_changes()").scalar_one()
            connection.exec_driver_sql(statement, (pages,))
            changed = connection.exec_driver_sql("SELECT total_changes()").scalar_one() - before
        if changed < 2:
            return  # the one change is that of asking
        pages = _MERGED_PAGES
