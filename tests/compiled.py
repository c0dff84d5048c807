"""Statements of SQL are compiled once by a test process: for each engine anew it costs more than most tests.

SQLAlchemy keeps them by engine and dialect, so that engines of one kind are given one of each here.
"""

from typing import Any

import sqlalchemy
from sqlalchemy import Engine

import wire.database

_first: dict[tuple[str, str], Engine] = {}


def keep_compiled() -> None:
    """Let all engines that this process opens from now on share what was compiled for one of them."""
    wire.database.create_engine = _create_engine  # type: ignore[attr-defined]


def _create_engine(*where: Any, **options: Any) -> Engine:
    engine = sqlalchemy.create_engine(*where, query_cache_size=5000, **options)
    first = _first.get((engine.dialect.name, engine.dialect.paramstyle))
    if first is None:
        # Its dialect learns from the first connection what the database can do; until then it's not for others.
        sqlalchemy.event.listen(engine, "engine_connect", _keep, once=True)
    else:
        engine.dialect, engine._compiled_cache = first.dialect, first._compiled_cache
    return engine


def _keep(connection: sqlalchemy.Connection) -> None:
    dialect = connection.dialect
    _first.setdefault((dialect.name, dialect.paramstyle), connection.engine)
