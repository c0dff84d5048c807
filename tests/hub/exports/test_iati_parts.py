"""Tests of hub/exports/iati_parts.py: documents and results where IATI asks for more than a record says."""

from typing import Any
from xml.etree import ElementTree as ET

from hub.exports.iati_parts import budgets, documents, first_day, results
from tests.hub.published import example


def drawn(write: Any, *more: Any, **fields: Any) -> ET.Element:
    root = ET.Element("iati-activity")
    write(root, fields, *more)
    return root


def test_a_document_without_category_and_format_is_a_web_page_or_what_its_name_says() -> None:
    links = [{"url": "https://a.example/b"}, {"url": "https://a.example/b.pdf", "language": "fr-CA"}]
    page, pdf = drawn(documents, documents=links)
    assert (page.get("format"), page.find("category").get("code")) == ("text/html", "A12")  # type: ignore[union-attr]
    assert (pdf.get("format"), pdf.find("language").get("code")) == ("application/pdf", "fr")  # type: ignore[union-attr]
    assert pdf.findtext("title/narrative") == "https://a.example/b.pdf"


def test_a_result_without_an_indicator_is_one_in_words() -> None:
    [result] = drawn(results, "2026-01-01", results=[{"type": "2", "title": {"en": "Trust grew"}}])
    indicator = result.find("indicator")
    assert indicator is not None
    assert (indicator.get("measure"), indicator.findtext("title/narrative")) == ("5", "Trust grew")


def test_a_baseline_bears_the_year_in_which_its_first_period_began_or_the_activity() -> None:
    given = example("activity")["results"]
    [result] = drawn(results, "2020-01-01", results=given)
    assert result.find("indicator/baseline").get("year") == "2026"  # type: ignore[union-attr]
    bare = [{**given[0], "indicator": {"measure": "1", "baseline": "2"}}]
    [result] = drawn(results, "2020-01-01", results=bare)
    assert result.find("indicator/baseline").get("year") == "2020"  # type: ignore[union-attr]


def test_a_budget_has_its_period_before_its_amount() -> None:
    [budget] = drawn(budgets, budget=example("activity")["budget"])
    assert [each.tag for each in budget] == ["period-start", "period-end", "value"]
    assert dict(budget.attrib) == {"status": "2"}


def test_the_first_day_is_the_earliest_that_is_named() -> None:
    assert first_day({"dates": [{"type": "3", "date": "2027-03-01"}, {"type": "1", "date": "2026-03-01"}]}) == (
        "2026-03-01"
    )
