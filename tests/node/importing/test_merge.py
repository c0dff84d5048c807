"""What several rows say about one record is put together, and each value remembers its row and column."""

from typing import Any

from node.importing.mapping import Mapping
from node.importing.merge import merge
from node.importing.parts import Part, take_apart
from tests.node.importing.making import SCORES, mapping, rows, score


def _parts(by: Mapping, *lines: dict[str, Any]) -> list[Part]:
    parts = [take_apart(row, "KEN", by) for row in rows(*lines)]
    assert all(isinstance(part, Part) for part in parts)
    return [part for part in parts if isinstance(part, Part)]


def test_items_lead_back_to_the_row_and_column_they_came_from() -> None:
    by = mapping(SCORES)
    merged = merge(_parts(by, score("KEN", "P.1.2", "2"), score("KEN", "P.1.1", "1")), by)
    assert [each["score"] for each in merged.record["ratings"]] == ["1", "2"]
    assert merged.origins["ratings", "0", "score"] == (3, "Score")
    assert merged.origins["ratings", "1", "criterion", "code"] == (2, "Indicator")
    assert merged.rows == (2, 3)


def test_single_fields_must_agree_and_the_later_row_is_the_bad_one() -> None:
    by = mapping(SCORES, fields={**SCORES["fields"], "period_start": {"column": "Day", "as": "date"}})
    lines = [{**score("KEN", "P.1.1", "1"), "Day": day} for day in ("2016-01-01", "", "2017-01-01")]
    (bad,) = merge(_parts(by, *lines), by).bad
    assert (bad.row, bad.column, bad.found) == (4, "Day", "2017-01-01")
    assert bad.reason == "says something else for period_start than row 2 of the same record, which counts"


def test_targets_that_cannot_both_be_are_the_mapping_s_fault() -> None:
    by = mapping(SCORES, constants={**SCORES["constants"], "subject": "KEN"})
    (bad,) = merge(_parts(by, score("KEN", "P.1.1", "1")), by).bad
    assert bad.reason == "the mapping: subject.country lies inside subject, which is a single value"
