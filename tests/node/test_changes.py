"""Tests of changes: each is about one record, and a new record gets an id of its own."""

from node.changes import Confirm, Put, Withdraw, address_of, identified
from schemas.entry import parse_entry
from tests.schemas.examples import EXAMPLES


def test_a_change_is_about_one_record() -> None:
    put = Put(parse_entry({**EXAMPLES["contact"], "id": "duty"}))
    changes = (put, Withdraw("contact", "duty", "Closed."), Confirm("contact", "duty"))
    assert {address_of(identified(each)) for each in changes} == {("contact", "duty")}


def test_each_new_record_gets_an_id_of_its_own() -> None:
    new = {name: value for name, value in EXAMPLES["contact"].items() if name != "id"}
    put = Put(parse_entry(new), "offices")
    first, second = identified(put), identified(put)
    assert address_of(first) != address_of(second)
    assert isinstance(first, Put)
    assert first.source == "offices"
