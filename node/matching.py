"""Needs of others that match what this organization offers and has set as its priorities: themes and places overlap."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, NamedTuple

from node.network_view import View, ask_hub
from node.node import Node
from schemas.codelists import is_country, regions_of
from schemas.entry import check_record
from schemas.facets import facets
from schemas.need_life import OPEN
from schemas.release import MARKINGS
from schemas.statement import is_org, is_record_id

Json = Mapping[str, Any]
WORLD = "001"
MAX_INTERESTS = 500  # own offers and priorities that are looked at, of each
MAX_ASKED = 100  # themes, and places, that the hub takes in one question
ASKED_LIMIT = 100
SECONDS = 2.0


class Interest(NamedTuple):
    """An own open offer or current priority. No places: everywhere."""

    kind: str
    id: str
    record: Json
    themes: frozenset[tuple[str, str]]
    places: frozenset[str]


class Match(NamedTuple):
    """A need in the hub's form, and what of ours it matches; `letter`: index of what brought it, None: the hub."""

    item: Json
    interests: tuple[Interest, ...]
    letter: int | None = None


class Matches(NamedTuple):
    """Needs that match, and why the network could not be asked, if so; `asked`: whether there was anything to ask."""

    items: list[Match]
    trouble: str
    asked: bool


def interests_of(node: Node, today: date) -> list[Interest]:
    """Give what this organization offers now, and its priorities of today."""
    found = []
    for kind in ("offer", "priority"):
        for stood in node.reading.page((kind,), limit=MAX_INTERESTS).items:
            record = stood.kept.record
            if _holds(kind, record, today.isoformat()):
                seen = facets(kind, record, with_text=False)
                places = frozenset() if WORLD in seen.places else frozenset(seen.places)
                found.append(Interest(kind, stood.kept.id, record, frozenset(seen.themes), places))
    return found


def matching(need: Json, interests: Iterable[Interest]) -> tuple[Interest, ...]:
    """Give which of these a need matches; a need that is closed, or only a draft, matches none."""
    if need.get("need_status") not in OPEN:
        return ()
    seen = facets("need", need, with_text=False)
    return tuple(
        each
        for each in interests
        if any(_same_theme(one, other) for one in seen.themes for other in each.themes)
        and (not each.places or any(_overlap(one, other) for one in seen.places for other in each.places))
    )


def read_need(item: Any) -> dict[str, Any] | None:
    """Give org, id, marking and record of what a hub says is a need that stands; None for anything else."""
    if not isinstance(item, Mapping) or item.get("status") != "current":
        return None
    org, record_id, marking, record = (item.get(name) for name in ("org", "id", "marking", "record"))
    if not (isinstance(org, str) and is_org(org) and isinstance(record_id, str) and is_record_id(record_id)):
        return None
    if marking not in MARKINGS or not isinstance(record, dict) or check_record("need", record):
        return None
    return {"kind": "need", "org": org, "id": record_id, "marking": marking, "record": record}


def needs_at_hub(node: Node, interests: list[Interest]) -> Matches:
    """Ask the hub for needs that match; an answer that does not come in time is trouble, never an error."""
    if not interests:
        return Matches([], "", asked=False)
    view = _ask(node, interests)
    needs = [need for item in view.items if (need := read_need(item)) is not None]
    others = [need for need in needs if need["org"] != node.settings.organization]
    found = [Match(need, matched) for need in others if (matched := matching(need["record"], interests))]
    return Matches(found, view.trouble, asked=True)


def needs_in_inbox(node: Node, interests: list[Interest]) -> list[Match]:
    """Give the needs that were sent to this organization and are open: those that match first."""
    letters = node.letters.needs()
    found = []
    for each in letters:
        record = each.record
        if record is not None and record.get("need_status") in OPEN:
            item = {"kind": "need", "org": each.org, "id": each.id, "marking": each.marking, "record": record}
            found.append(Match(item, matching(record, interests), each.index))
    return sorted(found, key=lambda match: not match.interests)


def _ask(node: Node, interests: list[Interest]) -> View:
    themes = sorted({f"{scheme}:{code}" for each in interests for scheme, code in each.themes})
    asked: dict[str, Any] = {"kind": "need", "theme": themes[:MAX_ASKED], "limit": ASKED_LIMIT}
    # A need of a region around a place matches too; where there would be too many places, we choose here.
    places = sorted({around for each in interests for place in each.places for around in _around(place)})
    if all(each.places for each in interests) and len(places) <= MAX_ASKED:
        asked["place"] = places
    return ask_hub(node, asked, SECONDS)


def _holds(kind: str, record: Json, today: str) -> bool:
    # What begins later counts: whoever looks for needs looks ahead.
    last = record.get("available_until" if kind == "offer" else "period_end")
    return (kind != "offer" or bool(record["open"])) and (last is None or str(last) >= today)


def _same_theme(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Whether two themes are of one list, and the same or one within the other, as 2.10 is within 2."""
    if one[0] != other[0]:
        return False
    longer, shorter = sorted((one[1], other[1]), key=len, reverse=True)
    return longer == shorter or longer.startswith(f"{shorter}.")


def _overlap(one: str, other: str) -> bool:
    return one == other or other in _around(one) or one in _around(other)


def _around(place: str) -> tuple[str, ...]:
    return (place, *regions_of(place)) if is_country(place) else (place,)


def match_form(match: Match, organization: str) -> dict[str, Any]:
    """Give a need that matches as the API does, with the addresses of what it matches."""
    matched = [f"{each.kind}/{organization}/{each.id}" for each in match.interests]
    return {**match.item, "matches": matched, "letter": match.letter}
