"""Countries are named as the UN names them, in its six languages, and found by any code or name."""

import csv
import re

import pytest

from schemas.codelists import (
    UN_LANGUAGES,
    countries,
    country,
    country_from,
    is_country,
    region,
    regions,
    regions_of,
)
from tests.shared_files import SHARED, needs_shared

COLUMNS = dict(zip(UN_LANGUAGES, ("Arabic", "Chinese", "English", "French", "Russian", "Spanish"), strict=True))
ARTICLES = re.compile(r" \((?:the|le|la|les|l'|el|los|las)\)")


def source() -> list[dict[str, str]]:
    with (SHARED / "data" / "codelists" / "country-codes.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@needs_shared
def test_codes_are_those_of_iso_and_the_un() -> None:
    found = {(c.alpha3, c.alpha2, c.m49) for c in countries().values()}
    iso = ("ISO3166-1-Alpha-3", "ISO3166-1-Alpha-2")
    assert found == {(row[iso[0]], row[iso[1]], row["M49"].zfill(3)) for row in source()}


@needs_shared
def test_names_are_the_uns_in_all_six_languages() -> None:
    for row in source():
        names = country(row["ISO3166-1-Alpha-3"]).names
        for language, column in COLUMNS.items():
            name = ARTICLES.sub("", row[f"UNTERM {column} Short"].replace("*", "")).strip()
            assert names[language] == (name or names[language])


def test_there_are_197_states_and_every_name_is_there() -> None:
    assert sum(each.state for each in countries().values()) == 197
    for each in countries().values():
        assert tuple(each.names) == UN_LANGUAGES
        assert all(each.names.values()), each


def test_the_two_states_the_source_leaves_out_are_named_as_the_un_names_them() -> None:
    assert (country("TUR").names["en"], country("TUR").names["fr"]) == ("Türkiye", "Türkiye")
    assert country("CIV").names["en"] == "Côte d'Ivoire"


@needs_shared
def test_regions_are_those_of_m49_from_the_widest_to_the_narrowest() -> None:
    for row in source():
        columns = ("Global Code", "Region Code", "Sub-region Code", "Intermediate Region Code")
        expected = tuple(row[column].zfill(3) for column in columns if row[column])
        assert regions_of(row["ISO3166-1-Alpha-3"]) == expected


def test_every_region_lies_in_the_world() -> None:
    for each in regions().values():
        around, steps = each, 0
        while around.parent is not None and steps < 5:
            around, steps = region(around.parent), steps + 1
        assert around.m49 == "001"
    assert region("014").name == "Eastern Africa"


@pytest.mark.parametrize("code", ["XAA", "XKX", "XZZ"])
def test_user_assigned_codes_are_countries_named_by_their_code(code: str) -> None:
    assert is_country(code)
    assert country_from(code) == code
    assert set(country(code).names.values()) == {code}
    assert regions_of(code) == ()


@pytest.mark.parametrize("code", ["??", "", "XX", "YAA", "ken", "X1A", "XAAA", "KEN\n"])
def test_other_codes_are_not_countries(code: str) -> None:
    assert not is_country(code)
    with pytest.raises(KeyError):
        country(code)


def test_every_country_is_found_by_each_of_its_codes_and_names() -> None:
    for each in countries().values():
        for text in (each.alpha3, each.alpha2, each.m49, str(int(each.m49)), *each.names.values()):
            assert country_from(text) == each.alpha3, text
            assert country_from(f" {text.upper()} ") == each.alpha3, text


@pytest.mark.parametrize(
    ("text", "alpha3"),
    [
        ("turkey", "TUR"),
        ("Czech Republic", "CZE"),
        ("Swaziland", "SWZ"),
        ("The former Yugoslav Republic of Macedonia", "MKD"),
        ("St. Kitts and Nevis", "KNA"),
        ("St. Vincent & the Grenadines", "VCT"),
        ("Cote d’Ivoire", "CIV"),
        ("Congo, Democratic Republic of the", "COD"),
        ("Congo", "COG"),
        ("Viet Nam", "VNM"),
        ("Tanzania", "TZA"),
        ("UK", "GBR"),
        ("U.S.A.", "USA"),
        ("  united   STATES ", "USA"),
        ("the Gambia", "GMB"),
        ("Sao Tome and Principe", "STP"),
    ],
)
def test_common_names_and_spellings_are_understood(text: str, alpha3: str) -> None:
    assert country_from(text) == alpha3


@pytest.mark.parametrize(
    "text", ["", "??", "European Union", "General Global Benefit", "who", "Zanzibar", "Africa", "--"]
)
def test_what_is_no_country_is_none(text: str) -> None:
    assert country_from(text) is None


@needs_shared
def test_every_participant_of_the_convention_but_the_european_union_is_found() -> None:
    with (SHARED / "data" / "accession" / "untc_18-11.csv").open(encoding="utf-8-sig", newline="") as file:
        names = [row["Participant"] for row in csv.DictReader(file)]
    assert [name for name in names if country_from(name) is None] in ([], ["European Union"])
