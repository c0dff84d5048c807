"""Orders to erase, and confirmations of them, judged against the log: which statements they name, and their effect."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Select, select

from hub import tables
from hub.addresses import number_at
from hub.entries import Confirmed, Entry, Erasure, Named
from hub.erased_list import ErasedList
from hub.questions import named_recipients
from schemas.problems import Problem
from schemas.statement import parse_statement
from wire import jws
from wire.erasure import DONE, ORDERED, Order, confirmation_fault, naming_fault, read_done, read_order
from wire.examine import Said

AMBER = ("TLP:AMBER", "TLP:AMBER+STRICT")
Effect = Erasure | Confirmed


class Orders:
    """Reads the log inside the writer's transaction; `fresh` are the entries of the batch, not yet in the tables.

    `with_view`: the view can be relied on to find a record's statements.
    """

    def __init__(
        self, connection: Connection, erased: ErasedList, fresh: Sequence[Entry], *, with_view: bool = True
    ) -> None:
        self._connection = connection
        self._erased = erased
        self._fresh = fresh
        self._with_view = with_view
        self._of_batch: dict[bytes, int] = {}

    def is_erased(self, digest: bytes) -> bool:
        """Whether the body of this statement was destroyed once, whatever the tables say."""
        return digest in self._erased

    def judge(
        self, said: Said, digest: bytes, body: bytes | None, index: int, org: int, *, former: bool = False
    ) -> Effect | Problem | None:
        """Judge a statement that has no fault in itself and would stand at `index`; None if it is about no erasure.

        `former`: it was made in a log before this one, and may be named by the place that the order had there.
        """
        if body is None or said.type not in (ORDERED, DONE):
            return None
        if said.type == ORDERED:
            return self.order(read_order(said.organization, body), digest, index, org)
        order = self._index_of(read_done(body))
        fault = confirmation_fault(read_done(body), said.record_id, order, former=former)
        if fault is not None or order is None:
            return fault
        return Confirmed(order, org, index)

    def order(self, order: Order, digest: bytes, index: int, org: int) -> Erasure | Problem:
        """Judge an order that would stand at `index`; `org` is the number of the organization it is about."""
        named = {each.hash: each for each in self.named(order, org) if each.index < index}
        fault = naming_fault(order, {each.hash: each.subject for each in named.values()})
        if fault is not None:
            return fault
        self._of_batch[digest] = index
        return Erasure(index, digest, org, order.record, [named[each] for each in order.statements])

    def named(self, order: Order, org: int) -> Iterator[Named]:
        """Give what the log has of the statements that an order names."""
        wanted = set(order.statements)
        for entry in self._fresh:
            if entry.hash in wanted:
                yield Named(entry.index, entry.hash, entry.subject, _recipients(entry.marking, entry.body))
        log, exclusions = tables.log.c, tables.exclusions.c
        query = select(log.index, log.hash, log.token, log.marking).where(log.hash.in_(list(wanted)))
        if order.record is None or not self._with_view:
            # The roots' order may be about any record, and without a view none is found: the whole chain is read.
            yield from self._read(query.where(log.org == org))
            return
        number = number_at(*order.record.split("/")).where(tables.records.c.org == org)
        yield from self._read(query.where(log.record == number.scalar_subquery()))
        left_out = select(exclusions.index).where(exclusions.org == org)
        yield from self._read(query.where(log.record.is_(None), log.index.in_(left_out)))

    def _read(self, query: Select[Any]) -> Iterator[Named]:
        for index, digest, token, marking in self._connection.execute(query).all():
            subject = parse_statement(jws.take_apart(bytes(token), jws.EVENT).payload).subject
            yield Named(index, bytes(digest), subject, self._recipients_at(index, marking))

    def _recipients_at(self, index: int, marking: str) -> tuple[str, ...]:
        if marking not in AMBER:
            return ()
        bodies = tables.bodies.c
        body = self._connection.scalar(select(bodies.body).where(bodies.index == index))
        return _recipients(marking, None if body is None else bytes(body))

    def _index_of(self, order: bytes) -> int | None:
        found = self._of_batch.get(order)
        if found is not None:
            return found
        erasures = tables.erasures.c
        return self._connection.scalar(select(erasures.index).where(erasures.hash == order))


def _recipients(marking: str, body: bytes | None) -> tuple[str, ...]:
    return tuple(named_recipients(body)) if body is not None and marking in AMBER else ()
