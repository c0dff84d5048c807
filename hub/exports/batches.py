"""All records that a filter chooses, in batches, each record once, however long the reader takes."""

from collections.abc import Callable, Iterator, Sequence
from http import HTTPStatus
from typing import Any

from sqlalchemy import Connection, select

from hub import tables
from hub.access import Role
from hub.filters import MAX_LIMIT, Filters, Page
from hub.problem_details import Refusal
from hub.queries import list_records
from hub.reading import Reading, visible

Item = dict[str, Any]
"""A record in the contract's form: what the list of records answers."""


def matching(
    hub: Reading, asked: Filters, role: Role, still: Callable[[], bool] = lambda: True
) -> Iterator[list[Item]]:
    """Give all matching records in the order of the log, at most 500 at a time.

    `still` tells before each batch whether the reader is still let in; a Refusal where not.

    Every batch is a short transaction, so that a slow reader holds up neither the intake nor the database. What is
    revised meanwhile moves to the log's end and would come again there: a bit for each index of the log remembers it.
    """
    given = _Given()
    after: int | None = -1
    while after is not None:
        if not still():
            detail = "Your access ended while this was read: the token was removed, or the session is over."
            raise Refusal(HTTPStatus.UNAUTHORIZED, "access-ended", detail)
        page = Page.model_construct(**dict(asked), after=after, limit=MAX_LIMIT)
        with hub.connect() as connection:
            found = list_records(connection, page, visible(role), hub.now().date())
            numbers = _numbers(connection, [item["index"] for item in found.items])
        new = [item for item in found.items if given.first_time(numbers[item["index"]])]
        if new:
            yield new
        after = found.next


def with_record(batches: Iterator[list[Item]]) -> Iterator[list[Item]]:
    """Leave out what has no fields any more: erased records, and batches without any other."""
    for batch in batches:
        kept = [item for item in batch if item.get("record")]
        if kept:
            yield kept


def _numbers(connection: Connection, indices: Sequence[int]) -> dict[int, int]:
    """Give for each index the number of the record that its statement is about; the log never changes it."""
    log = tables.log.c
    rows = connection.execute(select(log.index, log.record).where(log.index.in_(indices)))
    return {row[0]: row[1] for row in rows}


class _Given:
    """Which records were given: an eighth of a byte for each index of the log."""

    def __init__(self) -> None:
        self._bits = bytearray()

    def first_time(self, number: int) -> bool:
        """Remember a record; False if it was given before."""
        place, bit = number >> 3, 1 << (number & 7)
        if place >= len(self._bits):
            self._bits.extend(bytes(place + 1 - len(self._bits)))
        if self._bits[place] & bit:
            return False
        self._bits[place] |= bit
        return True
