"""Tests of bulk acts: shown before they are done, done whole, and not to records that were changed meanwhile."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from lxml.html import HtmlElement

from node.node import Node
from node.pages.desk import Role
from tests.node.nodes import joined_node, put
from tests.node.pages.asked import Reader, words_of

IDS = [f"contact/c{n}" for n in range(3)]


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    made = joined_node(tmp_path / "node")
    made.editor.apply([put(f"c{n}") for n in range(3)])
    yield made
    made.engine.dispose()


def hidden(page: HtmlElement) -> dict[str, str | list[str]]:
    form = page.xpath("//main//form")[0]
    fields: dict[str, str | list[str]] = {
        each.get("name"): each.get("value") for each in form.xpath(".//input[@type='hidden'][@name!='chosen']")
    }
    return {**fields, "chosen": form.xpath(".//input[@name='chosen']/@value")}


def done(reader: Reader, act: str, chosen: list[str], **values: str) -> HtmlElement:
    """Go from the grid to the end as a person does."""
    page = reader.send("/records/bulk", act=act, chosen=chosen)
    if values:
        page = reader.send("/records/bulk/do", **{**hidden(page), **values})
    return reader.send("/records/bulk/do", **{**hidden(page), "shown": "1", **values})


def fields(node: Node, name: str) -> list[object]:
    found = node.reading.current("contact")
    return [found["contact", f"c{n}"].record.get(name) for n in range(3)]


def test_a_field_is_set_in_all_chosen_records(node: Node) -> None:
    reader, usual = Reader(node, Role.OFFICER), fields(node, "review_due")[2]
    assert "Done: 2 records." in words_of(done(reader, "review_due", IDS[:2], value="2027-05-01"))
    assert fields(node, "review_due") == ["2027-05-01", "2027-05-01", usual]
    themes = fields(node, "themes")[2]
    assert isinstance(themes, list)
    done(reader, "add_theme", IDS[:2], value="fatf:R.5")
    assert fields(node, "themes") == [[*themes, {"scheme": "fatf", "code": "R.5"}]] * 2 + [themes]
    done(reader, "remove_theme", IDS[:2], value="fatf:R.5")
    assert fields(node, "themes") == [themes] * 3


def test_records_are_confirmed_marked_and_withdrawn(node: Node) -> None:
    reader = Reader(node, Role.OFFICER)
    done(reader, "confirm", IDS)
    assert node.reading.chain().sequence == 7
    done(reader, "marking", IDS[:1], value="TLP:RED")
    assert node.reading.current("contact")["contact", "c0"].marking == "TLP:GREEN"  # it was given to the network
    done(reader, "withdraw", IDS[1:], value="Closed.")
    assert len(node.reading.current("contact")) == 1


def test_nothing_is_done_before_the_value_is_given_and_shown(node: Node) -> None:
    reader = Reader(node, Role.OFFICER)
    page = reader.send("/records/bulk", act="withdraw", chosen=IDS)
    assert "3 records" in words_of(page)
    refused = reader.send("/records/bulk/do", **{**hidden(page), "value": " ", "shown": "1"})
    assert (reader.status, "Give the reason" in words_of(refused)) == (422, True)
    reader.send("/records/bulk/do", **{**hidden(page), "value": "Closed."})
    assert node.reading.chain().sequence == 4


def test_what_was_changed_meanwhile_is_shown_again(node: Node) -> None:
    reader = Reader(node, Role.OFFICER)
    page = reader.send("/records/bulk", act="confirm", chosen=IDS)
    node.editor.apply([put("c1", "Elsewhere")])
    again = reader.send("/records/bulk/do", **{**hidden(page), "shown": "1"})
    assert "changed meanwhile" in words_of(again)
    assert node.reading.chain().sequence == 5


def test_all_that_a_filter_finds_can_be_chosen(node: Node) -> None:
    page = Reader(node, Role.OFFICER).send("/records/bulk", act="confirm", scope="all", query="kind=contact&sort=title")
    assert sorted(hidden(page)["chosen"]) == IDS


def test_what_cannot_be_is_left_out_and_said(node: Node) -> None:
    page = Reader(node, Role.OFFICER).send("/records/bulk", act="confirm", chosen=[*IDS, "contact/none", "x", "a/b/c"])
    assert "2 records are left out" in words_of(page)


@pytest.mark.parametrize("fields", [{"act": "confirm"}, {"act": "x", "chosen": "contact/c0"}, {"a": "b"}])
def test_what_names_no_record_or_act_is_refused(node: Node, fields: dict[str, str]) -> None:
    reader = Reader(node, Role.OFFICER)
    reader.send("/records/bulk", **fields)
    assert reader.status == 422


def test_an_act_needs_an_officer(node: Node) -> None:
    reader = Reader(node, Role.REVIEWER)
    reader.send("/records/bulk/do", act="confirm", chosen=IDS)
    assert reader.status == 403
    assert node.reading.chain().sequence == 4


def test_with_four_eyes_another_person_approves(node: Node) -> None:
    strict = replace(node, settings=replace(node.settings, four_eyes=True))
    officer, reviewer = Reader(strict, Role.OFFICER, Role.REVIEWER), Reader(strict, Role.REVIEWER, number=2)
    assert "A second person will look at it." in words_of(done(officer, "withdraw", IDS, value="Closed."))
    address = reviewer.read("/batches").xpath("//main//li/a/@href")[0]
    assert address in reviewer.read("/desk").xpath("//main//li/a/@href"), "what waits is not on the reviewer's desk"
    digest = hidden(reviewer.read(address))["digest"]
    officer.send(address, do="approve", digest=digest)
    assert (officer.status, node.reading.chain().sequence) == (403, 4)
    assert "Approved, and published." in words_of(reviewer.send(address, do="approve", digest=digest))
    assert node.reading.current("contact") == {}
    assert reviewer.read("/batches").xpath("//main//li/a") == []
