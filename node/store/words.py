"""A table of search words in SQLite or PostgreSQL: how it is made, filled, asked, and emptied without a trace.

Words come folded and apart (schemas/words.py), so the tokenizers have nothing to decide: every letter beyond ASCII
belongs to a word. The table is called `record_search`; its key is the number of a record.
"""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, Integer, Select, column, select, table, text

from schemas.words import asked_words
from wire.database import is_sqlite

_SQLITE: Final = ("CREATE VIRTUAL TABLE record_search USING fts5(words, tokenize='ascii', detail=none, columnsize=0)",)
_POSTGRESQL: Final = (
    "CREATE TABLE record_search (record BIGINT PRIMARY KEY, words TSVECTOR NOT NULL)",
    "CREATE INDEX record_search_words ON record_search USING GIN (words)",
)


def search_ddl(dialect: str) -> list[str]:
    """Give the statements that make the table, for a migration; `dialect` is sqlite or postgresql."""
    return list(_SQLITE if dialect == "sqlite" else _POSTGRESQL)


def write_words(connection: Connection, rows: Sequence[tuple[int, list[str]]]) -> None:
    """Let records be found by these words, and by no others."""
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
        list(rows),
    )


def remove_words(connection: Connection, numbers: Sequence[int]) -> None:
    """Take records out of the table."""
    if not numbers:
        return
    key = "rowid" if is_sqlite(connection) else "record"
    mark = "?" if is_sqlite(connection) else "%s"
    statement = f"DELETE FROM record_search WHERE {key} = {mark}"  # noqa: S608 - one of two names of ours
    connection.exec_driver_sql(statement, [(number,) for number in numbers])


def matched(connection: Connection, query: str) -> Select[int] | None:
    """Give the numbers of the records that have all words of a query; None if the query has no word in it."""
    asked = asked_words(query)
    if not asked:
        return None
    if is_sqlite(connection):
        return _found(connection, " AND ".join(f"({' OR '.join(_fts5(*word) for word in group)})" for group in asked))
    return _found(connection, " & ".join(f"({' | '.join(_tsquery(*word) for word in group)})" for group in asked))


def with_words(connection: Connection, words: Sequence[str], *, every: bool) -> Select[int]:
    """Give the numbers of the records that have every one, or any, of these words, as `index_words` gives them."""
    if is_sqlite(connection):
        return _found(connection, (" AND " if every else " OR ").join(_fts5(word, goes_on=False) for word in words))
    return _found(connection, (" & " if every else " | ").join(_tsquery(word, goes_on=False) for word in words))


def _found(connection: Connection, expression: str) -> Select[int]:
    if is_sqlite(connection):
        found = select(column("rowid", Integer).label("number")).select_from(table("record_search"))
        return found.where(text("record_search MATCH :asked").bindparams(asked=expression))
    found = select(column("record", Integer).label("number")).select_from(table("record_search"))
    return found.where(text("words @@ CAST(:asked AS tsquery)").bindparams(asked=expression))


def _fts5(word: str, goes_on: bool) -> str:
    return f'"{word}"{"*" if goes_on else ""}'


def _tsquery(word: str, goes_on: bool) -> str:
    return f"'{word}'{':*' if goes_on else ''}"
