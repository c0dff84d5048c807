"""Tests of hub/exports/asked.py: filters in words, names of files, kinds that a format cannot hold."""

import pytest
from pydantic import ValidationError

from hub.exports.asked import Activities, Contacts, Newest, file_name, in_a_line, in_words, one_kind
from hub.filters import Filters, Page

AS_OF = "2026-11-26T15:00:00.000Z"


def test_a_file_is_named_by_what_was_asked_for() -> None:
    asked = Filters(kind=["need"], place=["KEN", "014"], theme=["theme_1373:2.10"])
    assert file_name("exercise.example", asked, AS_OF, ".csv") == (
        "exercise.example-need-KEN-014-theme-1373-2.10-2026-11-26.csv"
    )
    assert file_name("exercise.example", Filters(), AS_OF, ".xlsx") == "exercise.example-records-2026-11-26.xlsx"


def test_a_name_of_a_file_has_nothing_that_a_header_or_a_disk_could_stumble_over() -> None:
    name = file_name("exercise.example", Filters(q='"; ../x\r\nSet-Cookie: مرحبا'), AS_OF, ".csv")
    assert name == "exercise.example-records-search-2026-11-26.csv"
    assert len(file_name("exercise.example", Filters(org=["xa-centre"] * 100), AS_OF, ".csv")) < 150


def test_filters_are_said_as_the_address_has_them() -> None:
    asked = Newest(kind=["need", "offer"], q="readers", before=7)
    assert in_words(asked) == [("kind", "need, offer"), ("q", "readers")]
    assert (in_a_line(asked), in_a_line(Filters())) == ("kind: need, offer; q: readers", "all records")


def test_only_one_kind_is_one_kind() -> None:
    assert one_kind(Filters(kind=["need", "need"])) == "need"
    assert [one_kind(Filters(kind=each)) for each in ([], ["need", "offer"])] == [None, None]


@pytest.mark.parametrize(("form", "allowed"), [(Contacts, "contact"), (Activities, "activity")])
def test_a_format_of_one_kind_takes_no_other(form: type[Filters], allowed: str) -> None:
    assert (form(kind=[allowed]).kind, form().kind) == ([allowed], [])
    with pytest.raises(ValidationError, match=f"be left out or be {allowed}"):
        form(kind=[allowed, "need"])


def test_every_format_takes_the_filters_of_the_list() -> None:
    assert set(Page.model_fields) - {"after", "limit"} == set(Filters.model_fields)
    for form in (Contacts, Activities, Newest):
        assert set(Filters.model_fields) <= set(form.model_fields)
