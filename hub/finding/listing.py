"""Which records a question finds, in the order of the log: from the index, and from what the index has not read yet."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, Connection, column, func, literal_column, select, table, text

from hub import search, tables
from hub.filters import Filters
from hub.finding import tables as kept
from hub.finding.keeping import found_where
from hub.finding.statuses import of_status
from hub.finding.stretches import walk
from hub.finding.terms import BEGINNINGS, BEGINS, KIND, SHOWN_OTHERWISE, Group, asked_groups, term
from schemas.fields import KIND_NAMES
from wire.database import is_sqlite

# Of more than these that are not read yet, only a question with words in it waits; others ask the view itself.
NEAR: Final = 5_000
AT_ONCE: Final = 500
HIDDEN: Final = 4  # one in so many is seen: the index is asked for markings as well


def is_indexed(asked: Filters) -> bool:
    """Whether the index answers a question; the view's own indices answer those by kind or by organization alone."""
    if SHOWN_OTHERWISE.intersection(asked.status):
        return False
    own = () if "current" in asked.status else asked.status
    several = len(asked.kind) > 1 or (asked.kind and asked.org) or len(asked.org) > 1
    more = asked.place or asked.theme or asked.q or asked.since or asked.role or asked.language
    return bool(several or more or own or asked.available_24x7)


def is_needed(asked: Filters) -> bool:
    """Whether nothing but the index answers it."""
    return bool(asked.q or asked.role or asked.language or asked.available_24x7)


def is_near(connection: Connection, size: int) -> bool:
    """Whether the index is not far behind a log of this size."""
    return size - search.position(connection) <= NEAR


def find(connection: Connection, asked: Filters, markings: Sequence[str], after: int, limit: int) -> list[int]:
    """Give log indices of at most `limit` records beyond `after`; what is not in the index yet is looked at one by one.

    It is all of one snapshot, so that a record which changes meanwhile is found once.
    """
    question = _question(connection, asked, markings)
    reached = search.position(connection)
    found = _in_index(connection, question, after, max(reached, after + 1), limit, newest=False)
    if len(found) < limit:
        later = _beyond(connection, question, max(after, reached - 1), limit)
        known = set(found)  # where a snapshot lasts for one question only, the index may have read on meanwhile
        found += [index for index in later if index not in known]
    return found[:limit]


def find_newest(
    connection: Connection, asked: Filters, markings: Sequence[str], before: int | None, limit: int
) -> list[int]:
    """Give log indices of at most `limit` records before an index, or of the newest, the last said first."""
    question = _question(connection, asked, markings)
    reached, records = search.position(connection), tables.records.c
    upto = [] if before is None else [records.index < before]
    # What is not in the index yet is the newest, and as much as may be read one by one.
    found = _beyond(connection, question, reached - 1, None, *upto)[::-1]
    if len(found) < limit:
        known = set(found)
        older = _in_index(
            connection, question, -1, reached if before is None else min(before, reached), limit, newest=True
        )
        found += [index for index in older if index not in known]
    return found[:limit]


class _Question(NamedTuple):
    """What is asked: of the index by groups, of the view by conditions."""

    groups: list[Group]
    conditions: list[ColumnElement[bool]]


def _question(connection: Connection, asked: Filters, markings: Sequence[str]) -> _Question:
    groups = asked_groups(asked, markings if _most_are_hidden(connection, markings) else ())
    return _Question(groups, [tables.records.c.marking.in_(markings), *_exactly(asked)])


def _most_are_hidden(connection: Connection, markings: Sequence[str]) -> bool:
    counts = kept.facet_counts.c
    kinds = [term(KIND, kind) for kind in KIND_NAMES]
    query = select(counts.marking, func.sum(counts.records)).where(counts.kind.in_(KIND_NAMES), counts.term.in_(kinds))
    found = {marking: int(records) for marking, records in connection.execute(query.group_by(counts.marking))}
    return HIDDEN * sum(found.get(marking, 0) for marking in markings) < sum(found.values())


def _in_index(
    connection: Connection, question: _Question, after: int, before: int, limit: int, *, newest: bool
) -> list[int]:
    if not is_sqlite(connection):
        asked = _tsquery(question.groups)
        return walk(connection, asked, question.conditions, after + 1, before, limit, newest=newest)
    records = tables.records
    source = table("record_search", column("rowid", BigInteger))
    place = source.c.rowid
    found = text("record_search MATCH :asked").bindparams(asked=_fts5(question.groups))
    # The plus keeps SQLite from asking the index once for each record.
    same = records.c.index == literal_column("+record_search.rowid", BigInteger)
    # The order of the index is that of the log, so it stops as soon as there are enough.
    query = select(place).select_from(source.join(records, same)).where(found, *question.conditions)
    ordered = query.where(place > after, place < before).order_by(place.desc() if newest else place).limit(limit)
    return [row[0] for row in connection.execute(ordered)]


def _beyond(
    connection: Connection, question: _Question, after: int, limit: int | None, *conditions: ColumnElement[bool]
) -> list[int]:
    found = list[int]()
    while limit is None or len(found) < limit:
        beyond = tables.records.c.index > after
        read = found_where(connection, beyond, *question.conditions, *conditions, limit=AT_ONCE)
        found += [each.current for each in read if each.has(question.groups)]
        if len(read) < AT_ONCE:
            break
        after = read[-1].current
    return found


def _exactly(asked: Filters) -> list[ColumnElement[bool]]:
    found = [of_status(asked.status)]
    return [*found, tables.records.c.published >= asked.since] if asked.since else found


def _fts5(groups: Sequence[Group]) -> str:
    return " AND ".join(
        "(" + " OR ".join(f'"{word}"{"*" if on else ""}' for word, on in group) + ")" for group in groups
    )


def _tsquery(groups: Sequence[Group]) -> str:
    return " & ".join("(" + " | ".join(_lexeme(word, goes_on=on) for word, on in group) + ")" for group in groups)


def _lexeme(word: str, *, goes_on: bool) -> str:
    if goes_on and len(word) <= BEGINNINGS:
        return f"'{BEGINS}{word}'"
    return f"'{word}'{':*' if goes_on else ''}"
