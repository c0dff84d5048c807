"""Needs of others that match what this organization offers and has set as its priorities: themes and places overlap."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from node.network_view import View, ask_hub
from node.node import Node
from node.store.needs import Answer, Held
from schemas.codelists import is_country, regions_of
from schemas.entry import check_record
from schemas.facets import facets
from schemas.need_life import OPEN
from schemas.release import MARKINGS
from schemas.statement import is_org, is_record_id

Json = Mapping[str, Any]
Theme = tuple[str, str]  # scheme and code
WORLD = "001"
MAX_INTERESTS = 5000  # own offers and priorities that are compared, those that were changed last
MAX_ASKED = 100  # themes, and places, that are put into one question
MAX_NEEDS = 500  # that the hub gives for one question
SECONDS = 2.0


class Interest(NamedTuple):
    """An own open offer or current priority. No places: everywhere."""

    kind: str
    id: str
    title: str
    themes: frozenset[Theme]
    places: frozenset[str]


class Interests(NamedTuple):
    """What is compared; `more`: there are others, which are not."""

    items: list[Interest]
    more: bool


class Match(NamedTuple):
    """A need in the hub's form, and what of ours it matches; `letter`: index of what brought it, None: the hub.

    `answers` are own records that answer it already.
    """

    item: Json
    interests: tuple[Interest, ...]
    letter: int | None = None
    answers: tuple[Answer, ...] = ()


class Matches(NamedTuple):
    """Needs that match, and why the network could not be asked, if so; `asked`: whether there was anything to ask.

    `compared` needs were given by the hub; `more`: it has others of these themes and places, which were not compared.
    """

    items: list[Match]
    trouble: str
    asked: bool
    compared: int = 0
    more: bool = False


def interests_of(node: Node, today: date) -> Interests:
    """Give what this organization offers now, and its priorities of today."""
    # What begins later counts: whoever looks for needs looks ahead.
    held = node.needs.held(today.isoformat(), MAX_INTERESTS + 1)
    return Interests([_interest(each) for each in held[:MAX_INTERESTS]], len(held) > MAX_INTERESTS)


def _interest(held: Held) -> Interest:
    themes, places = set[Theme](), set[str]()
    for mark in held.marks:
        sort, _, value = mark.partition(":")
        if sort == "place":
            places.add(value)
        else:
            scheme, _, code = value.partition(":")
            themes.add((scheme, code))
    return Interest(held.kind, held.id, held.title, frozenset(themes), frozenset(() if WORLD in places else places))


class Matcher:
    """Own offers and priorities, put in order by theme once, so that many needs are compared with many of them."""

    def __init__(self, interests: Sequence[Interest]) -> None:
        self._interests = interests
        self._reach = [frozenset().union(*(_around(place) for place in each.places)) for each in interests]
        self._of: dict[Theme, set[int]] = {}  # those of just this theme
        self._within: dict[Theme, set[int]] = {}  # those of this theme, or of one within it
        for number, each in enumerate(interests):
            for theme in each.themes:
                self._of.setdefault(theme, set()).add(number)
                for wider in _wider(theme):
                    self._within.setdefault(wider, set()).add(number)

    def matching(self, need: Json) -> tuple[Interest, ...]:
        """Give which of these a need matches; a need that is closed, or only a draft, matches none."""
        if need.get("need_status") not in OPEN:
            return ()
        seen = facets("need", need, with_text=False)
        found = set[int]()
        for theme in seen.themes:
            found |= self._within.get(theme, set()).union(*(self._of.get(wider, set()) for wider in _wider(theme)))
        places = frozenset(seen.places)
        reach = frozenset().union(*(_around(place) for place in places))
        return tuple(
            self._interests[number]
            for number in sorted(found)
            if not (own := self._interests[number].places) or places & self._reach[number] or own & reach
        )


def matching(need: Json, interests: Sequence[Interest]) -> tuple[Interest, ...]:
    """Give which of these one need matches."""
    return Matcher(interests).matching(need)


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


def needs_at_hub(node: Node, interests: Sequence[Interest]) -> Matches:
    """Ask the hub for needs that match; an answer that does not come in time is trouble, never an error."""
    if not interests:
        return Matches([], "", asked=False)
    view = _ask(node, interests)
    needs = [need for item in view.items if (need := read_need(item)) is not None]
    others = [need for need in needs if need["org"] != node.settings.organization]
    matcher = Matcher(interests)
    found = [Match(need, matched) for need in others if (matched := matcher.matching(need["record"]))]
    return Matches(_with_answers(node, found), view.trouble, True, len(view.items), view.more)


def needs_in_inbox(node: Node, interests: Sequence[Interest]) -> list[Match]:
    """Give the needs that were sent to this organization and are open: unanswered first, then those that match."""
    matcher, found = Matcher(interests), []
    for each in node.letters.needs():
        record = each.record
        if record is not None and record.get("need_status") in OPEN:
            item = {"kind": "need", "org": each.org, "id": each.id, "marking": each.marking, "record": record}
            found.append(Match(item, matcher.matching(record), each.index))
    return _with_answers(node, sorted(found, key=lambda match: not match.interests))


def address_of(need: Json) -> str:
    """Give the address of a need in the hub's form."""
    return f"need/{need['org']}/{need['id']}"


def _with_answers(node: Node, found: list[Match]) -> list[Match]:
    """Say what is answered already, and give it after what is not."""
    known = node.needs.answers([address_of(each.item) for each in found])
    answered = [each._replace(answers=tuple(known.get(address_of(each.item), ()))) for each in found]
    return sorted(answered, key=lambda match: bool(match.answers))


def _ask(node: Node, interests: Sequence[Interest]) -> View:
    themes = sorted({f"{scheme}:{code}" for each in interests for scheme, code in each.themes})
    asked: dict[str, Any] = {"kind": "need", "limit": MAX_NEEDS}
    # Where there would be too many themes or places for one question, the hub gives more, and we choose here.
    if len(themes) <= MAX_ASKED:
        asked["theme"] = themes
    # A need of a region around a place matches too.
    places = sorted({around for each in interests for place in each.places for around in _around(place)})
    if all(each.places for each in interests) and len(places) <= MAX_ASKED:
        asked["place"] = places
    return ask_hub(node, asked, SECONDS)


def _wider(theme: Theme) -> Iterator[Theme]:
    """Give a theme and those that it lies within, as 2.10 within 2."""
    scheme, code = theme
    while code:
        yield scheme, code
        code = code.rpartition(".")[0]


def _around(place: str) -> tuple[str, ...]:
    return (place, *regions_of(place)) if is_country(place) else (place,)


def match_form(match: Match, organization: str) -> dict[str, Any]:
    """Give a need that matches as the API does, with the addresses of what it matches and of what answers it."""
    matched, answered = (
        [f"{each.kind}/{organization}/{each.id}" for each in of] for of in (match.interests, match.answers)
    )
    return {**match.item, "matches": matched, "answered_by": answered, "letter": match.letter}
