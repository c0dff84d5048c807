"""Tests of hub/exports/iati_xml.py: identifiers as org-id.guide writes them, addresses that a schema takes."""

from typing import Any
from xml.etree import ElementTree as ET

import pytest

from hub.exports.iati_xml import add, identifier, money, narrated, uri


class Known:
    """One organization that is in lists, and one that is in none."""

    def record(self, org: str) -> dict[str, Any]:
        lists = [{"scheme": "liaison", "id": "xa-centre"}, {"scheme": "XI-IATI", "id": "XA-NCX"}]
        return {"identifiers": lists} if org == "xa-centre" else {}


@pytest.mark.parametrize(
    ("ref", "found"),
    [
        ("xa-centre", "XI-IATI-XA-NCX"),
        ("un-office", "un-office"),
        ({"scheme": "XM-DAC", "id": "5-1"}, "XM-DAC-5-1"),
        ({"scheme": "XM-DAC", "id": "XM-DAC-5-1"}, "XM-DAC-5-1"),
        ({"scheme": "iati", "id": "XM-DAC-5-1"}, "XM-DAC-5-1"),
    ],
)
def test_an_organization_is_identified_by_list_and_number(ref: Any, found: str) -> None:
    assert identifier(ref, Known()) == found  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("https://a.example/b?c=d#e", "https://a.example/b?c=d#e"),
        ("https://a.example/ä%zz[?q=%20", "https://a.example/%C3%A4%25zz%5B?q=%20"),
        ("https://é.example/", "https://xn--9ca.example/"),
        ("http://[x", None), ("https://a.example:x/", None), ("https://a@b.example/", None), ("http://%/", None),
        ("http:///x", None),
    ],
)  # fmt: skip
def test_an_address_is_written_as_a_schema_takes_it_or_not_at_all(address: str, found: str | None) -> None:
    assert uri(address) == found


def test_elements_hold_narratives_by_language_and_leave_out_what_is_not_said() -> None:
    root = ET.Element("a")
    narrated(root, "title", {"en": "x", "fr": "y\x00"}, type=None, iso_date="2026-01-01")
    add(root, "b", "text")
    assert ET.tostring(root, encoding="unicode") == (
        '<a><title iso-date="2026-01-01"><narrative xml:lang="en">x</narrative>'
        '<narrative xml:lang="fr">y�</narrative></title><b>text</b></a>'
    )


def test_an_amount_without_a_value_date_has_that_of_its_day() -> None:
    root = ET.Element("a")
    money(root, {"value": "5", "currency": "USD"}, "2026-03-01")
    money(root, {"value": "5", "currency": "USD", "value_date": "2025-01-01"}, "2026-03-01")
    assert [each.get("value-date") for each in root] == ["2026-03-01", "2025-01-01"]
