"""Rows become records; a bad row is reported at its row and column, and blocks nothing else."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from node.importing.build import Candidate, build
from node.importing.rows import BadRow, LeftOut
from tests.node.importing.making import ACCESSION, SCORES, built, make_id, mapping, rows, score, state


def test_a_row_becomes_a_record_with_constants_codes_and_dates() -> None:
    (record,), bad = built(rows(state("Kenya", "r")), mapping(ACCESSION))
    assert bad == []
    assert record == Candidate(
        "accession",
        make_id("Kenya"),
        "TLP:CLEAR",
        {
            "instrument": "FINANCING1999",
            "as_of": "2026-01-31",
            "source": {"name": "Exercise"},
            "state": "KEN",
            "action": "ratification",
            "action_date": "2003-09-24",
        },
        (2,),
        "Kenya",
    )


def test_every_bad_column_of_a_row_is_reported_and_the_other_rows_become_records() -> None:
    good, bad = built(rows(state("KEN"), state("Atlantis", "x", "soon"), state("NOR")), mapping(ACCESSION))
    assert [each.key for each in good] == ["KEN", "NOR"]
    assert [(each.row, each.column, each.found) for each in bad] == [
        (3, "State", "Atlantis"),
        (3, "Act", "x"),
        (3, "Day", "soon"),
    ]
    assert {each.id for each in bad} == {make_id("Atlantis")}


def test_what_the_schema_refuses_is_traced_back_to_its_column() -> None:
    by = mapping(ACCESSION, fields={**ACCESSION["fields"], "action": "Act"})
    good, (bad,) = built(rows(state("KEN", "handshake")), by)
    assert good == []
    assert (bad.row, bad.column) == (2, "Act")
    assert "ratification" in bad.reason


def test_a_required_field_that_no_row_fills_is_reported_with_its_name() -> None:
    by = mapping(ACCESSION, constants={"instrument": "FINANCING1999", "source.name": "Exercise"})
    good, (bad,) = built(rows(state("KEN")), by)
    assert good == []
    assert (bad.row, bad.column) == (2, "")
    assert bad.reason.startswith("as_of: ")


def test_a_marking_that_the_record_forbids_is_reported() -> None:
    good, (bad,) = built(
        rows(score("KEN", "P.1.1", "1")), mapping(SCORES, constants={**SCORES["constants"], "consent": "none"})
    )
    assert good == []
    assert "TLP:AMBER+STRICT" in bad.reason


def test_a_row_without_its_key_is_bad_and_bears_no_id() -> None:
    _, (bad,) = built(rows(state(" ")), mapping(ACCESSION))
    assert (bad.column, bad.id) == ("State", None)


def test_a_repeated_row_is_left_out_and_a_contradicting_one_is_bad_and_names_the_first() -> None:
    outcomes = list(build(rows(state("KEN"), state("KEN"), state("KEN", "r")), mapping(ACCESSION), make_id))
    first, same, other = outcomes
    assert isinstance(first, Candidate)
    assert same == LeftOut(3, "says the same as row 2")
    assert isinstance(other, BadRow)
    assert (other.row, other.reason) == (4, "has the key of row 2, but says something else; row 2 counts")


def test_control_characters_in_a_cell_are_refused_at_its_row() -> None:
    by = mapping(ACCESSION, fields={**ACCESSION["fields"], "reservations_text.en": "Text"})
    good, (bad,) = built(rows({**state("KEN"), "Text": "a\x00b"}, state("NOR")), by)
    assert [each.key for each in good] == ["NOR"]
    assert (bad.row, bad.column) == (2, "Text")


def test_rows_that_do_not_meet_only_are_left_out() -> None:
    by = mapping(ACCESSION, only=[{"column": "Act", "not_in": ["skip"]}])
    outcomes = list(build(rows(state("KEN", "skip"), state("NOR")), by, make_id))
    assert isinstance(outcomes[0], LeftOut)
    assert isinstance(outcomes[1], Candidate)


def test_rows_of_one_key_become_one_record() -> None:
    (record,), bad = built(rows(score("KEN", "P.1.2", "2"), score("KEN", "P.1.1", "N/A")), mapping(SCORES))
    assert bad == []
    assert record.rows == (2, 3)
    assert [(each["criterion"]["code"], each["score"]) for each in record.record["ratings"]] == [
        ("P.1.1", "N/A"),
        ("P.1.2", "2"),
    ]


def test_a_bad_row_of_a_group_is_set_aside_at_its_own_row_and_column() -> None:
    given_rows = rows(score("KEN", "P.1.1", "1"), score("KEN", "P.1.2", "7"), score("KEN", "Q.9", "1"))
    (record,), bad = built(given_rows, mapping(SCORES))
    assert [each["criterion"]["code"] for each in record.record["ratings"]] == ["P.1.1"]
    assert sorted((each.row, each.column) for each in bad) == [(3, "Score"), (4, "Indicator")]


def test_rows_of_a_group_that_contradict_each_other_are_bad_from_the_second_on() -> None:
    given_rows = rows(score("KEN", "P.1.1", "1"), score("KEN", "P.1.1", "1"), score("KEN", "P.1.1", "2"))
    (record,), (bad,) = built(given_rows, mapping(SCORES))
    assert len(record.record["ratings"]) == 1
    assert bad.row == 4
    assert "than row 2 of the same record" in bad.reason


def _list_mapping(*entries: dict[str, Any]) -> Any:
    return mapping(
        ACCESSION,
        kind="contact",
        constants={
            "organization": {"scheme": "exercise", "id": "unit"},
            "card_kind": "org",
            "roles": ["general"],
            "confirmed_at": "2026-01-31",
            "visibility": "public",
        },
        fields={"name.en": "Name"},
        key=["Name"],
        list=list(entries),
    )


def test_a_cell_of_several_values_becomes_a_list() -> None:
    phones = {"target": "phones", "each": "Phones", "split": ",", "fields": {"number": "each"}}
    (record,), _ = built(rows({"Name": "Unit", "Phones": "+4681234567, +4681234568"}), _list_mapping(phones))
    assert record.record["phones"] == [{"number": "+4681234567"}, {"number": "+4681234568"}]


def test_an_item_that_is_wrong_is_traced_to_its_column() -> None:
    emails = {"target": "emails", "each": "Mail", "split": ",", "fields": {"address": "each"}}
    _, (bad,) = built(rows({"Name": "Unit", "Mail": "a@b.int, nobody"}), _list_mapping(emails))
    assert (bad.row, bad.column, bad.found) == (2, "each", '"nobody"')


def test_constants_alone_make_no_item() -> None:
    addresses = {"target": "addresses", "constants": {"country": "KEN"}, "fields": {"full": "Address"}}
    (record,), _ = built(rows({"Name": "Unit", "Address": ""}), _list_mapping(addresses))
    assert "addresses" not in record.record


def test_whole_rows_are_records_as_they_stand() -> None:
    by = mapping({key: ACCESSION[key] for key in ("source", "kind", "marking")}, format="jsonl", key=["id"], whole=True)
    entry: dict[str, Any] = {
        "kind": "accession",
        "id": "a1",
        "marking": "TLP:GREEN",
        "state": "KEN",
        "instrument": "FINANCING1999",
    }
    entry |= {"as_of": "2026-01-31", "source": {"name": "Exercise"}}
    good, bad = built(rows(entry, {**entry, "id": "a2", "kind": "need"}, {**entry, "id": "a3", "state": "KE"}), by)
    assert [(each.id, each.marking) for each in good] == [("a1", "TLP:GREEN")]
    assert [(each.row, each.column) for each in bad] == [(3, "kind"), (4, "state")]


SOME_SCORES = st.dictionaries(
    st.tuples(st.sampled_from(["KEN", "NOR", "??"]), st.sampled_from(["P.1.1", "P.1.2", "D.2.1", "Q.1"])),
    st.sampled_from(["1", "5", "N/A", "6", ""]),
    min_size=1,
)


@given(SOME_SCORES, st.randoms(use_true_random=False))
def test_rows_in_any_order_give_the_same_records(scores: dict[tuple[str, str], str], random: Any) -> None:
    lines = [score(country, indicator, value) for (country, indicator), value in scores.items()]
    shuffled = random.sample(lines, len(lines))
    contents = [
        {each.id: each.content() for each in built(rows(*each_order), mapping(SCORES))[0]}
        for each_order in (lines, shuffled)
    ]
    assert contents[0] == contents[1]
    bad = [
        sorted((each.column, each.found, each.key) for each in built(rows(*order), mapping(SCORES))[1])
        for order in (lines, shuffled)
    ]
    assert bad[0] == bad[1]
