"""Applying erasures anew: what DIR/erased and the log say is destroyed, whatever a restored database holds."""

from dataclasses import dataclass

from sqlalchemy import Connection, literal_column, select

from hub import tables
from hub.destroying import carry_out, destroy, gone, write_confirmation
from hub.entries import Confirmed, Named
from hub.erased_list import ErasedList
from hub.orders import Orders
from schemas.problems import Problem
from schemas.statement import CONTROL, Statement, parse_statement
from wire import jws
from wire.erasure import DONE, ORDERED, Order, form_fault, read_action, read_done, read_order
from wire.registry import HUB, REGISTRY

CURSOR = "erasures"


def apply_again(connection: Connection, erased: ErasedList) -> None:
    """Destroy what must not be there, and find orders in the log that the tables do not tell of."""
    table = tables.erased
    known = {bytes(digest) for digest in connection.scalars(select(table.c.hash))}
    destroy(connection, _find(connection, erased.hashes - known), None)
    come_back = select(table.c.index, table.c.hash, table.c.ordered_at).join(
        tables.bodies, tables.bodies.c.index == table.c.index
    )
    for index, digest, order in connection.execute(come_back).all():
        destroy(connection, [Named(index, bytes(digest), "")], order)
    _find_orders(connection, erased)
    erased.add(gone(connection))


def _find(connection: Connection, hashes: frozenset[bytes]) -> list[Named]:
    """Where these statements stand; the log is read whole, which only a restored database makes necessary."""
    if not hashes:
        return []
    log = tables.log.c
    rows = connection.execute(select(log.index, log.hash))
    return [Named(index, bytes(digest), "") for index, digest in rows if bytes(digest) in hashes]


@dataclass(frozen=True, slots=True)
class _Control:
    index: int
    org: int
    hash: bytes
    statement: Statement
    body: bytes


def _find_orders(connection: Connection, erased: ErasedList) -> None:
    orders = Orders(connection, erased, [], with_view=False)
    for said in _controls(connection):
        if said.statement.type == ORDERED:
            _take_order(connection, orders, said)
        elif said.statement.type == DONE:
            _take_confirmation(connection, said)


def _controls(connection: Connection) -> list[_Control]:
    """Give the orders and confirmations without a fault."""
    log, bodies, left_out = tables.log.c, tables.bodies, tables.exclusions
    query = (
        select(log.index, log.org, log.hash, log.token, bodies.c.body)
        .join(bodies, bodies.c.index == log.index)
        .outerjoin(left_out, left_out.c.index == log.index)
        .where(log.kind == literal_column(f"'{CONTROL}'"), left_out.c.index.is_(None))
        .order_by(log.index)
    )
    found = []
    for index, org, digest, token, body in connection.execute(query):
        statement = parse_statement(jws.take_apart(bytes(token), jws.EVENT).payload)
        if statement.type in (ORDERED, DONE):
            found.append(_Control(index, org, bytes(digest), statement, bytes(body)))
    return found


def _take_order(connection: Connection, orders: Orders, said: _Control) -> None:
    if connection.scalar(select(tables.erasures.c.index).where(tables.erasures.c.index == said.index)) is not None:
        return
    order = _order(said)
    org = None if order is None else _number(connection, order.organization)
    judged = None if order is None or org is None else orders.order(order, said.hash, said.index, org)
    if judged is not None and not isinstance(judged, Problem):
        carry_out(connection, judged)


def _order(said: _Control) -> Order | None:
    statement = said.statement
    if statement.organization == REGISTRY:
        return read_action(said.body)
    if form_fault(ORDERED, statement.organization, statement.sequence_number, statement.record_id, said.body):
        return None  # logged before orders had a form
    return read_order(statement.organization, said.body)


def _take_confirmation(connection: Connection, said: _Control) -> None:
    statement, erasures = said.statement, tables.erasures
    if form_fault(DONE, statement.organization, statement.sequence_number, statement.record_id, said.body):
        return
    order = connection.scalar(select(erasures.c.index).where(erasures.c.hash == read_done(said.body)))
    if order is None:
        return
    write_confirmation(connection, Confirmed(order, said.org, said.index))
    if statement.organization == HUB:
        connection.execute(erasures.update().where(erasures.c.index == order).values(done_at=said.index))


def _number(connection: Connection, organization: str) -> int | None:
    names = tables.organizations.c
    return connection.scalar(select(names.org).where(names.organization == organization))
