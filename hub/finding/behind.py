"""What is behind a cell of the matrix: the records that are counted in it, by what they are there for."""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from sqlalchemy import Connection, select

from hub import tables
from hub.coverage import ACTIVITY, NEED, OFFER, RATING, WORLD
from hub.filters import around
from hub.finding import tables as kept
from schemas.codelists import is_country, regions_of

MOST: Final = 300
REGIONAL: Final = "regional"


class Counted(NamedTuple):
    """A record in a cell. `providers` are ids of organizations; `place` is the one it is there for."""

    kind: str
    org: str
    id: str
    title: str
    state: str
    place: str
    mode: str
    providers: list[str]


class Behind(NamedTuple):
    """Records by role (need, rating, activity, offer, regional); `more` if there are others."""

    roles: dict[str, list[Counted]]
    more: bool


def behind(
    connection: Connection, places: Iterable[str] | None, scheme: str, codes: Sequence[str], provider: str | None,
    markings: Sequence[str],
) -> Behind:  # fmt: skip
    """Give what is counted in cells of these places and codes; without places or codes in all."""
    own = _places(connection, scheme, codes, provider, markings) if places is None else set(places)
    wider = {each for place in own for each in _around(place)} - own
    cover, records, names = tables.coverage.c, tables.records.c, tables.organizations.c
    query = (
        select(
            cover.role, records.kind, names.organization, records.id, records.title, records.state, cover.place,
            cover.mode, cover.provider,
        )
        .join(tables.records, records.record == cover.record)
        .join(tables.organizations, names.org == records.org)
        .where(cover.scheme == scheme, records.marking.in_(markings), *tables.shown())
    )  # fmt: skip
    if codes:
        query = query.where(cover.code.in_(codes))
    ordered = query.where(cover.place.in_(sorted(own))).order_by(records.index)
    rows = connection.execute(ordered.limit(MOST + 1)).all()
    regional = connection.execute(
        query.where(cover.place.in_(sorted(wider)), cover.role.in_([ACTIVITY, OFFER])).limit(MOST + 1)
    ).all()
    found: dict[str, dict[tuple[str, str, str], Counted]] = {}
    for role, *row in (*rows[:MOST], *((REGIONAL, *row[1:]) for row in regional[:MOST])):
        each = _read(row)
        if provider is None or provider in each.providers or role in {NEED, RATING}:
            found.setdefault(role, {}).setdefault(each[:3], each)
    for each in _answering(connection, list(found.get(NEED, {}).values()), markings):
        if provider is None or provider in each.providers:
            found.setdefault(ACTIVITY, {}).setdefault(each[:3], each)
    return Behind({role: list(each.values()) for role, each in found.items()}, len(rows) > MOST or len(regional) > MOST)


def _places(
    connection: Connection, scheme: str, codes: Sequence[str], provider: str | None, markings: Sequence[str]
) -> set[str]:
    """Give the places of the cells in which a provider is, or anybody."""
    table = kept.matrix_cells.c
    query = select(table.place).where(table.audience == len(markings), table.scheme == scheme).distinct()
    if codes:
        query = query.where(table.code.in_(codes))
    if provider is not None:
        query = query.where(table.providers.contains(provider, autoescape=True))
    return set(connection.scalars(query))


def _answering(connection: Connection, needs: Sequence[Counted], markings: Sequence[str]) -> list[Counted]:
    """Give what answers these needs from elsewhere."""
    cover, records, names, answers = tables.coverage.c, tables.records.c, tables.organizations.c, kept.answers.c
    query = (
        select(
            records.kind, names.organization, records.id, records.title, records.state, cover.place, cover.mode,
            cover.provider,
        )
        .select_from(kept.answers)
        .join(tables.records, records.record == answers.record)
        .join(tables.organizations, names.org == records.org)
        .join(tables.coverage, cover.record == records.record)
        .where(
            answers.need.in_([f"need/{each.org}/{each.id}" for each in needs]), cover.code == "",
            records.marking.in_(markings), *tables.shown(),
        )
    )  # fmt: skip
    return [_read(row) for row in connection.execute(query.order_by(records.index).limit(MOST))] if needs else []


def _read(row: Sequence[str | None]) -> Counted:
    kind, org, id_, title, state, place, mode, provider = (each or "" for each in row)
    return Counted(kind, org, id_, title, state, place, mode, provider.split("\n") if provider else [org])


def _around(place: str) -> Sequence[str]:
    return (regions_of(place) or (WORLD,)) if is_country(place) else tuple(around(place))
