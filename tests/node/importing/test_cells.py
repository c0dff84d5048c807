"""Each way of turning a cell into a field's value, and what is said when it cannot be done."""

import datetime as dt
from pathlib import Path
from typing import Any

import orjson
import pytest
from openpyxl import Workbook

from node.importing.build import Candidate, build
from node.importing.cells import CellError, holds, look_up, value_of
from node.importing.mapping import Condition, Rule
from node.importing.read import read_rows
from tests.node.importing.making import ACCESSION, make_id, mapping

BY = mapping(ACCESSION, tables={"acts": {"a": "accession", "": "none", "x": ""}}, aliases={"Old Name": "KEN"})


def _value(rule: Any, **values: Any) -> Any:
    return value_of(Rule.model_validate(rule), values, BY)


@pytest.mark.parametrize(
    ("rule", "cell", "expected"),
    [
        ("c", "  text\xa0", "text"),
        ("c", "", None),
        ("c", None, None),
        ("c", 2.5, "2.5"),
        ("c", 1e-7, "0.0000001"),
        ("c", True, "true"),
        ({"column": "c", "as": "lower"}, "A@B.INT", "a@b.int"),
        ({"column": "c", "as": "integer"}, "12", 12),
        ({"column": "c", "as": "integer"}, 12.0, 12),
        ({"column": "c", "as": "integer", "places": 0}, "77873.16", 77873),
        ({"column": "c", "as": "decimal"}, "1E+3", "1000"),
        ({"column": "c", "as": "decimal"}, "1.50", "1.5"),
        ({"column": "c", "as": "decimal", "places": 2}, 0.3333333333333333, "0.33"),
        ({"column": "c", "as": "boolean"}, "yes", True),
        ({"column": "c", "as": "date", "format": "%d %b %Y"}, "24 Sep 2003", "2003-09-24"),
        ({"column": "c", "as": "date", "format": "%Y %b", "end_of": "month"}, "2016 feb", "2016-02-29"),
        ({"column": "c", "as": "date", "format": "%Y", "end_of": "year"}, 2016, "2016-12-31"),
        ({"column": "c", "as": "country"}, "KE", "KEN"),
        ({"column": "c", "as": "country"}, "Кения", "KEN"),
        ({"column": "c", "as": "country"}, "Old Name", "KEN"),
        ({"column": "c", "as": "phone", "calling_code": "46"}, "08-24 13 35", "+468241335"),
        ({"column": "c", "as": "phone", "calling_code": "46"}, "0046 8 241335", "+468241335"),
        ({"column": "c", "as": "phone", "calling_code": "46"}, "+55 21 25550330", "+552125550330"),
        ({"column": "c", "match": r"^(\S+)"}, "P.1.1 Laws", "P.1.1"),
        ({"column": "c", "match": r"^\d+$", "otherwise": "skip"}, "none", None),
        ({"column": "c", "translate": "acts"}, "a", "accession"),
        ({"column": "c", "translate": "acts"}, "x", None),
        ({"column": "c", "translate": "acts", "match": r"\d{4} ?(.*)$"}, "24 Sep 2003", "none"),
        ({"column": "c", "translate": {"CAN": "CAD"}, "otherwise": "keep"}, "USD", "USD"),
        ({"value": "10"}, "anything", "10"),
        ({"value": "10", "when": {"column": "c", "empty": False}}, "", None),
    ],
)
def test_a_cell_becomes_a_value(rule: Any, cell: Any, expected: Any) -> None:
    assert _value(rule, c=cell) == expected


@pytest.mark.parametrize(
    ("rule", "cell", "reason"),
    [
        ({"column": "c", "as": "integer"}, "2.5", "is no whole number"),
        ({"column": "c", "as": "decimal"}, "many", "is no number"),
        ({"column": "c", "as": "decimal"}, "NaN", "is no number of a size"),
        ({"column": "c", "as": "decimal"}, "1e999999", "is no number of a size"),
        ({"column": "c", "as": "boolean"}, "perhaps", "is neither true nor false"),
        ({"column": "c", "as": "date"}, "2025-02-30", "is no date of the form %Y-%m-%d"),
        ({"column": "c", "as": "country"}, "??", "is no country"),
        ({"column": "c", "as": "country"}, "General Global Benefit", "is no country"),
        ({"column": "c", "as": "phone", "calling_code": "46"}, "call me", "is no telephone number"),
        ({"column": "c", "translate": "acts"}, "z", "has no translation; the mapping's table knows a"),
        ({"column": "c", "match": r"^\d+$"}, "x", "does not have the form"),
        ({"column": "c", "required": True}, "", "is empty, but the record needs it"),
        ("c", ["a"], "holds a list, not one value"),
    ],
)
def test_a_cell_that_does_not_fit_is_refused_with_column_and_reason(rule: Any, cell: Any, reason: str) -> None:
    with pytest.raises(CellError, match=reason.replace("?", r"\?")) as error:
        _value(rule, c=cell)
    assert error.value.column == "c"


def test_a_cell_of_a_sheet_that_holds_a_day_is_one_in_whatever_form_it_is_shown(tmp_path: Path) -> None:
    book = Workbook()
    assert book.active is not None
    for line in (["State", "Act", "Day"], ["KEN", "r", dt.date(2026, 11, 1)], ["NOR", "r", "01 Nov 2026"]):
        book.active.append(line)
    book.save(tmp_path / "a.xlsx")
    by = mapping(ACCESSION, format="xlsx")
    found = list(build(read_rows(tmp_path / "a.xlsx", by), by, make_id))
    assert [isinstance(each, Candidate) and each.record["action_date"] for each in found] == ["2026-11-01"] * 2


def test_columns_are_found_by_name_first_and_by_path_then() -> None:
    assert _value("a.b", **{"a.b": "name", "a": {"b": "path"}}) == "name"
    assert _value("a.b", a={"b": "path"}) == "path"
    assert _value("years.-1", years=["2015", "2016"]) == "2016"
    assert _value("years.0", years=[]) is None


def test_the_first_filled_column_and_the_first_template_that_can_be_filled_count() -> None:
    assert _value({"column": ["a", "b"]}, a="", b="second") == "second"
    templates = {"template": ["{a} in {b (x, y)}", "{a}"]}
    assert _value(templates, a="one", **{"b (x, y)": "two"}) == "one in two"
    assert _value(templates, a="one") == "one"
    assert _value(templates) is None


@pytest.mark.parametrize(
    ("test", "cell", "expected"),
    [
        ({"equals": "a"}, "a", True),
        ({"equals": "a"}, "b", False),
        ({"in": ["a", 0]}, 0, True),
        ({"not_in": ["a"]}, "a", False),
        ({"empty": True}, [], True),
        ({"empty": False}, "  ", False),
        ({"matches": "^1"}, 12, True),
    ],
)
def test_conditions(test: dict[str, Any], cell: Any, expected: bool) -> None:
    assert holds(Condition.model_validate({"column": "c", **test}), {"c": cell}) is expected


@pytest.mark.parametrize("text", ["9007199254740993.0", "123456789012345678901234567890", "-1e30"])
def test_a_number_of_json_that_was_rounded_in_reading_is_bad_and_not_another_number(text: str) -> None:
    with pytest.raises(CellError, match="write it in quotes"):
        look_up(orjson.loads(f'{{"a": {{"b": {text}}}}}'), "a.b")
    assert look_up(orjson.loads(f'{{"a": "{text}", "b": 9007199254740993}}'), "a") == text
