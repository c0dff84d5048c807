"""Reads from an address what the grid is asked for; what cannot be meant is told, and the rest is answered."""

from collections.abc import Mapping, Sequence
from typing import Final

from starlette.datastructures import QueryParams

from node.store.grid import FRESHNESS, PROGRESS, SORTS, STATES, Asked
from schemas.codelists import is_code
from schemas.records import KINDS
from schemas.release import MARKINGS
from ui.languages import gettext_noop as N_

MAX_WORDS: Final = 200
_CHOICES: Final[Mapping[str, Sequence[str]]] = {
    "kind": tuple(KINDS), "state": STATES, "marking": MARKINGS, "fresh": FRESHNESS, "progress": PROGRESS,
}  # fmt: skip
BAD: Final = N_("The address asks for something that there is not. It was left out.")


def read_asked(given: QueryParams) -> tuple[Asked, list[dict[str, str]]]:
    """Give what is asked for, and problems with the name of the field that each is about."""
    bad: list[str] = []
    facets: dict[str, tuple[str, ...]] = {}
    for name, known in _CHOICES.items():
        values = [value for value in dict.fromkeys(given.getlist(name)) if value]
        facets[name] = tuple(value for value in values if value in known)
        if len(facets[name]) < len(values):
            bad.append(name)
    sort = given.get("sort") or SORTS[0]
    if sort not in SORTS:
        bad.append("sort")
        sort = SORTS[0]
    theme, place = given.get("theme", ""), given.get("place", "")
    scheme, _, code = theme.partition(":")
    if theme and not _is_theme(scheme, code):
        bad.append("theme")
        theme = ""
    if place and not (is_code("country", place) or is_code("region", place)):
        bad.append("place")
        place = ""
    asked = Asked(
        q=given.get("q", "")[:MAX_WORDS], theme=theme, place=place, sort=sort, after=given.get("after", "")[:600],
        **facets,
    )  # fmt: skip
    return asked, [{"field": name if name in {"theme", "place"} else "", "message": BAD} for name in bad]


def _is_theme(scheme: str, code: str) -> bool:
    try:
        return is_code(scheme, code)
    except KeyError:
        return False
