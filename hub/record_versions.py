"""What readers ask of one record's past: its versions, in either order. Nothing leaves under a stricter marking."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, select

from hub import tables
from hub.addresses import number_at
from hub.filters import PageOnly
from hub.queries import Listed, member_of
from schemas.statement import parse_statement
from wire import jws
from wire.disputes import disputed_by
from wire.encoding import b64url
from wire.registry import Registry

_R, _L, _O = tables.records.c, tables.log.c, tables.organizations.c
_left_out = tables.exclusions.alias("left_out")


@dataclass(frozen=True, slots=True)
class Version:
    """One event of a record as its log entry says it."""

    index: int
    marking: str
    token: bytes
    hash: bytes
    body: bytes | None
    reason: str | None
    problems: str | None
    erased: bool
    ordered_at: int | None


def record_history(
    connection: Connection,
    address: tuple[str, str, str],
    markings: Sequence[str],
    page: PageOnly,
    registry: Registry,
) -> Listed | None:
    """Give all versions of a record in the order of the log, with those that were left out of the view; or None.

    Versions that a revoked key signed after its last good sequence say so (`disputed`).
    """
    later = _L.index > (-1 if page.after is None else page.after)
    return _history(connection, address, markings, registry, [later], _L.index, page.limit)


def newest_versions(
    connection: Connection, address: tuple[str, str, str], markings: Sequence[str], registry: Registry,
    before: int | None, limit: int,
) -> Listed | None:  # fmt: skip
    """Give the newest versions of a record, the last said first; `next` is the `before` of the older ones."""
    earlier = [] if before is None else [_L.index < before]
    return _history(connection, address, markings, registry, earlier, _L.index.desc(), limit)


def _history(
    connection: Connection, address: tuple[str, str, str], markings: Sequence[str], registry: Registry,
    which: Sequence[ColumnElement[bool]], order: ColumnElement[Any], limit: int,
) -> Listed | None:  # fmt: skip
    number = connection.scalar(number_at(*address).where(_R.marking.in_(markings)))
    if number is None:
        return None
    query = (
        select(
            _L.index, _L.marking, _L.token, _L.hash, tables.bodies.c.body, _left_out.c.reason, _left_out.c.problems,
            tables.erased.c.index.is_not(None), tables.erased.c.ordered_at,
        )
        .outerjoin(tables.bodies, tables.bodies.c.index == _L.index)
        .outerjoin(_left_out, _left_out.c.index == _L.index)
        .outerjoin(tables.erased, tables.erased.c.index == _L.index)
        .where(_L.record == number, *which)
        .order_by(order)
        .limit(limit + 1)
    )  # fmt: skip
    rows = [Version(*row) for row in connection.execute(query)]
    items = [_version(row, markings) for row in rows[:limit]]
    for row, item in zip(rows, items, strict=False):
        kid = jws.take_apart(bytes(row.token), jws.EVENT).kid
        if disputed_by(registry, address[1], kid, item["sequence"], row.index) is not None:
            item["disputed"] = True
    return Listed(items, items[-1]["index"] if len(rows) > limit else None)


def _version(row: Version, markings: Sequence[str]) -> dict[str, Any]:
    statement = parse_statement(jws.take_apart(bytes(row.token), jws.EVENT).payload)
    view: dict[str, Any] = {
        "index": row.index,
        "sequence": statement.sequence_number,
        "statement": b64url(bytes(row.hash)),
        "type": statement.type,
        "published": statement.time,
        "marking": row.marking,
    }
    if row.erased:
        view["erased"] = {"ordered_at": row.ordered_at}
    if row.reason is not None:
        # What was left out is not served, and neither is what its problems quote from it.
        problems = orjson.loads(row.problems or "[]")
        pointers = [{"pointer": problem["pointer"], "allowed": problem["allowed"]} for problem in problems]
        return {**view, "excluded": {"reason": row.reason, "problems": pointers}}
    if row.marking in markings:
        for member in ("record", "reason"):
            value = member_of(row.body, member)
            if value is not None:
                view[member] = value
    return view
