"""A row is taken apart into its key, its fields and its items; dotted targets become nested records."""

import pytest

from node.importing.cells import CellError
from node.importing.parts import MappingConflictError, Part, key_of, nest, take_apart
from node.importing.rows import BadRow, Row
from tests.node.importing.making import ACCESSION, SCORES, mapping, score, state


def test_dotted_targets_become_tables_and_lists_and_gaps_close() -> None:
    flat = {"name.en": "Unit", "phones.10.number": "c", "phones.2.number": "b", "roles": ["general"]}
    assert nest(flat) == {
        "name": {"en": "Unit"},
        "phones": [{"number": "b"}, {"number": "c"}],
        "roles": ["general"],
    }


def test_a_target_inside_a_single_value_is_refused() -> None:
    with pytest.raises(MappingConflictError, match=r"name\.en lies inside name"):
        nest({"name": "Unit", "name.en": "Unit"})


def test_constants_are_not_changed_by_what_rows_add_to_them() -> None:
    constants = {"source": {"name": "Exercise"}}
    assert nest({**constants, "source.url": "https://x.example"})["source"]["url"] == "https://x.example"
    assert constants == {"source": {"name": "Exercise"}}


def test_a_key_of_several_columns_keeps_them_apart() -> None:
    by = mapping(ACCESSION, key=["State", "Act"])
    keys = {key_of(Row(2, state(*each)), by) for each in (("a", "bc"), ("ab", "c"), ("abc", ""), ("", "abc"))}
    assert len(keys) == 4


def test_a_key_of_which_no_column_is_filled_is_refused() -> None:
    with pytest.raises(CellError, match="is the key that tells records apart"):
        key_of(Row(2, state("", "")), mapping(ACCESSION, key=["State", "Act"]))


def test_a_row_gives_its_fields_and_items_with_their_columns() -> None:
    part = take_apart(Row(2, score("KEN", "P.1.1", "2")), "KEN", mapping(SCORES))
    assert isinstance(part, Part)
    assert part.fields == {"subject.country": "KEN"}
    (item,) = part.items
    assert item.value == {"criterion.scheme": "who_jee", "criterion.code": "P.1.1", "score": "2"}
    assert item.columns == {"criterion.code": "Indicator", "score": "Score"}


def test_a_row_gives_every_reason_why_it_is_bad() -> None:
    bad = take_apart(Row(2, score("??", "P.1.1", "")), "??", mapping(SCORES))
    assert isinstance(bad, list)
    assert [(each.column, type(each)) for each in bad] == [("State", BadRow), ("Score", BadRow)]
