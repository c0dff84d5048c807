"""Concordances lead from themes to other lists and back."""

import pytest

from schemas.codelists import codes, dac_sectors_of, fatf_criteria_of, themes_of_criterion, themes_of_sector
from schemas.codelists.lists import table
from tests.schemas.codelists.test_lists import proposed
from tests.shared_files import needs_shared


def test_a_theme_has_its_criteria_and_a_criterion_its_themes() -> None:
    assert fatf_criteria_of("1.1") == ("R.5", "R.3", "IO.9")
    assert themes_of_criterion("R.5") == ("1.1", "2.6")
    assert fatf_criteria_of("2.1") == ()


def test_a_theme_has_its_sectors_and_a_sector_its_themes() -> None:
    assert dac_sectors_of("2.10") == ("33120", "15136")
    assert themes_of_sector("15130") == ("2.6", "2.7", "2.9")


def test_both_sides_are_codes_of_their_lists() -> None:
    for row in table("concordance_theme_fatf"):
        assert row["theme"] in codes("theme_1373")
        assert row["criterion"] in codes("fatf")
    for row in table("concordance_theme_dac"):
        assert row["theme"] in codes("theme_1373")
        assert row["sector"] in codes("dac_crs")


@needs_shared
@pytest.mark.parametrize("name", ["concordance_theme_fatf", "concordance_theme_dac"])
def test_the_rows_are_as_proposed(name: str) -> None:
    assert [list(row.values()) for row in table(name)] == [row[:3] for row in proposed()[name]["rows"]]
