"""Who answers needs and who could: activities that say so, and open offers and running activities that would fit."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, and_, or_, select

from hub import tables
from hub.coverage import ACTIVITY, OFFER, WORLD
from hub.filters import around
from hub.finding import tables as kept
from schemas.codelists import is_country, regions_of

MOST: Final = 200


class Helping(NamedTuple):
    """A record that helps. `providers` are ids of organizations; `place` is where it covers, `mode` how."""

    kind: str
    org: str
    id: str
    title: str
    providers: list[str]
    place: str
    mode: str
    starts: str
    ends: str
    is_regional: bool


def answering(connection: Connection, needs: Sequence[str], markings: Sequence[str]) -> dict[str, list[Helping]]:
    """Give, by need's address, the records that say that they answer it and that may be seen."""
    answers, records = kept.answers.c, tables.records.c
    found: dict[str, list[Helping]] = {}
    if not needs:
        return found
    query = (
        _helping(answers.need)
        .join(kept.answers, answers.record == records.record)
        .where(answers.need.in_(needs), tables.coverage.c.code == "", records.marking.in_(markings), *tables.shown())
    )
    for need, *row in connection.execute(query.order_by(records.index)):
        found.setdefault(need, []).append(_read(row, regional=False))
    return found


def possible_providers(connection: Connection, need: dict[str, Any], markings: Sequence[str]) -> list[Helping]:
    """Give open offers and running activities for the place, a theme and a mode of a need; those for it alone first."""
    cover, records = tables.coverage.c, tables.records.c
    place = str(need["beneficiary"].get("country") or need["beneficiary"]["region"])
    wider = (regions_of(place) or (WORLD,)) if is_country(place) else tuple(around(place)[1:])
    themes = [and_(cover.scheme == each["scheme"], cover.code == each["code"]) for each in need["themes"]]
    modes = or_(cover.mode.in_(need["assistance_modes"]), cover.mode.is_(None))
    query = _helping(cover.place).where(
        or_(*themes), cover.place.in_([place, *wider]), cover.role.in_([OFFER, ACTIVITY]), modes,
        records.marking.in_(markings), *tables.shown(),
    )  # fmt: skip
    found: dict[tuple[str, str, str], Helping] = {}
    for covered, *row in connection.execute(
        query.order_by((cover.place == place).desc(), records.index.desc()).limit(MOST)
    ):
        each = _read(row, regional=covered != place)
        known = found.get(each[:3])
        if known is None or known.is_regional:
            found[each[:3]] = each
    return sorted(found.values(), key=lambda each: (each.is_regional, each.kind != "offer", each.org, each.id))


def _helping(first: Any) -> Any:
    cover, records, names = tables.coverage.c, tables.records.c, tables.organizations.c
    return (
        select(
            first, records.kind, names.organization, records.id, records.title, cover.provider, cover.place,
            cover.mode, cover.starts, cover.ends,
        )
        .select_from(tables.coverage)
        .join(tables.records, records.record == cover.record)
        .join(tables.organizations, names.org == records.org)
    )  # fmt: skip


def _read(row: Sequence[Any], *, regional: bool) -> Helping:
    kind, org, id_, title, provider, place, mode, starts, ends = row
    providers = provider.split("\n") if provider else [org]
    return Helping(kind, org, id_, title, providers, place, mode or "", starts or "", ends or "", regional)
