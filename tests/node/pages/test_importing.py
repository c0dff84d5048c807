"""Tests of the import wizard over HTTP: each step, what is refused, a second person, and what comes back from Excel."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from lxml.html import HtmlElement

from node.node import Node
from node.pages.desk import Role
from node.store.batches import PUBLISHING
from tests.node.nodes import joined_node, put
from tests.node.pages.asked import Reader, words_of

ROWS = [["Code", "Name", "Unit"], ["1", "Harbour office", "Ports"], ["2", "Airport office", "Air"], ["3", "", "Sea"]]
SAME = {
    "field.confirmed_at": "2026-11-01", "field.organization": "xa-centre", "field.card_kind": "group",
    "field.roles": "ct_focal_point", "field.visibility": "members", "field.name.en": "",
}  # fmt: skip
MAPPED = {
    "kind": "contact", "source": "offices", "key": "Code", "marking": "TLP:GREEN", "column.1": "name.en",
    "column.2": "unit", **SAME,
}  # fmt: skip


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    made = joined_node(tmp_path / "node")
    yield made
    made.engine.dispose()


def as_csv(rows: list[list[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


def as_xlsx(rows: list[list[Any]]) -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.worksheets[0].append(row)
    book.save(out)
    return out.getvalue()


def upload(reader: Reader, data: bytes, name: str = "Offices.csv") -> HtmlElement:
    got = reader.client.post("/import", files={"file": (name, data)})
    reader.status, reader.at = got.status_code, str(got.url.path)  # type: ignore[attr-defined]
    import lxml.html

    return lxml.html.fromstring(got.text)


def officer(node: Node, *roles: Role, number: int = 1) -> Reader:
    return Reader(node, *(roles or (Role.OFFICER,)), number=number)


def checked(reader: Reader, data: bytes, name: str = "Offices.csv", **changes: str) -> HtmlElement:
    """Upload a file and map its columns; gives the page with the difference."""
    upload(reader, data, name)
    return reader.send("/import/1/map", **{**MAPPED, **changes})


def test_a_file_is_uploaded_mapped_checked_and_published_once(node: Node) -> None:
    reader = officer(node)
    page = upload(reader, as_csv(ROWS))
    chosen = page.xpath("//select[starts-with(@name, 'column.')]/option[@selected]/@value")
    assert chosen == ["name.en", "unit"]
    words = words_of(reader.send("/import/1/map", **MAPPED))
    assert (reader.status, "2 new 0 changed 0 unchanged" in words, "1 bad rows" in words) == (200, True, True)
    assert "name" in words
    assert node.reading.chain().sequence == 1
    words = words_of(reader.send("/import/1", do="publish"))
    assert "Done. The file was deleted from this node. published 2" in words
    assert node.reading.chain().sequence == 3
    assert not node.uploads.file(1).exists()

    page = upload(reader, as_csv(ROWS))
    assert page.xpath("//button[@value='use']/text()") == ["Use offices"]
    words = words_of(reader.send("/import/2/map", do="use", name="offices"))
    assert "0 new 0 changed 2 unchanged" in words
    assert "There is nothing to publish" in words
    reader.send("/import/2", do="publish")
    assert (reader.status, node.reading.chain().sequence) == (409, 3)
    words = words_of(checked_again(reader, [ROWS[0], ["1", "Harbour office", "Docks"]]))
    assert "0 new 1 changed 0 unchanged 1 to be withdrawn" in words
    assert "Unit: Ports → Docks" in words


def checked_again(reader: Reader, rows: list[list[str]]) -> HtmlElement:
    upload(reader, as_csv(rows))
    return reader.send("/import/3/map", do="use", name="offices")


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("o.xlsx", as_xlsx([[*ROWS[0]], [1, "Harbour office", "Ports"]])),
        ("o.json", json.dumps([{"Code": 1, "Name": "Harbour office", "Unit": "Ports"}]).encode()),
        ("o.jsonl", b'{"Code": 1, "Name": "Harbour office", "Unit": "Ports"}\n{"Code": 2, "Name": "B", "Unit": "C"}\n'),
        ("o.csv", b"\xef\xbb\xbfCode;Name;Unit\n1;Harbour office;Ports\n"),
    ],
)
def test_every_form_of_a_table_is_read(node: Node, name: str, data: bytes) -> None:
    reader = officer(node)
    assert "0 bad rows" in words_of(checked(reader, data, name))
    reader.send("/import/1", do="publish")
    assert {each.record["unit"] for each in node.reading.current("contact").values()} >= {"Ports"}


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_file_comes_back_with_a_comment_in_each_bad_cell(node: Node, form: str) -> None:
    reader = officer(node)
    data = (
        as_csv(ROWS) if form == "csv" else as_xlsx([["Code", "Name", "Unit"], [1, "Office", "=1+1"], [3, None, "Sea"]])
    )
    checked(reader, data, f"o.{form}")
    got = reader.client.get("/import/1/marked.xlsx")
    assert got.status_code == 200, got.text[-900:]
    sheet = openpyxl.load_workbook(io.BytesIO(got.content)).worksheets[0]
    said = {(c.row, c.column): c.comment.text for row in sheet for c in row if c.comment}
    # In the workbook there is also a formula that nobody has calculated.
    unnamed, others = ((3, 2), {(2, 3)}) if form == "xlsx" else ((2, 3), set())
    assert set(said) == {unnamed, *others}
    assert "name" in said[unnamed]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"source": "../../etc"}, "small letters, digits and hyphens"),
        ({"key": "None"}, "tells one record from another"),
        ({"column.1": "nonsense"}, "is no field of this kind"),
        ({"column.1": "unit"}, "is filled by two columns"),
        ({"column.1": "", "column.2": ""}, "for at least one column"),
        ({"kind": "x"}, "choose the kind"),
        ({"marking": "x"}, "marking"),
    ],
)
def test_a_mapping_that_cannot_be_is_asked_for_again(node: Node, changes: dict[str, str], said: str) -> None:
    reader = officer(node)
    page = checked(reader, as_csv(ROWS), **changes)
    assert reader.status == 422
    assert said in page.get_element_by_id("errors").text_content()


def test_what_was_typed_is_kept_when_something_is_wrong(node: Node) -> None:
    page = checked(officer(node), as_csv(ROWS), source="Not So")
    assert page.get_element_by_id("source").get("value") == "Not So"
    assert page.xpath("//select[@name='column.2']/option[@selected]/@value") == ["unit"]
    assert page.get_element_by_id("field.confirmed_at").get("value") == "2026-11-01"


def test_mappings_are_taken_away_brought_back_and_forgotten(node: Node) -> None:
    reader = officer(node)
    checked(reader, as_csv(ROWS))
    toml = reader.client.get("/import/mappings/offices.toml").text
    assert 'source = "offices"' in toml
    reader.send("/import/mappings/offices")
    assert reader.client.get("/import/mappings/offices.toml").status_code == 404
    reader.client.post("/import/mappings", files={"mapping": ("m.toml", toml.encode())})
    assert reader.client.get("/import/mappings/offices.toml").text == toml
    assert reader.client.post("/import/mappings", files={"mapping": ("m.toml", b"source = 1")}).status_code == 422


def test_records_changed_after_the_check_are_not_overwritten(node: Node) -> None:
    reader = officer(node)
    checked(reader, as_csv(ROWS))
    reader.send("/import/1", do="publish")
    upload(reader, as_csv([ROWS[0], ["1", "Harbour office", "Docks"], ROWS[2]]))
    reader.send("/import/2/map", do="use", name="offices")
    [record_id] = [i for (_, i), each in node.reading.current("contact").items() if each.record["unit"] == "Ports"]
    node.editor.apply([put(record_id, "By hand")])
    words = words_of(reader.send("/import/2", do="publish"))
    assert "Records were changed since the file was checked" in words
    assert node.reading.current("contact")["contact", record_id].record["unit"] == "By hand"
    assert "1 changed" in words_of(reader.send("/import/2", do="check"))
    assert "revised 1" in words_of(reader.send("/import/2", do="publish"))


def test_what_was_interrupted_goes_on(node: Node) -> None:
    reader = officer(node)
    checked(reader, as_csv(ROWS))
    batch = node.batches.one(1)
    assert batch is not None
    node.batches.change(batch, state=PUBLISHING)
    assert "It was interrupted" in reader.words("/import/1")
    assert "published 2" in words_of(reader.send("/import/1", do="resume"))


def test_with_four_eyes_another_person_looks_at_it_first(node: Node) -> None:
    strict = replace(node, settings=replace(node.settings, four_eyes=True))
    mine, other = officer(strict, Role.OFFICER, Role.REVIEWER), officer(strict, Role.REVIEWER, number=2)
    checked(mine, as_csv(ROWS))
    assert other.client.get("/import/1").status_code == 404
    assert "waits for a second person" in words_of(mine.send("/import/1", do="publish"))
    mine.send("/import/1", do="approve")
    assert (mine.status, node.reading.chain().sequence) == (403, 1)
    assert other.read("/batches").xpath("//main//li/a/@href") == ["/import/1"]
    other.send("/import/1", do="back", note="Which offices?")
    assert "Which offices?" in mine.words("/import/1")
    mine.send("/import/1", do="publish")
    digest = other.read("/import/1").xpath("//input[@name='digest']/@value")[0]
    other.send("/import/1", do="approve", digest=digest)
    assert node.reading.chain().sequence == 3


def test_an_upload_is_its_owners_and_is_deleted_when_asked(node: Node) -> None:
    reader, other = officer(node), officer(node, number=2)
    upload(reader, as_csv(ROWS))
    path = node.uploads.file(1)
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    for address in ("/import/1", "/import/1/map", "/import/1/marked.xlsx"):
        assert other.client.get(address).status_code == 404
    assert other.client.post("/import/1", data={"do": "delete"}).status_code == 404
    reader.send("/import/1", do="delete")
    assert not path.exists()
    assert reader.client.get("/import/1").status_code == 404


@pytest.mark.parametrize("address", ["/import", "/import/template/contact.xlsx", "/records.xlsx", "/import/1"])
def test_nobody_without_a_log_in_gets_anything(node: Node, address: str) -> None:
    reader = Reader(node)
    reader.client.follow_redirects = False
    assert reader.client.get(address).status_code == 303
    assert reader.client.post("/import", files={"file": ("a.csv", b"a\n1\n")}).status_code == 401
    assert node.batches.of(1) == []


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("../../etc/passwd.csv", b"", "The file is empty."),
        ("a.csv", b"a,b\n", "no rows below its header"),
        ("a.csv", b"\x00\x01\x02", "neither a table nor text"),
        ("a.xlsx", b"a,b\n1,2\n", "is called xlsx, but holds csv"),
        ("a.xls", b"\xd0\xcf\x11\xe0" + bytes(600), "save it as xlsx"),
        ("a.json", b"[" * 5000, "deep in one another"),
        ("a.json", json.dumps([{"a": json.loads("[" * 40 + "]" * 40)}]).encode(), "deep in one another"),
        ("a.json", b"[{]", "no valid JSON"),
        ("a.xlsx", b"PK\x03\x04 no zip", "no readable xlsx"),
    ],
)
def test_what_cannot_be_a_table_is_refused_in_a_sentence(node: Node, name: str, data: bytes, said: str) -> None:
    reader = officer(node)
    page = upload(reader, data, name)
    assert reader.status == 422
    assert said in words_of(page)


def test_the_name_of_a_file_is_only_shown(node: Node, tmp_path: Path) -> None:
    reader = officer(node)
    upload(reader, as_csv(ROWS), "../../<b>evil.csv")
    assert "<b>evil.csv" in reader.words("/import")
    assert sorted(str(each.relative_to(tmp_path / "node")) for each in (tmp_path / "node" / "uploads").rglob("*")) == [
        "uploads/1", "uploads/1/file",
    ]  # fmt: skip


def test_a_body_is_bounded_while_it_comes(node: Node) -> None:
    reader = officer(node)
    upload(reader, b"a,b\n" + b"1,2\n" * 5_100_000)
    assert reader.status == 413
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert reader.client.post("/import/1/map", content=b"x=" + b"x" * 600_000, headers=form).status_code == 413
