"""Codes, kinds and places in words: in the page's language where it is known, else in English and marked as such.

What codes there are is told by whoever builds the pages (`Vocabulary`), since ui knows no record.
"""

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Protocol

from markupsafe import Markup

from ui.formats import Formats
from ui.languages import DEFAULT
from ui.languages import gettext_noop as N_

KINDS: Final = {
    "organization": (N_("Organization"), N_("Organizations")),
    "contact": (N_("Contact point"), N_("Contact points")),
    "link": (N_("Link"), N_("Links")),
    "assessment": (N_("Assessment"), N_("Assessments")),
    "finding": (N_("Finding"), N_("Findings")),
    "need": (N_("Need"), N_("Needs")),
    "offer": (N_("Offer"), N_("Offers")),
    "activity": (N_("Activity"), N_("Activities")),
    "resource": (N_("Resource"), N_("Resources")),
    "priority": (N_("Priority"), N_("Priorities")),
    "plan": (N_("Plan"), N_("Plans")),
    "accession": (N_("Accession"), N_("Accessions")),
}


class Place(Protocol):
    """A country: its names by language."""

    @property
    def names(self) -> Mapping[str, str]:
        """Give them."""
        ...


class Area(Protocol):
    """A region: its English name."""

    @property
    def name(self) -> str:
        """Give it."""
        ...


@dataclass(frozen=True)
class Vocabulary:
    """Where the words are: the code lists' own functions, and `fold`, by which names are sorted."""

    codes: Callable[[str], Container[str]]
    label: Callable[[str, str], str]
    countries: Callable[[], Mapping[str, Any]]
    country: Callable[[str], Place]
    is_country: Callable[[str], bool]
    regions: Callable[[], Mapping[str, Area]]
    field_name: Callable[[str], str]
    fold: Callable[[str], str]


class Labels:
    """The words of one language."""

    def __init__(self, vocabulary: Vocabulary, language: str, gettext: Callable[[str], str]) -> None:
        self._known = vocabulary
        self._language = language
        self._gettext = gettext
        self._text = Formats(language).text

    def label(self, scheme: str, code: str) -> Markup:
        """Give the label of a code; the code itself, left to right, where it has none."""
        if code not in self._known.codes(scheme):
            return Formats(self._language).ltr(code)
        return self._translated(self._known.label(scheme, code))

    def coded(self, value: Mapping[str, str]) -> Markup:
        """Give the label of `{scheme, code}`."""
        return self.label(value["scheme"], value["code"])

    def field(self, name: str) -> str:
        """Give the name of a record's field."""
        return self._gettext(self._known.field_name(name))

    def kind(self, kind: str, *, many: bool = False) -> str:
        """Give the name of a kind of record."""
        return self._gettext(KINDS[kind][many]) if kind in KINDS else kind

    def place(self, code: str) -> Markup:
        """Give the UN's name of a country (alpha-3) or region (M49)."""
        if code in self._known.regions():
            return self._translated(self._known.regions()[code].name)
        if not self._known.is_country(code):
            return Formats(self._language).ltr(code)
        names = self._known.country(code).names
        if names[DEFAULT] == code:
            return Formats(self._language).ltr(code)  # user-assigned: it has no name
        return Markup('<span lang="{}">{}</span>').format(self._language, names.get(self._language, names[DEFAULT]))

    def place_text(self, code: str) -> str:
        """Give the name of a place without marks, for titles and choices."""
        if code in self._known.regions():
            return self._gettext(self._known.regions()[code].name)
        return self._known.country(code).names.get(self._language, code) if self._known.is_country(code) else code

    def label_text(self, scheme: str, code: str) -> str:
        """Give the label of a code without marks, for titles and choices."""
        return self._gettext(self._known.label(scheme, code)) if code in self._known.codes(scheme) else code

    def words(self, english: str) -> Markup:
        """Give a text of the vocabulary in the page's language, or in English and marked as such."""
        return self._translated(english)

    def countries(self) -> list[tuple[str, str]]:
        """Give code and name of every country and territory, by name as a reader of the language looks for it."""
        return self._sorted(self._known.countries())

    def regions(self) -> list[tuple[str, str]]:
        """Give code and name of every region, by name."""
        return self._sorted(self._known.regions())

    def _sorted(self, codes: Iterable[str]) -> list[tuple[str, str]]:
        return sorted(
            ((code, self.place_text(code)) for code in codes), key=lambda pair: (self._known.fold(pair[1]), pair[0])
        )

    def _translated(self, english: str) -> Markup:
        words = self._gettext(english)
        if words == english and self._language != DEFAULT:
            return Markup('<span class="li-untranslated" lang="en" dir="ltr">{}</span>').format(english)
        return Markup("{}").format(words)


def words(vocabulary: Vocabulary, language: str, gettext: Callable[[str], str]) -> Mapping[str, Any]:
    """Give templates the words of a language."""
    found = Labels(vocabulary, language, gettext)
    return {
        "label": found.label, "coded": found.coded, "kind_name": found.kind, "place_name": found.place,
        "place_text": found.place_text, "label_text": found.label_text,
        "field_name": found.field, "country_choices": cache(found.countries), "region_choices": cache(found.regions),
    }  # fmt: skip
