"""What was erased and still lies in SQLite's files: noted with the erasure, overwritten once nobody is in the way."""

import sqlite3

import structlog
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError

from node.store.words import leave_no_words
from wire.database import is_sqlite, leave_no_trace, reading

_MOST = 2**31 - 1

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


def tidy(engine: Engine, milliseconds: int) -> bool:
    """Have the files overwritten if that is noted; false if somebody was in the way for so long: it stays noted."""
    noted = _noted_in(engine)
    if not noted:
        return True
    try:
        leave_no_words(engine)
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
