"""Tests of values: what a form shows of a record."""

from node.entry_form import controls_of, shown_value
from node.entry_form.values import coded_text, org_text, place_text


def test_codes_places_and_organizations_are_written_in_one_text() -> None:
    assert coded_text({"scheme": "theme_1373", "code": "2.10"}) == "theme_1373:2.10"
    assert place_text({"country": "KEN", "percentage": "50"}) == "KEN||50"
    assert place_text({"region": "002"}) == "002"
    assert org_text({"scheme": "XI-IATI", "id": "XA-1"}) == "XI-IATI:XA-1"


def test_what_is_absent_is_shown_empty() -> None:
    shown = {each.name: shown_value(each, None) for each in controls_of("need")}
    assert shown["title"] == {}
    assert shown["themes"] == shown["history"] == []
    assert shown["needed_by"] == ""
