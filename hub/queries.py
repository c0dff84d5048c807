"""What readers ask of the view: records by filter, and one record. Nothing leaves under a stricter marking."""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

import orjson
from sqlalchemy import ColumnElement, Connection, Row, and_, func, or_, select

from hub import tables
from hub.addresses import has_address
from hub.filters import WORLD, Filters, Page, places_of, themes_of
from hub.finding.listing import find, find_newest, is_indexed, is_near, is_needed
from hub.finding.statuses import of_status
from hub.node_queries import list_nodes, one_node
from schemas.freshness import freshness
from wire.encoding import b64url

__all__ = [
    "Listed", "list_nodes", "list_records", "newest_records", "one_node",
    "record_of", "record_view",
]  # fmt: skip

_R, _L, _O = tables.records.c, tables.log.c, tables.organizations.c
_reasons = tables.bodies.alias("reasons")
_left_out = tables.exclusions.alias("left_out")


class Listed(NamedTuple):
    """A page of items, and the cursor of the next one; None if this is the last."""

    items: list[dict[str, Any]]
    next: int | None


def list_records(connection: Connection, page: Page, markings: Sequence[str], today: date) -> Listed:
    """Give a page of records in the order of the log; withdrawn and disputed ones only by their status."""
    after = -1 if page.after is None else page.after
    if _by_index(connection, page):
        found: Sequence[int] = find(connection, page, markings, after, page.limit + 1)
    else:
        # Which they are is asked alone: with all that is shown of them, PostgreSQL begins at the log's beginning.
        query = select(_R.index).join(tables.organizations, _O.org == _R.org)
        query = query.where(*conditions(page), _R.marking.in_(markings), _R.index > after).order_by(_R.index)
        found = connection.scalars(query.limit(page.limit + 1)).all()
    rows = connection.execute(_records(markings).where(_R.index.in_(found)).order_by(_R.index)).all()
    items = [record_view(row, markings, today) for row in rows[: page.limit]]
    return Listed(items, items[-1]["index"] if len(rows) > page.limit else None)


def newest_records(
    connection: Connection, asked: Filters, markings: Sequence[str], today: date, before: int | None, limit: int
) -> Listed:
    """Give the newest records that a filter chooses, the last said first; `next` is the `before` of the older ones."""
    query = _records(markings).order_by(_R.index.desc())
    if _by_index(connection, asked):
        query = query.where(_R.index.in_(find_newest(connection, asked, markings, before, limit + 1)))
    else:
        query = query.where(*conditions(asked)).limit(limit + 1)
        query = query if before is None else query.where(_R.index < before)
    rows = connection.execute(query).all()
    items = [record_view(row, markings, today) for row in rows[:limit]]
    return Listed(items, items[-1]["index"] if len(rows) > limit else None)


def record_of(
    connection: Connection, address: tuple[str, str, str], markings: Sequence[str], today: date
) -> dict[str, Any] | None:
    """Give one record by kind, organization and id; None if it does not exist or may not be seen."""
    query = _records(markings).where(has_address(*address))
    row = connection.execute(query).first()
    return None if row is None else record_view(row, markings, today)


def _by_index(connection: Connection, asked: Filters) -> bool:
    """Whether the index is asked: where it alone can answer, or is quick and not far behind."""
    if is_needed(asked) or not is_indexed(asked):
        return is_needed(asked)
    last = connection.scalar(select(_L.index).order_by(_L.index.desc()).limit(1))
    return last is not None and is_near(connection, last + 1)


def conditions(asked: Filters) -> list[ColumnElement[bool]]:
    """Turn filters into conditions on `records` joined with `organizations`, without those that need the index."""
    found = [of_status(asked.status)]
    if asked.kind:
        # Where few are chosen by how they ended, the index of kinds is not to be used.
        by_end = asked.status and {"disputed", "erased"}.issuperset(asked.status)
        found.append((func.coalesce(_R.kind, "") if by_end else _R.kind).in_(asked.kind))
    if asked.org:
        found.append(_O.organization.in_(asked.org))
    if asked.place:
        found.append(_has_place(asked))
    if asked.theme:
        found.append(_has_theme(asked))
    if asked.since:
        found.append(_R.published >= asked.since)
    return found


def _has_place(asked: Filters) -> ColumnElement[bool]:
    places = tables.record_places.c
    wanted = select(places.record)
    if WORLD not in asked.place:
        wanted = wanted.where(places.place.in_(sorted(places_of(asked.place))))
    return _R.record.in_(wanted)


def _has_theme(asked: Filters) -> ColumnElement[bool]:
    themes = tables.record_themes.c
    any_of = [
        themes.code == theme.code
        if theme.scheme is None
        else and_(themes.scheme == theme.scheme, themes.code == theme.code)
        for theme in themes_of(asked.theme)
    ]
    return _R.record.in_(select(themes.record).where(or_(*any_of)))


def _records(markings: Sequence[str]) -> Any:
    """Select records with what their form needs; a reason of withdrawal only under a marking that may be seen."""
    return (
        select(
            *_R,
            _O.organization,
            _L.hash,
            _L.sequence,
            _L.marking.label("said_under"),
            tables.bodies.c.body,
            _reasons.c.body.label("withdrawal"),
            _left_out.c.reason.label("left_out"),
            tables.erased.c.ordered_at,
        )
        .join(tables.organizations, _O.org == _R.org)
        .join(tables.log, _L.index == _R.index)
        .outerjoin(tables.bodies, tables.bodies.c.index == _R.body_index)
        .outerjoin(_reasons, and_(_reasons.c.index == _R.index, _R.withdrawn.is_(True)))
        .outerjoin(_left_out, _left_out.c.index == _R.excluded_index)
        .outerjoin(tables.erased, and_(tables.erased.c.index == _R.body_index, _R.erased.is_(True)))
        .where(_R.marking.in_(markings))
    )


def record_view(row: Row[Any], markings: Sequence[str], today: date) -> dict[str, Any]:
    """Give a record in the contract's form; of one erased or held elsewhere, that there is one."""
    if row.erased:
        address = {"kind": row.kind, "org": row.organization, "id": row.id, "statement": b64url(row.hash)}
        return {**address, "index": row.index, "status": "erased", "ordered_at": row.ordered_at}
    if not row.held:
        known = {"kind": row.kind, "org": row.organization, "id": row.id, "marking": row.marking}
        said = {"statement": b64url(row.hash), "index": row.index, "sequence": row.sequence, "published": row.published}
        return {**known, **said, "status": "elsewhere"}
    due = None if row.review_due is None else date.fromisoformat(row.review_due)
    view = {
        "kind": row.kind,
        "org": row.organization,
        "id": row.id,
        "marking": row.marking,
        "record": member_of(row.body, "record") or {},
        "statement": b64url(row.hash),
        "index": row.index,
        "sequence": row.sequence,
        "published": row.published,
        "freshness": freshness(due, today),
        "status": "disputed" if row.disputed else "withdrawn" if row.withdrawn else "current",
    }
    if row.withdrawn and row.said_under in markings:
        view["reason"] = member_of(row.withdrawal, "reason")
    if row.excluded_index is not None:
        view["excluded"] = {"index": row.excluded_index, "reason": row.left_out}
    return view


def member_of(body: bytes | None, name: str) -> Any:
    """Give a member of a body; None where there is no body, or no such member."""
    return None if body is None else orjson.loads(body).get(name)
