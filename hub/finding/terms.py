"""The terms of a record beside its words: kind, organization, places, themes, status, whatever filters ask for."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any, Final

from hub.filters import RECORD_STATUSES, Filters, around, themes_of
from schemas.codelists import is_country, regions, regions_of
from schemas.facets import Facets
from schemas.words import asked_words

# No word of a text has this character in it, so no query can reach a term and no text can pass for one.
MARK: Final = "\ue000"
KIND, ORG, PLACE, THEME, STATUS, ROLE, LANGUAGE, ROUND_THE_CLOCK, MARKING, ENDED, TIME = "koptsrlhcxy"
WORLD: Final = "001"
# Terms of these sorts are counted for facets; `theme` only with its scheme.
COUNTED: Final = (KIND, ORG, PLACE, THEME, STATUS, ROLE, LANGUAGE, ROUND_THE_CLOCK)
LAST_YEAR: Final = 2100  # and all after it
# Statuses of records that are not shown otherwise; no term says them.
SHOWN_OTHERWISE: Final = frozenset({"disputed", "erased", "elsewhere"})
_PLAIN: Final = re.compile(r"[^A-Za-z0-9.:_/+-]")
# In an index that has no lists of beginnings of its own, each is a term: of one, two and three letters.
BEGINS: Final = "\ue001"
BEGINNINGS: Final = 3
Group = list[tuple[str, bool]]  # any one of these; True where a word may go on


@lru_cache(maxsize=20_000)
def term(sort: str, value: str) -> str:
    """Write a term: one token to both databases."""
    return f"{MARK}{sort}:{_PLAIN.sub('_', value)}"


def beginnings(words: Iterable[str]) -> list[str]:
    """Give the terms of how words begin, each once."""
    found = {word[:length] for word in words for length in range(1, min(BEGINNINGS, len(word)) + 1)}
    return [f"{BEGINS}{each}" for each in sorted(found)]


def sort_and_value(written: str) -> tuple[str, str]:
    """Take a term apart."""
    return written[1], written[3:]


def is_counted(written: str) -> bool:
    """Whether facets count it."""
    sort, value = sort_and_value(written)
    return sort in COUNTED and not (sort == THEME and value.startswith(":"))


def terms_of(
    kind: str, org: str, marking: str, published: str, record: Mapping[str, Any] | None, facets: Facets | None,
    *, withdrawn: bool,
) -> list[str]:  # fmt: skip
    """Give the terms of a record as it is now, each once. `record` is its body, if the hub can read it."""
    found = [term(KIND, kind), term(ORG, org), term(MARKING, marking)]
    if withdrawn:
        found.append(term(ENDED, "withdrawn"))
    found += [term(TIME, part) for part in (published[:10], published[:7], _year(published))]
    if facets is not None:
        places = [each for place in facets.places for each in _around(place)]
        found += [term(PLACE, place) for place in places]
        for scheme, code in facets.themes:
            found += [term(THEME, f"{scheme}:{code}"), term(THEME, f":{code}")]
        if facets.status:
            found.append(term(STATUS, facets.status))
    if record is not None:
        found += reached_by(record)
    return list(dict.fromkeys(found))


def reached_by(record: Mapping[str, Any]) -> list[str]:
    """Give the terms of how somebody is reached: roles, languages, day and night."""
    found = [term(ROLE, role) for role in record.get("roles", ())]
    found += [term(LANGUAGE, language) for language in _languages(record)]
    return [*found, term(ROUND_THE_CLOCK, "yes")] if record.get("available_24x7") else found


def asked_reach(asked: Filters) -> list[list[str]]:
    """Give the groups of these terms that are asked for: one of each is to be there."""
    groups = (
        [term(ROLE, role) for role in asked.role],
        [term(LANGUAGE, language) for language in asked.language],
        [term(ROUND_THE_CLOCK, "yes")] if asked.available_24x7 else [],
    )
    return [group for group in groups if group]


def asked_groups(asked: Filters, markings: Sequence[str] = ()) -> list[Group]:
    """Turn filters into groups: a record has one term or word of every group. A superset where `since` names a time.

    Markings need not be among them, as they are looked at anyway; where most records are not to be seen, it is quicker.
    """
    groups = [
        [term(MARKING, marking) for marking in markings],
        [term(KIND, kind) for kind in asked.kind],
        [term(ORG, org) for org in asked.org],
        [term(PLACE, place) for place in asked.place],
        [term(THEME, f"{theme.scheme or ''}:{theme.code}") for theme in themes_of(asked.theme)],
        _statuses(asked.status),
        _times(asked.since) if asked.since else [],
        *asked_reach(asked),
    ]
    found: list[Group] = [[(each, False) for each in dict.fromkeys(group)] for group in groups if group]
    return found + (asked_words(asked.q) if asked.q else [])


def _statuses(words: Sequence[str]) -> list[str]:
    if "current" in words or SHOWN_OTHERWISE.intersection(words):
        return []  # the index does not tell these apart, the view does
    own = [term(STATUS, word) for word in words if word not in RECORD_STATUSES]
    return [*own, term(ENDED, "withdrawn")] if "withdrawn" in words else own


def _times(since: str) -> list[str]:
    """Give days, months and years that together reach from a day on, about 120 of them at most."""
    year, month, day = int(since[:4]), int(since[5:7]), int(since[8:10])
    days = [f"{since[:8]}{each:02d}" for each in range(day, 32)]
    months = [f"{since[:5]}{each:02d}" for each in range(month + 1, 13)]
    years = range(min(year + 1, LAST_YEAR), LAST_YEAR + 1)
    return [term(TIME, part) for part in (*days, *months, *map(str, years))]


def _year(published: str) -> str:
    return str(min(int(published[:4]), LAST_YEAR))


@cache
def _around(place: str) -> tuple[str, ...]:
    """Give a place and all regions in which it lies; the world at last."""
    inner = regions_of(place) if is_country(place) else around(place) if place in regions() else ()
    return (place, *inner, WORLD)


def _languages(record: Mapping[str, Any]) -> Iterator[str]:
    for each in record.get("languages", ()):
        yield each if isinstance(each, str) else each["language"]
