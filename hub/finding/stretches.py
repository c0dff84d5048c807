"""PostgreSQL's index of words in stretches of the log: a question reads one after the other until it has enough."""

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, Connection, and_, select, text

from hub import tables

STRETCH: Final = 131_072  # log indices whose words have an index of their own
NEAR: Final = 2_048  # so many are first read one by one: what is common is found there
FEWEST: Final = 64
_WORDS: Final = "words @@ CAST(:asked AS tsquery)"
# A plan for these words that goes from each to its record, and never over a whole table: how common words are
# together is what no planner knows.
_PREPARED: Final = text(
    "SELECT count(*), set_config('plan_cache_mode', 'force_custom_plan', true),"
    " set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),"
    " set_config('enable_mergejoin', 'off', true) FROM pg_inherits WHERE inhparent = 'record_search'::regclass"
)


class Part(NamedTuple):
    """Log indices from `low` on and before `high`; `stretches` whose indices are read whole, none to read in order."""

    low: int
    high: int
    stretches: range


def table_ddl() -> list[str]:
    """Give the statements that make the table with its first stretch."""
    return [
        "CREATE TABLE record_search (index BIGINT PRIMARY KEY, words TSVECTOR NOT NULL) PARTITION BY RANGE (index)",
        "CREATE INDEX record_search_words ON record_search USING GIN (words) WITH (fastupdate = off)",
        *stretch_ddl(0),
    ]


def stretch_ddl(number: int) -> list[str]:
    """Give the statements that add a stretch; who reads meanwhile is not held up."""
    name, low = f"record_search_{number}", number * STRETCH
    return [
        f"CREATE TABLE {name} (LIKE record_search)",
        f"ALTER TABLE record_search ATTACH PARTITION {name} FOR VALUES FROM ({low}) TO ({low + STRETCH})",
    ]


def make_room(connection: Connection, last: int) -> None:
    """Add the stretches that are missing for words up to this log index."""
    children = text("SELECT count(*) FROM pg_inherits WHERE inhparent = 'record_search'::regclass")
    for number in range(connection.scalar(children) or 0, last // STRETCH + 1):
        for statement in stretch_ddl(number):
            connection.execute(text(statement))


def walk(
    connection: Connection, asked: str, conditions: Sequence[ColumnElement[bool]], low: int, high: int, limit: int,
    *, newest: bool,
) -> list[int]:  # fmt: skip
    """Give at most `limit` log indices from `low` on and before `high` whose words and records are as asked for.

    What is common is found in the first few entries, and what is rare is rare in every stretch: the cost is that of
    what is found, whatever the planner believes of words that come together.
    """
    stretches: int = connection.execute(_PREPARED).scalar_one()
    found: list[int] = []
    for part in parts(low, min(high, stretches * STRETCH), newest=newest):
        while len(found) < limit and part.low < part.high:
            some = max(2 * (limit - len(found)), FEWEST)
            rows = connection.execute(_query(part, conditions, newest=newest), _bound(part, asked, some)).all()
            found += [index for index, is_shown in rows if is_shown]
            if len(rows) < some:
                break
            reached = rows[-1][0]
            part = part._replace(high=reached) if newest else part._replace(low=reached + 1)  # noqa: PLW2901 - its rest
        if len(found) >= limit:
            break
    return found[:limit]


def parts(low: int, high: int, *, newest: bool) -> Iterator[Part]:
    """Give what is read in turn: a few entries in their order, the rest of their stretch, then ever more at once."""
    none, many = range(0), 1
    if low >= high:
        return
    if newest:
        yield Part(max(low, high - NEAR), high, none)
        high -= NEAR
        while low < high:
            last = (high - 1) // STRETCH
            first = max(last - many + 1, low // STRETCH)
            yield Part(max(low, first * STRETCH), high, range(first, last + 1))
            high, many = first * STRETCH, 2 * many
        return
    yield Part(low, min(low + NEAR, high), none)
    low += NEAR
    while low < high:
        first = low // STRETCH
        last = min(first + many - 1, (high - 1) // STRETCH)
        yield Part(low, min(high, (last + 1) * STRETCH), range(first, last + 1))
        low, many = (last + 1) * STRETCH, 2 * many


def _query(part: Part, conditions: Sequence[ColumnElement[bool]], *, newest: bool) -> Any:
    """Select indices in their order, each with whether its record is to be shown."""
    order = "DESC" if newest else "ASC"
    within = f"index >= :low AND index < :high ORDER BY index {order} LIMIT :some"
    if part.stretches:
        # OFFSET 0 keeps the planner from reading a stretch in order: what is common was found before.
        each = [f"(SELECT index FROM record_search_{number} WHERE {_WORDS} OFFSET 0)" for number in part.stretches]  # noqa: S608 - numbers of ours
        matched = f"SELECT index FROM ({' UNION ALL '.join(each)}) AS matched WHERE {within}"  # noqa: S608
    else:
        matched = f"SELECT index FROM record_search WHERE {_WORDS} AND {within}"  # noqa: S608
    found = text(matched).columns(index=BigInteger).subquery("found")
    records = tables.records
    same = and_(records.c.index == found.c.index, *conditions)
    query = select(found.c.index, records.c.record.is_not(None)).select_from(found.outerjoin(records, same))
    return query.order_by(found.c.index.desc() if newest else found.c.index)


def _bound(part: Part, asked: str, some: int) -> dict[str, Any]:
    return {"asked": asked, "low": part.low, "high": part.high, "some": some}
