"""The 19 international instruments against terrorism, with their depositaries and UN treaty numbers."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from schemas.codelists.lists import table


@dataclass(frozen=True, slots=True)
class Instrument:
    """One instrument; `in_2003` marks the twelve of 2003, `untc` is its number in the UN Treaty Collection."""

    code: str
    title: str
    year: int
    depositary: str
    in_2003: bool
    untc: str | None


@cache
def instruments() -> Mapping[str, Instrument]:
    """All instruments by code, oldest first."""
    return MappingProxyType(
        {
            row["code"]: Instrument(
                row["code"],
                row["label"],
                int(row["year"]),
                row["depositary"],
                row["in_2003"] == "1",
                row["untc"] or None,
            )
            for row in table("ct_instrument")
        }
    )
