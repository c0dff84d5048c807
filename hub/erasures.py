"""Orders to erase as readers see them: what was ordered, who has obeyed, and who has not said so."""

from typing import Any

from pydantic import Field
from sqlalchemy import Connection, select

from hub import tables
from hub.filters import OrgFilter, PageOnly
from hub.queries import Listed
from schemas.statement import parse_statement
from wire import jws
from wire.encoding import b64url
from wire.erasure import read_action, read_order
from wire.registry import HUB, REGISTRY


class ErasuresAsked(PageOnly):
    """Which orders are asked for."""

    org: OrgFilter = Field([], description="Organization whose records are erased.")


def list_erasures(connection: Connection, asked: ErasuresAsked, *, all_missing: bool) -> Listed:
    """Give orders in the order of the log.

    Whose confirmation is missing is told whole only with `all_missing`: to whom a body was encrypted is not public.
    """
    erasures, names, log, bodies = tables.erasures.c, tables.organizations.c, tables.log.c, tables.bodies
    query = (
        select(erasures.index, names.organization, erasures.hash, erasures.record, log.token, bodies.c.body)
        .join(tables.organizations, names.org == erasures.org)
        .join(tables.log, log.index == erasures.index)
        .outerjoin(bodies, bodies.c.index == erasures.index)
        .where(erasures.index > (-1 if asked.after is None else asked.after))
        .order_by(erasures.index)
        .limit(asked.limit + 1)
    )
    if asked.org:
        query = query.where(names.organization.in_(asked.org))
    rows = connection.execute(query).all()
    items = []
    for index, organization, digest, record, token, body in rows[: asked.limit]:
        confirmed = _confirmed(connection, index)
        missing = _expected(connection, index, all_missing=all_missing) - {each["org"] for each in confirmed}
        items.append(
            {
                "index": index,
                "org": organization,
                "record": record,
                "order": b64url(bytes(digest)),
                "by": REGISTRY if record is None else organization,
                "statements": _statements(bytes(token), None if body is None else bytes(body)),
                "confirmed": confirmed,
                "missing": sorted(missing),
            }
        )
    return Listed(items, items[-1]["index"] if len(rows) > asked.limit else None)


def _confirmed(connection: Connection, order: int) -> list[dict[str, Any]]:
    said, names = tables.confirmations.c, tables.organizations.c
    query = select(names.organization, said.index).join(tables.organizations, names.org == said.org)
    rows = connection.execute(query.where(said.order == order).order_by(said.index))
    return [{"org": organization, "index": index} for organization, index in rows]


def _expected(connection: Connection, order: int, *, all_missing: bool) -> set[str]:
    if not all_missing:
        return {HUB}
    erased, erasures, names = tables.erased.c, tables.erasures.c, tables.organizations.c
    recipients = connection.scalars(select(erased.recipients).where(erased.ordered_at == order).distinct())
    author = select(names.organization).join(tables.erasures, erasures.org == names.org).where(erasures.index == order)
    named = {each for listed in recipients for each in listed.split("\n") if each}
    return (named | {HUB}) - {connection.scalar(author) or ""}


def _statements(token: bytes, body: bytes | None) -> list[str]:
    if body is None:
        return []
    organization = parse_statement(jws.take_apart(token, jws.EVENT).payload).organization
    order = read_action(body) if organization == REGISTRY else read_order(organization, body)
    return [] if order is None else sorted(map(b64url, order.statements))
