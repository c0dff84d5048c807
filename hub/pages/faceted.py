"""What pages of lists share: short pages, facets with their counts as choices, the same list in other formats."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

from pydantic import Field

from hub.filters import MAX_LIMIT, Filters, Page
from hub.finding.facet_counts import Facets
from schemas.codelists import is_country

SHOWN: Final = 10  # choices of a facet; the rest is behind "all"
MOST: Final = 300
ON_A_PAGE: Final = 25


class ListAsked(Page):
    """Filters of a list, with pages short enough to be read."""

    limit: int = Field(ON_A_PAGE, ge=1, le=MAX_LIMIT, description="Items on a page.")


class Choice(NamedTuple):
    """A value of a facet; `times` is None where it was not counted."""

    value: str
    times: int | None


class Choices(NamedTuple):
    """The choices of one facet, the most frequent and the chosen ones first."""

    first: list[Choice]
    rest: list[Choice]


def choices(found: Facets, sort: str, chosen: Sequence[str], *, kept: Iterable[str] | None = None) -> Choices:
    """Give the choices of a facet; `kept` are the values that may be chosen, None for all."""
    counts: Mapping[str, int] = found.counts.get(sort, {})
    values = counts.keys() if kept is None else counts.keys() & set(kept)
    ordered = sorted(values, key=lambda value: (-counts[value], value))[:MOST]
    ordered += [value for value in chosen if value not in ordered]
    listed = [Choice(value, counts.get(value, 0) if found.exact else None) for value in ordered]
    first = [each for place, each in enumerate(listed) if place < SHOWN or each.value in chosen]
    return Choices(first, [each for each in listed if each not in first])


def countries_in(found: Facets, sort: str) -> list[str]:
    """Give the values that are States, without the regions around them."""
    return [value for value in found.counts.get(sort, {}) if is_country(value)]


def exported(asked: Filters, *formats: str) -> list[tuple[str, str]]:
    """Give name and address of the same list in other formats, with the same filters and of any length."""
    pairs: list[tuple[str, Any]] = []
    for name in Filters.model_fields:
        value = getattr(asked, name)
        given = value if isinstance(value, list) else [value]
        pairs += [(name, "true" if each is True else each) for each in given if each not in {None, False}]
    query = urlencode(pairs)
    return [(each, f"/api/v1/records.{each}?{query}") for each in formats]
