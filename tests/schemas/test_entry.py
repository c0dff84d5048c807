"""Entries as people write them become records fit for the canonical form, or a list of problems."""

from datetime import date
from typing import Any

import pytest

from schemas.body import make_body, validate_body
from schemas.entry import InvalidEntry, parse_entry, to_entry
from tests.schemas.examples import EXAMPLES


def pointers(entry: Any) -> list[str]:
    with pytest.raises(InvalidEntry) as caught:
        parse_entry(entry)
    return [problem.pointer for problem in caught.value.problems]


@pytest.mark.parametrize("kind", EXAMPLES)
def test_an_entry_is_taken_apart_and_put_together_again(kind: str) -> None:
    entry = parse_entry(EXAMPLES[kind])
    assert to_entry(entry.kind, str(entry.id), entry.marking, entry.record) == EXAMPLES[kind]
    assert validate_body(kind, "published", make_body(entry.record, "A" * 22)) == []


def test_an_id_may_be_left_to_the_node() -> None:
    assert parse_entry({k: v for k, v in EXAMPLES["plan"].items() if k != "id"}).id is None


def test_what_is_empty_is_dropped_and_texts_are_trimmed() -> None:
    messy = EXAMPLES["plan"] | {
        "title": {"en": "  Plan\r\nof action ", "fr": " ", "ar": None},
        "adopted_on": None,
        "themes": [],
        "documents": [{}, None],
        "source": {"name": ""},
    }
    record = parse_entry(messy).record
    assert record["title"] == {"en": "Plan\nof action"}
    assert {"adopted_on", "themes", "documents", "source"} & set(record) == set()


def test_a_required_list_may_be_empty_and_stays() -> None:
    assert parse_entry(EXAMPLES["assessment"] | {"ratings": []}).record["ratings"] == []
    assert parse_entry(EXAMPLES["need"] | {"assistance_modes": []}).record["assistance_modes"] == []


def test_normalising_twice_changes_nothing() -> None:
    once = parse_entry(EXAMPLES["need"] | {"title": {"en": " a\r"}})
    assert parse_entry(to_entry(once.kind, str(once.id), once.marking, once.record)) == once


def test_all_problems_are_told_at_once() -> None:
    wrong = EXAMPLES["need"] | {"id": "N 1", "marking": "CLEAR", "origin": "donr", "title": 5}
    assert set(pointers(wrong)) == {"/id", "/marking", "/origin", "/title"}


@pytest.mark.parametrize("entry", [{}, {"kind": "ned"}, {"kind": None}, {"kind": ["need"]}])
def test_an_entry_names_its_kind(entry: dict[str, Any]) -> None:
    assert pointers(entry) == ["/kind"]


def test_a_kind_that_is_nearly_right_is_guessed() -> None:
    with pytest.raises(InvalidEntry, match="perhaps need was meant"):
        parse_entry({"kind": "neeed"})


def test_a_marking_must_be_given_except_for_a_finding() -> None:
    finding = {k: v for k, v in EXAMPLES["finding"].items() if k != "marking"}
    assert parse_entry({**finding, "recipients": ["fr-office"]}).marking == "TLP:AMBER"
    assert pointers({k: v for k, v in EXAMPLES["need"].items() if k != "marking"}) == ["/marking"]


@pytest.mark.parametrize("value", [1.5, float("nan"), 2**53, 2**70, {1, 2}, b"x", "\ud800", {1: "x"}])
def test_what_json_or_the_profile_cannot_hold_is_a_problem(value: Any) -> None:
    assert pointers(EXAMPLES["plan"] | {"adopted_on": value}) in (["/adopted_on"], [""])


def test_a_date_of_a_spreadsheet_becomes_text() -> None:
    assert parse_entry(EXAMPLES["plan"] | {"adopted_on": date(2026, 1, 2)}).record["adopted_on"] == "2026-01-02"


@pytest.mark.parametrize("entry", [None, [], "need", 5])
def test_anything_else_is_no_entry(entry: Any) -> None:
    assert pointers(entry) == [""]


@pytest.mark.parametrize("marking", ["TLP:AMBER", "TLP:AMBER+STRICT"])
def test_recipients_are_named_beside_a_record_for_named_readers_and_come_back_sorted(marking: str) -> None:
    given = {**EXAMPLES["need"], "marking": marking, "recipients": ["ke-nctc", "fr-office"]}
    entry = parse_entry(given)
    assert entry.recipients == ("fr-office", "ke-nctc")
    assert "recipients" not in entry.record
    again = to_entry(entry.kind, str(entry.id), entry.marking, entry.record, entry.recipients)
    assert parse_entry(again) == entry


@pytest.mark.parametrize(
    ("recipients", "pointer"),
    [
        (None, "/recipients"), ([], "/recipients"), ("fr-office", "/recipients"), ({"fr-office": 1}, "/recipients"),
        ([1], "/recipients/0"), (["fr-office", "FR"], "/recipients/1"), (["fr-office", "fr-office"], "/recipients/1"),
        ([f"org-{number}" for number in range(100)], "/recipients"), ([["fr-office"]], "/recipients/0"),
    ],
)  # fmt: skip
def test_a_list_of_readers_that_cannot_be_used_is_pointed_at(recipients: Any, pointer: str) -> None:
    assert pointers({**EXAMPLES["need"], "marking": "TLP:AMBER", "recipients": recipients}) == [pointer]


@pytest.mark.parametrize("marking", ["TLP:CLEAR", "TLP:GREEN", "TLP:RED"])
def test_recipients_beside_a_marking_that_says_who_may_read_are_a_mistake(marking: str) -> None:
    assert pointers({**EXAMPLES["need"], "marking": marking, "recipients": ["fr-office"]}) == ["/recipients"]
    assert pointers({**EXAMPLES["need"], "marking": ["TLP:AMBER"], "recipients": ["fr-office"]})[0] == "/marking"
