"""Tests of hub/exports/columns.py: every field of every kind has a place in a table."""

from typing import Any

import pytest

from hub.exports.columns import ENVELOPE, cell, columns_of
from schemas.fields import KIND_NAMES
from tests.hub.published import example


def item(kind: str, **changes: Any) -> dict[str, Any]:
    return {"kind": kind, "org": "xa-centre", "id": "r1", "record": example(kind, **changes), "status": "current"}


def texts(value: Any) -> list[str]:
    """All that a record says, as text."""
    if isinstance(value, dict):
        return [text for each in value.values() for text in texts(each)]
    if isinstance(value, list):
        return [text for each in value for text in texts(each)]
    return [str(value)]


@pytest.mark.parametrize("kind", KIND_NAMES)
def test_nothing_that_a_record_says_is_lost_in_a_table(kind: str) -> None:
    record = item(kind)
    cells = " ".join(str(cell(column, record)) for column in columns_of(kind)).casefold()
    assert [text for text in texts(record["record"]) if text.casefold() not in cells] == []


@pytest.mark.parametrize("kind", [None, *KIND_NAMES])
def test_no_two_columns_have_one_heading_and_no_field_hides_what_is_said_about_the_record(kind: str | None) -> None:
    headings = [column.heading for column in columns_of(kind)]
    assert len(headings) == len(set(headings))
    assert headings[: len(ENVELOPE)] == [column.heading for column in ENVELOPE]


def test_values_of_one_entry_stand_at_the_same_place_in_all_columns_of_a_list() -> None:
    columns = {column.heading: column for column in columns_of("activity")}
    record = item("activity")
    found = {name: cell(columns[f"participating_orgs.{name}"], record) for name in ("org", "role", "type")}
    assert found == {"org": "un-office; XI-IATI:DONOR", "role": "4; 1", "type": "40; "}


def test_an_offer_to_the_whole_world_says_so_and_one_to_some_places_names_them() -> None:
    columns = {column.heading: column for column in columns_of("offer")}
    word, country = columns["eligible_places"], columns["eligible_places.country"]
    world, some = item("offer", eligible_places="global"), item("offer")
    assert (cell(word, world), cell(country, world)) == ("global", None)
    assert (cell(word, some), cell(country, some)) == (None, "; XAA")


def test_what_is_erased_has_its_address_only() -> None:
    erased = {"kind": "need", "org": "xa-centre", "id": "r1", "status": "erased"}
    found = {column.heading: cell(column, erased) for column in columns_of("need")}
    assert {name: value for name, value in found.items() if value is not None} == {
        "kind": "need", "org": "xa-centre", "id": "r1", "record_status": "erased",
    }  # fmt: skip
