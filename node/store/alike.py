"""Own records whose titles may be like a title: found by way of its rarest words, whatever else is here."""

from typing import Final, NamedTuple

from sqlalchemy import Connection, Engine, Select, desc, func, select

from node.store.grid_tables import grid, unindexed
from node.store.words import with_words
from schemas.words import index_words
from wire.database import reading

MAX_COMMON: Final = 500  # records from which on a word is common: it alone makes no candidate
MAX_LIKELY: Final = 1000  # candidates of each of the two sorts
_STANDS: Final = ("current", "local")


class Candidate(NamedTuple):
    """A record that shares words of the title."""

    id: str
    title: str


def likely_alike(engine: Engine, kind: str, title: str, share: float) -> list[Candidate]:
    """Give the records of a kind that may have `share` of all words in common with a title.

    Whatever has so many of its n words lacks at most `n * (1 - share)` of them, and so has one of any more: the
    rarest are asked for. What has none but common words of these is looked at if it has all common words, the last
    that came first.
    """
    words = index_words(title)
    with reading(engine).connect() as connection:
        numbers = {word: _number(connection, word) for word in words}
        asked = sorted(words, key=lambda word: numbers[word])[: int(len(words) * (1 - share)) + 1]
        rare = [word for word in asked if 0 < numbers[word] <= MAX_COMMON]
        found = _some(connection, kind, with_words(connection, rare, every=False)) if rare else []
        if any(numbers[word] > MAX_COMMON for word in asked):
            common = [word for word in words if numbers[word] > MAX_COMMON]
            found += _some(connection, kind, with_words(connection, common, every=True))
    return list(dict.fromkeys(found))


def _number(connection: Connection, word: str) -> int:
    some = with_words(connection, [word], every=True).limit(MAX_COMMON + 1).subquery()
    return connection.scalar(select(func.count()).select_from(some)) or 0


def _some(connection: Connection, kind: str, numbers: Select[int]) -> list[Candidate]:
    found = numbers.order_by(desc("number")).limit(MAX_LIKELY).subquery()
    query = select(grid.c.id, grid.c.title).join(found, found.c.number == grid.c.number)
    rows = connection.execute(query.where(unindexed(grid.c.kind) == kind, unindexed(grid.c.state).in_(_STANDS)))
    return [Candidate(*row) for row in rows]
