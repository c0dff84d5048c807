"""Tests of hub/filters.py: what may be asked, and how a wrong question is answered."""

from typing import Any

import pytest
from pydantic import ValidationError

from hub.filters import Filters, Page, places_of, themes_of
from schemas.problems import problems_from


def problem(**asked: Any) -> tuple[str, str]:
    with pytest.raises(ValidationError) as error:
        Page.model_validate(asked)
    [found] = problems_from(error.value)
    return found.pointer, found.message


def test_an_unknown_parameter_is_an_error_that_names_the_known_ones() -> None:
    pointer, message = problem(knd=["need"])
    assert pointer == "/knd"
    assert "kind, org, place, theme, q, status, role, language, available_24x7, since, after, limit; perhaps" in message


@pytest.mark.parametrize(
    ("asked", "pointer", "said"),
    [
        ({"kind": ["nead"]}, "/kind/0", "perhaps need was meant"),
        ({"place": ["KNE"]}, "/place/0", "alpha-3"),
        ({"place": ["KEN", "kenya"]}, "/place/1", "the nearest are"),
        ({"theme": ["made_up:1"]}, "/theme/0", "theme_1373"),
        ({"theme": ["fatf:"]}, "/theme/0", "scheme:code"),
        ({"org": ["KE NCTC"]}, "/org/0", "ke-nctc"),
        ({"status": ["withdrawm"]}, "/status/0", "perhaps withdrawn was meant"),
        ({"status": ["none"]}, "/status/0", "elsewhere, open, closed, draft, submitted"),  # those of records, too
        ({"role": ["none"]}, "/role/0", "one of national_focal_point, ct_focal_point, tech"),  # in the list's order
        ({"since": "yesterday"}, "/since", "2026-11-23"),
        ({"since": "2026-11-23T10:00:00"}, "/since", "UTC"),
        ({"since": "2026-11-23T10:00:00+03:00"}, "/since", "UTC"),
        ({"since": "2026-02-30"}, "/since", "2026-11-23"),
        ({"q": "?!"}, "/q", "a letter or a digit"),
        ({"q": "x" * 201}, "/q", "200"),
        ({"limit": "0"}, "/limit", "at least 1"),
        ({"limit": "501"}, "/limit", "at most 500"),
        ({"limit": "many"}, "/limit", "whole number"),
        ({"after": "-2"}, "/after", "at least -1"),
        ({"kind": ["need"] * 101}, "/kind", "at most 100"),
    ],
)
def test_a_value_that_cannot_be_used_is_named_with_what_is_allowed(
    asked: dict[str, Any], pointer: str, said: str
) -> None:
    found, message = problem(**asked)
    assert found == pointer
    assert said in message


def test_a_day_and_a_time_are_compared_as_statements_write_them() -> None:
    assert Filters(since="2026-11-23").since == "2026-11-23T00:00:00.000Z"
    assert Filters(since="2026-11-23T10:00:00Z").since == "2026-11-23T10:00:00.000Z"
    assert Filters(since="2026-11-23T10:00:00.123456Z").since == "2026-11-23T10:00:00.123Z"


def test_a_region_means_the_countries_and_regions_within_it() -> None:
    found = places_of(["014"])
    assert {"014", "KEN", "UGA"} <= found
    assert not {"002", "NGA", "XAA"} & found
    assert {"002", "202", "014", "KEN", "NGA"} <= places_of(["002"])
    assert places_of(["KEN", "XAA"]) == {"KEN", "XAA"}


def test_a_theme_may_name_its_list() -> None:
    assert [tuple(theme) for theme in themes_of(["2.10", "fatf:R.1"])] == [(None, "2.10"), ("fatf", "R.1")]
