"""Which codes of other lists fall into the same cell as a theme of resolution 1373."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from schemas.codelists.lists import table


def fatf_criteria_of(theme: str) -> tuple[str, ...]:
    """The FATF criteria that match a theme of resolution 1373."""
    return _pairs("concordance_theme_fatf", "theme", "criterion").get(theme, ())


def themes_of_criterion(criterion: str) -> tuple[str, ...]:
    """The themes of resolution 1373 that match a FATF criterion."""
    return _pairs("concordance_theme_fatf", "criterion", "theme").get(criterion, ())


def dac_sectors_of(theme: str) -> tuple[str, ...]:
    """The DAC purpose codes that match a theme of resolution 1373."""
    return _pairs("concordance_theme_dac", "theme", "sector").get(theme, ())


def themes_of_sector(sector: str) -> tuple[str, ...]:
    """The themes of resolution 1373 that match a DAC purpose code."""
    return _pairs("concordance_theme_dac", "sector", "theme").get(sector, ())


@cache
def _pairs(name: str, left: str, right: str) -> Mapping[str, tuple[str, ...]]:
    pairs: dict[str, tuple[str, ...]] = {}
    for row in table(name):
        pairs[row[left]] = (*pairs.get(row[left], ()), row[right])
    return MappingProxyType(pairs)
