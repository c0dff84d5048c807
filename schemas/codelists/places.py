"""Countries, territories and regions: their codes, and the UN's names for them in its six languages."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from schemas.codelists.lists import table

UN_LANGUAGES = ("ar", "zh", "en", "fr", "ru", "es")
_USER_ASSIGNED = re.compile(r"X[A-Z]{2}")  # XAA to XZZ: ISO 3166-1 leaves them to users, so exercises use them


@dataclass(frozen=True, slots=True)
class Country:
    """A country or territory.

    `regions` are M49 codes from the widest to the narrowest; `state` says that the UN lists it as a State.
    """

    alpha3: str
    alpha2: str
    m49: str
    names: Mapping[str, str]
    regions: tuple[str, ...]
    state: bool


@dataclass(frozen=True, slots=True)
class Region:
    """A region of UN M49, with the code of the region around it (None for the world)."""

    m49: str
    name: str
    parent: str | None


@cache
def countries() -> Mapping[str, Country]:
    """All countries and territories of ISO 3166-1 by alpha-3 code."""
    return MappingProxyType(
        {
            row["code"]: Country(
                row["code"],
                row["alpha2"],
                row["m49"],
                MappingProxyType({language: row[language] for language in UN_LANGUAGES}),
                tuple(row["regions"].split()),
                row["state"] == "1",
            )
            for row in table("country")
        }
    )


def country(alpha3: str) -> Country:
    """The country of that code; a user-assigned one (XAA to XZZ) is named by its code. `KeyError` for any other."""
    found = countries().get(alpha3)
    if found is not None:
        return found
    if _USER_ASSIGNED.fullmatch(alpha3):
        return Country(alpha3, "", "", MappingProxyType(dict.fromkeys(UN_LANGUAGES, alpha3)), (), state=False)
    raise KeyError(alpha3)


def is_country(alpha3: str) -> bool:
    """Whether this is a valid alpha-3 code, user-assigned ones included."""
    return alpha3 in countries() or _USER_ASSIGNED.fullmatch(alpha3) is not None


def country_from(text: str) -> str | None:
    """The alpha-3 code of a country given by any of its codes or names; None where none or more than one fits."""
    stripped = text.strip()
    if _USER_ASSIGNED.fullmatch(stripped):
        return stripped
    return _index().get(_folded(stripped))


@cache
def regions() -> Mapping[str, Region]:
    """All regions of UN M49 by code."""
    return MappingProxyType({r["code"]: Region(r["code"], r["label"], r["parent"] or None) for r in table("region")})


def region(m49: str) -> Region:
    """The region of that code, three digits; `KeyError` where there is none."""
    return regions()[m49]


def regions_of(alpha3: str) -> tuple[str, ...]:
    """The regions a country lies in, from the world down to the narrowest."""
    return country(alpha3).regions


def _folded(text: str) -> str:
    """A name without case, accents, punctuation, and the small words in which sources differ."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace("&", " and "))
    letters = "".join(
        c if c.isalnum() else "" if unicodedata.category(c) == "Mn" or c in "'’ʼ." else " " for c in plain
    )
    words = ["saint" if word == "st" else word for word in letters.split()]
    return " ".join(words[1:] if len(words) > 1 and words[0] == "the" else words)


@cache
def _index() -> Mapping[str, str]:
    index: dict[str, str] = {}
    for each in countries().values():
        for name in each.names.values():
            if index.setdefault(_folded(name), each.alpha3) != each.alpha3:
                raise ValueError(f"{name!r} names both {index[_folded(name)]} and {each.alpha3}")
        for code in (each.alpha3, each.alpha2, each.m49, each.m49.lstrip("0")):
            index[_folded(code)] = each.alpha3
    for row in table("country_alias"):
        index.setdefault(_folded(row["alias"]), row["code"])
    return MappingProxyType(index)
