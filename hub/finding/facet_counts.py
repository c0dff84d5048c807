"""How many records each facet has: kept counts for a whole kind, counted ones where not too many records are found."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from sqlalchemy import Connection, func, select

from hub.filters import Filters
from hub.finding import tables as kept
from hub.finding.listing import find
from hub.finding.terms import KIND, is_counted, sort_and_value, term
from schemas.fields import KIND_NAMES

MOST: Final = 3_000  # records that one question counts; of more it says only that there are more
_IN: Final = 500


class Facets(NamedTuple):
    """How many records were found, by facet and value; where `more` holds, there are more than `total`.

    `counts` are by sort of term (hub/finding/terms.py) and value. Where there are more, they are those of the whole
    kind, which tell what can be chosen but not how often it was found: `exact` is false.
    """

    total: int
    more: bool
    counts: Mapping[str, Mapping[str, int]]
    exact: bool


def count_facets(connection: Connection, asked: Filters, markings: Sequence[str]) -> Facets:
    """Count what a question finds, whatever its page. `asked` names one kind, and asks for no ended records."""
    asked = Filters.model_construct(**{name: getattr(asked, name) for name in Filters.model_fields})
    if asked == Filters(kind=asked.kind):
        whole = _of_kinds(connection, asked.kind, markings)
        return Facets(sum(whole.get("k", {}).values()), more=False, counts=whole, exact=True)
    found = find(connection, asked, markings, -1, MOST + 1)
    if len(found) > MOST:
        return Facets(MOST, more=True, counts=_of_kinds(connection, asked.kind, markings), exact=False)
    times: Counter[str] = Counter()
    for place in range(0, len(found), _IN):
        query = select(kept.listings.c.terms).where(kept.listings.c.index.in_(found[place : place + _IN]))
        for terms in connection.scalars(query):
            times.update(terms.split(" "))
    counts: dict[str, dict[str, int]] = {}
    for each, number in times.items():
        if is_counted(each):
            sort, value = sort_and_value(each)
            counts.setdefault(sort, {})[value] = number
    return Facets(len(found), more=False, counts=counts, exact=True)


def count_kinds(connection: Connection, markings: Sequence[str]) -> dict[str, int]:
    """Give how many records stand that may be seen, by kind, as far as the log was read; none has no entry."""
    table = kept.facet_counts.c
    terms = [term(KIND, kind) for kind in KIND_NAMES]
    query = select(table.kind, func.sum(table.records)).group_by(table.kind).order_by(table.kind)
    rows = connection.execute(
        query.where(table.kind.in_(KIND_NAMES), table.marking.in_(markings), table.term.in_(terms))
    )
    return {str(kind): int(records) for kind, records in rows if records}


def _of_kinds(connection: Connection, kinds: Sequence[str], markings: Sequence[str]) -> dict[str, dict[str, int]]:
    table = kept.facet_counts.c
    query = (
        select(table.term, func.sum(table.records))
        .where(table.kind.in_(kinds), table.marking.in_(markings))
        .group_by(table.term)
    )
    counts: dict[str, dict[str, int]] = {}
    for written, records in connection.execute(query):
        if records:
            sort, value = sort_and_value(written)
            counts.setdefault(sort, {})[value] = int(records)
    return counts
