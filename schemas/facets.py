"""What a record is found by: its title, places, themes, status, and all its human text."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple

Json = Mapping[str, Any]


class Facets(NamedTuple):
    """The facets of one record; places are alpha-3 or M49 codes, themes are (scheme, code), each once, in order."""

    title: str
    places: tuple[str, ...]
    themes: tuple[tuple[str, str], ...]
    status: str | None
    text: str


# The fields of text by language, per kind, the one that serves as title first.
_TEXTS: Final[Mapping[str, tuple[str, ...]]] = {
    "organization": ("name", "mandate"),
    "contact": ("name", "title"),
    "link": (),
    "assessment": ("state_comment",),
    "finding": ("finding", "method", "recommended_action"),
    "need": ("title", "description", "absorptive_notes", "prior_assistance"),
    "offer": ("title", "description", "eligibility", "cost_sharing", "how_to_apply"),
    "activity": ("title",),
    "resource": ("title", "description", "audience"),
    "priority": ("title", "statement"),
    "plan": ("title",),
    "accession": ("reservations_text",),
}
_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "organization": ("abbreviation",),
    "contact": ("unit",),
    "activity": ("activity_id",),
    "resource": ("identifier", "version"),
    "assessment": ("framework",),
    "link": ("link_type", "from_org", "to_org"),
    "accession": ("instrument", "state"),
}
# Lists of groups that hold text by language in one field.
_GROUPS: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "assessment": (
        ("ratings", "evidence"),
        ("strengths", "text"),
        ("shortfalls", "text"),
        ("priority_actions", "text"),
    ),
    "need": (("history", "note"),),
    "activity": (("descriptions", "text"), ("results", "title"), ("results", "lessons")),
    "plan": (("items", "action"),),
}
_STATUS: Final[Mapping[str, str]] = {
    "need": "need_status",
    "activity": "activity_status",
    "priority": "status",
    "accession": "action",
}


def facets(kind: str, record: Json, *, with_text: bool = True) -> Facets:
    """The facets of a valid record of this kind; gathering the text costs most, and not everybody wants it."""
    text = _text(kind, record) if with_text else ""
    return Facets(_title(kind, record), _places(kind, record), themes_of(record), _status(kind, record), text)


def in_words(text: Json) -> str:
    """A text by language in English if it has one, else in the first language it has."""
    chosen = text.get("en")
    return str(next(iter(text.values())) if chosen is None else chosen)


def organization_name(ref: str | Json) -> str:
    """How an organization is called where only its reference is known."""
    return ref if isinstance(ref, str) else f"{ref['scheme']}:{ref['id']}"


def _title(kind: str, record: Json) -> str:
    special = _TITLES.get(kind)
    return special(record) if special else in_words(record[_TEXTS[kind][0]])


_TITLES: Final[Mapping[str, Callable[[Json], str]]] = {
    "assessment": lambda r: f"{r['subject']['country']} · {r['framework']}",
    "accession": lambda r: f"{r['state']} · {r['instrument']}",
    "link": lambda r: f"{organization_name(r['from_org'])} · {r['link_type']} · {organization_name(r['to_org'])}",
}


def _places(kind: str, record: Json) -> tuple[str, ...]:
    found: list[str] = []
    for field in ("places", "eligible_places"):
        places = record.get(field)
        if places == "global":
            found.append("001")
        elif places:
            found += [place.get("country") or place["region"] for place in places]
    if kind == "need":
        found.append(record["beneficiary"].get("country") or record["beneficiary"]["region"])
    elif kind == "assessment":
        found.append(record["subject"]["country"])
    elif kind == "accession":
        found.append(record["state"])
    elif kind == "finding":
        found.append("001" if record["subject_scope"] == "global" else record["subject_scope"])
    return tuple(found) if len(found) < 2 else tuple(dict.fromkeys(found))


def themes_of(record: Json) -> tuple[tuple[str, str], ...]:
    """The themes and sectors of a record as (scheme, code), each once, in order."""
    coded = record.get("themes", ())
    sectors = record.get("sectors")
    if sectors:
        coded = [*coded, *sectors]
    found = [(theme["scheme"], theme["code"]) for theme in coded]
    return tuple(found) if len(found) < 2 else tuple(dict.fromkeys(found))


def _status(kind: str, record: Json) -> str | None:
    if kind == "offer":
        return "open" if record["open"] else "closed"
    field = _STATUS.get(kind)
    return record.get(field) if field else None


def _text(kind: str, record: Json) -> str:
    return "\n".join(_pieces(kind, record))


def _pieces(kind: str, record: Json) -> Iterator[str]:
    for field in _TEXTS[kind]:
        if field in record:
            yield from record[field].values()
    for field in _WORDS.get(kind, ()):
        if field in record:
            yield organization_name(record[field])
    for group, field in (*_GROUPS.get(kind, ()), ("documents", "title")):
        for each in record.get(group, ()):
            if field in each:
                yield from each[field].values()
    if "alternate_names" in record:
        yield from record["alternate_names"]
