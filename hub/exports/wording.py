"""Text for a reader's language, and text that XML can hold."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from fastapi import Request

from schemas.codelists import UN_LANGUAGES, country, is_country, region, regions
from schemas.facets import facets
from ui.languages import translated
from ui.sentences import Sentences

FALLBACK: Final = "en"
MAX_TAGS: Final = 20
_NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SUMMARIES: Final = {
    "organization": "mandate",
    "contact": "title",
    "assessment": "state_comment",
    "finding": "recommended_action",
    "need": "description",
    "offer": "description",
    "resource": "description",
    "priority": "statement",
    "accession": "reservations_text",
}
# The kinds whose title is a text of the author; of the others it is made of codes.
_TITLED: Final = ("title", "name", "finding")


def language_of(request: Request) -> str:
    """Give the language of the address, or the one of the UN's six that the reader's program likes best.

    Records come in more languages than our own words do, so the choice is wider than that of the pages.
    """
    if getattr(request.state, "language_prefix", ""):
        return str(request.state.language)
    wanted = []
    for place, part in enumerate(request.headers.get("accept-language", "").split(",")[:MAX_TAGS]):
        tag, _, weight = part.strip().partition(";q=")
        try:
            liking = float(weight or 1)
        except ValueError:
            liking = 0.0
        wanted.append((-liking, place, tag.partition("-")[0].strip().lower()))
    return next((tag for liking, _, tag in sorted(wanted) if liking < 0 and tag in UN_LANGUAGES), FALLBACK)


@cache
def sentences_of(language: str) -> Sentences:
    """Give the sentences that files for people say, in a language; English where one is not translated."""
    return Sentences(language, translated([Path(__file__).parents[1] / "locale"], language))


def in_language(text: Mapping[str, str], language: str) -> tuple[str, str]:
    """Give tag and text in this language, or in a variety of it, in English, or in the first that there is."""
    for wanted in (language, FALLBACK):
        for tag in text:
            if tag.lower().partition("-")[0] == wanted:
                return tag, text[tag]
    return next(iter(text.items()))


def title_of(item: Mapping[str, Any], language: str) -> tuple[str, str]:
    """Give tag and text of what a record is called; one that says nothing any more is called by its address."""
    kind, record = item["kind"], item.get("record")
    if not record:
        return FALLBACK, f"{kind}/{item['org']}/{item['id']}"
    for field in _TITLED:
        if isinstance(record.get(field), dict):
            return in_language(record[field], language)
    return FALLBACK, facets(kind, record, with_text=False).title


def summary_of(item: Mapping[str, Any], language: str) -> tuple[str, str] | None:
    """Give tag and text of what a record says in a paragraph; None where it has no such text."""
    record = item.get("record") or {}
    if item["kind"] == "activity" and record.get("descriptions"):
        return in_language(record["descriptions"][0]["text"], language)
    field = _SUMMARIES.get(item["kind"])
    return in_language(record[field], language) if field in record else None


def place_name(place: Mapping[str, str], language: str) -> str:
    """Name a place in one of the UN's languages; regions are named in English."""
    return country_name(place["country"], language) if "country" in place else region_name(place["region"])


def country_name(alpha3: str, language: str) -> str:
    """Name a country by its code."""
    return country(alpha3).names[language] if is_country(alpha3) else alpha3


def region_name(m49: str) -> str:
    """Name a region by its code."""
    return region(m49).name if m49 in regions() else m49


def xml_text(text: str) -> str:
    """Give the text without the few characters that no XML document may hold, escaped or not."""
    return _NOT_XML.sub("\ufffd", text)


def permanent_id(network: str, kind: str, org: str, id_: str) -> str:
    """Give a record's permanent id: an address in the network's name, the same on every hub of it."""
    return f"https://{network}/records/{kind}/{org}/{id_}"
