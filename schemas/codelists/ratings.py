"""The scales on which assessments rate, and which scale a framework uses for which criterion."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from types import MappingProxyType

from schemas.codelists.lists import table


@dataclass(frozen=True, slots=True)
class RatingScale:
    """A scale: the form of its scores, and label and value of each that is a word (None: not applicable)."""

    name: str
    pattern: str
    labels: Mapping[str, str]
    values: Mapping[str, int | None]


# Reports print half scores now and then, so the numeric scales take decimals between their ends.
_PATTERNS = {
    "fatf-tc": r"^(?:C|LC|PC|NC|NA)$",
    "fatf-eff": r"^(?:HE|SE|ME|LE)$",
    "who-jee": r"^(?:[1-4](?:\.[0-9]{1,2})?|5(?:\.0{1,2})?|N/A)$",
    "who-spar": r"^(?:(?:[1-9]?[0-9])(?:\.[0-9]{1,2})?|100(?:\.0{1,2})?|N/A)$",
}
# framework → (scheme of the criterion, beginning of the criterion's code, scale)
FRAMEWORK_SCALES: Mapping[str, tuple[tuple[str, str, str], ...]] = MappingProxyType(
    {
        **{f"fatf-{n}": (("fatf", "R.", "fatf-tc"), ("fatf", "IO.", "fatf-eff")) for n in (4, 5)},
        **{f"who-jee-{n}": (("who_jee", "", "who-jee"),) for n in (1, 2, 3)},
        "who-spar-2": (("who_spar", "", "who-spar"),),
    }
)


@cache
def rating_scales() -> Mapping[str, RatingScale]:
    """The scales by name: fatf-tc, fatf-eff, who-jee, who-spar."""
    rows = table("rating_scale")
    return MappingProxyType({name: _scale(name, pattern, rows) for name, pattern in _PATTERNS.items()})


def _scale(name: str, pattern: str, rows: tuple[Mapping[str, str], ...]) -> RatingScale:
    mine = [row for row in rows if row["scale"] == name]
    return RatingScale(
        name,
        pattern,
        MappingProxyType({row["code"]: row["label"] for row in mine}),
        MappingProxyType({row["code"]: int(row["value"]) if row["value"] else None for row in mine}),
    )


@cache
def scale_for(framework: str, scheme: str, criterion: str) -> RatingScale | None:
    """The scale of a criterion in a framework; None where scores are free or the criterion is not its own."""
    for wanted, beginning, name in FRAMEWORK_SCALES.get(framework, ()):
        if scheme == wanted and criterion.startswith(beginning):
            return rating_scales()[name]
    return None


@cache
def score_value(framework: str, scheme: str, criterion: str, score: str) -> Decimal | None:
    """A score as a number (FATF 1 to 4, JEE 1 to 5, SPAR 0 to 100); None where it has none, as `N/A`."""
    scale = scale_for(framework, scheme, criterion)
    if scale is None or re.fullmatch(scale.pattern, score) is None:
        return None
    if score in scale.values:
        value = scale.values[score]
        return None if value is None else Decimal(value)
    return Decimal(score) if score[0].isdigit() else None
