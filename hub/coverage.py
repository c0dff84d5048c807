"""What one record adds to the matrix: needs, low ratings, activities, offers and what joins them, as plain lines."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice, product
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from schemas.codelists import codes, score_value, themes_of_criterion
from schemas.facets import organization_name, themes_of
from schemas.need_life import OPEN

Json = Mapping[str, Any]
Themes = Iterable[tuple[str, str]]  # scheme and code
MAX_LINES: Final = 5_000  # a record that names every place and every theme must not become a table of its own
WORLD: Final = "001"
NEED, RATING, ACTIVITY, OFFER, JOINT = "need", "rating", "activity", "offer", "joint"
# Ratings at or below these values are needs; a scale without a threshold has none.
THRESHOLDS: Final[Mapping[str, int]] = {"fatf": 2, "who_jee": 2}
ANSWERS, ITSELF, WITH = "answers:", "is:", "with:"
_RUNNING: Final = frozenset({"1", "2"})
_NOTHING_MORE: Final = (None, None, None, None, None)
_JOINING: Final = frozenset({"1", "2", "4"})  # parent, child, co-funded (RelatedActivityType)
# Who pays provides; where nobody is named for it, who else stands behind the activity (OrganisationRole).
_PROVIDING: Final = ("1", "3", "2", "4")


# A line as the store takes it: a CoverRow, or the same fields without their names.
CoverLine = tuple[str, str, str, str, str | None, str | None, str | None, str | None, str | None]


class CoverRow(NamedTuple):
    """One line. `provider`: organization ids, LF between them. `joined`: `is:`, `with:` and `answers:` words."""

    role: str
    place: str
    scheme: str
    code: str
    mode: str | None
    starts: str | None
    ends: str | None
    joined: str | None
    provider: str | None


def coverage(kind: str, record: Json) -> list[CoverRow]:
    """Give the lines of a valid record; empty for kinds and states that say nothing about the matrix."""
    return list(map(CoverRow._make, cover_lines(kind, record, themes_of(record))))


def cover_lines(kind: str, record: Json, themes: Themes) -> list[CoverLine]:
    """Give the same without names, as the intake has no use for them; `themes` are the record's."""
    lines = _LINES.get(kind)
    return [] if lines is None else list(islice(lines(record, themes), MAX_LINES))


def _need(record: Json, themes: Themes) -> Iterator[CoverLine]:
    if record["need_status"] not in OPEN:
        return
    place = _place(record["beneficiary"])
    for scheme, code in themes:
        yield NEED, place, scheme, code, *_NOTHING_MORE


def _assessment(record: Json, _themes: Themes) -> Iterator[CoverLine]:
    place, framework = record["subject"]["country"], record["framework"]
    for rating in record["ratings"]:
        scheme, code = rating["criterion"]["scheme"], rating["criterion"]["code"]
        threshold = THRESHOLDS.get(scheme)
        if threshold is None:
            continue
        value = score_value(framework, scheme, code, rating["score"])
        if value is None or value > threshold:
            continue
        for criterion in _meanings(scheme, code):
            yield RATING, place, *criterion, *_NOTHING_MORE


def _meanings(scheme: str, code: str) -> Iterator[tuple[str, str]]:
    """Give a criterion, and what assistance is counted by: the technical area, or the themes of resolution 1373."""
    yield scheme, code
    area = jee_area(code) if scheme == "who_jee" else None
    if area is not None:
        yield scheme, area
    elif scheme == "fatf":
        for theme in themes_of_criterion(code):
            yield "theme_1373", theme


def jee_area(code: str) -> str | None:
    """Give the technical area of a JEE indicator, such as P.1 of P.1.1 and PoE of PoE.1; None for an area."""
    area = code.rpartition(".")[0]
    return area if area in codes("who_jee") else None


def _activity(record: Json, themes: Themes) -> Iterator[CoverLine]:
    if record["activity_status"] not in _RUNNING:
        return
    starts, ends = _dates(record["dates"])
    places = [_place(place) for place in record.get("places", ())]
    cells = product(dict.fromkeys(places), themes)
    said = (record.get("modality"), starts, ends, " ".join(_joined(record)), _providers(record["participating_orgs"]))
    # It covers the cells of the needs that it answers even where it names no place or theme itself.
    if record.get("answers_needs"):
        yield ACTIVITY, "", "", "", *said
    for place, (scheme, code) in cells:
        yield ACTIVITY, place, scheme, code, *said


def _joined(record: Json) -> Iterator[str]:
    yield ITSELF + quote(record["activity_id"], safe="")
    for related in record.get("related", ()):
        if related["type"] in _JOINING:
            yield WITH + quote(related["id"], safe="")
    for need in record.get("answers_needs", ()):
        yield ANSWERS + need


def _dates(dates: Iterable[Json]) -> tuple[str | None, str | None]:
    """Give start and end; what happened counts before what was planned (ActivityDateType)."""
    said = {each["type"]: str(each["date"]) for each in dates}
    return said.get("2") or said.get("1"), said.get("4") or said.get("3")


def _providers(participants: Iterable[Json]) -> str:
    by_role: dict[str, list[str]] = {}
    for participant in participants:
        by_role.setdefault(participant["role"], []).append(organization_name(participant["org"]))
    named = next((by_role[role] for role in _PROVIDING if role in by_role), [])
    return "\n".join(dict.fromkeys(named))


def _offer(record: Json, themes: Themes) -> Iterator[CoverLine]:
    if not record["open"]:
        return
    eligible = record["eligible_places"]
    places = [WORLD] if eligible == "global" else [_place(place) for place in eligible]
    starts, ends = record.get("available_from"), record.get("available_until")
    provider = organization_name(record["provider"])
    for place, (scheme, code), mode in product(dict.fromkeys(places), themes, record["assistance_modes"]):
        yield OFFER, place, scheme, code, mode, starts, ends, None, provider


def _link(record: Json, _themes: Themes) -> Iterator[CoverLine]:
    if record["link_type"] != "joint_programme":
        return
    ends = f"{organization_name(record['from_org'])}\n{organization_name(record['to_org'])}"
    yield JOINT, "", "", "", None, record.get("start"), record.get("end"), None, ends


def _place(place: Json) -> str:
    return str(place.get("country") or place["region"])


_LINES: Final[Mapping[str, Callable[[Json, Themes], Iterator[CoverLine]]]] = {
    "need": _need,
    "assessment": _assessment,
    "activity": _activity,
    "offer": _offer,
    "link": _link,
}
