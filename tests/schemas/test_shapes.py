"""Tests of shapes: every value of every kind is known for what it is."""

from collections.abc import Iterator

import pytest

from schemas.records import KINDS
from schemas.shapes import Named, Shape, record_fields
from tests.hub.published import example

KNOWN = {
    "text", "code", "place", "record", "org", "url", "email", "phone", "day", "moment", "language", "yes", "number",
    "list", "group", "plain",
}  # fmt: skip


def inner(shape: Shape) -> Iterator[Shape]:
    yield shape
    if shape.what == "list":
        for each in shape.value:
            yield from inner(each)
    if shape.what == "group":
        for named in shape.value:
            yield from inner(named.shape)


def fields(kind: str) -> dict[str, Shape]:
    return dict(record_fields(kind, "xa-centre", example(kind)))


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_value_of_a_full_record_has_a_shape_and_none_is_left_as_data(kind: str) -> None:
    found = record_fields(kind, "xa-centre", example(kind))
    assert {named.name for named in found} == set(example(kind))
    for named in found:
        for shape in inner(named.shape):
            assert shape.what in KNOWN
            assert shape.what != "plain" or isinstance(shape.value, str), named


def test_codes_places_and_links_are_told_from_text() -> None:
    need = fields("need")
    assert need["need_status"] == Shape("code", {"scheme": "need_status", "code": "acknowledged"})
    assert need["beneficiary"].what == "place"
    assert need["contact"] == Shape("record", {"kind": "contact", "org": "xa-centre", "id": "contact1"})
    assert need["needed_by"] == Shape("day", "2027-06-01")
    assert need["consent_to_publish"] == Shape("yes", True)
    contact = fields("contact")
    assert contact["languages"].value[0].value[0] == Named("language", Shape("language", "en"))
    [email] = contact["emails"].value
    assert email.value[0] == Named("address", Shape("email", "duty@centre.example"))
    assert fields("organization")["parent"] == Shape("org", {"scheme": "XI-IATI", "id": "XA-GOV"})
    assert fields("organization")["same_as"].value[0].value["org"] == "other-org"


def test_a_kind_s_own_fields_come_first() -> None:
    names = [named.name for named in record_fields("need", "xa-centre", example("need"))]
    assert names[:3] == ["requester", "beneficiary", "title"]
    assert names.index("places") > names.index("cost")
