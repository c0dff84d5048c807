"""Tests of templates and downloads: drop-downs in the page's language, and only what was edited comes back."""

import io
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest

from node.edit import Put, Withdraw
from node.node import Node
from node.pages.desk import Role
from schemas.entry import parse_entry
from schemas.records import KINDS
from tests.node.nodes import joined_node, put
from tests.node.pages.asked import Reader, words_of
from tests.node.pages.test_importing import upload
from tests.schemas.examples import EXAMPLES

ODD = '=HYPERLINK("http://x.example")'


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    made = joined_node(tmp_path / "node")
    made.editor.apply([put("c1"), put("c2", ODD), put("c3", "'=1+1")])
    yield made
    made.engine.dispose()


def book_of(reader: Reader, address: str) -> openpyxl.Workbook:
    got = reader.client.get(address)
    assert got.status_code == 200, got.text[:500]
    return openpyxl.load_workbook(io.BytesIO(got.content))


def saved(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def column(book: openpyxl.Workbook, title: str) -> int:
    return next(cell.column for cell in book.worksheets[0][1] if str(cell.value).startswith(title))


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_has_a_template_that_is_known_again(node: Node, kind: str) -> None:
    reader = Reader(node, Role.OFFICER)
    book = book_of(reader, f"/ar/import/template/{kind}.xlsx")
    sheet = book.worksheets[0]
    assert sheet.sheet_view.rightToLeft
    assert book["liaison"].sheet_state == "veryHidden"
    assert sheet.column_dimensions["A"].hidden  # and B, in one group
    comments = [cell.comment.text for cell in sheet[1] if cell.comment]
    assert comments
    assert [each for each in comments if each.isascii()] == [], "help that is not in the reader's language"
    assert {rule.type for rule in sheet.data_validations.dataValidation} == {"list"}
    page = upload(reader, saved(book), "t.xlsx")
    assert "There is nothing to publish" in words_of(page)


def test_drop_downs_hold_labels_with_codes_in_the_language_of_the_page(node: Node) -> None:
    lists = book_of(Reader(node, Role.OFFICER), "/ar/import/template/contact.xlsx")["lists"]
    assert "كينيا (KEN)" in {cell.value for row in lists for cell in row}


def test_only_the_row_that_was_edited_in_excel_is_published(node: Node) -> None:
    reader = Reader(node, Role.OFFICER)
    book = book_of(reader, "/fr/records.xlsx?kind=contact")
    sheet, unit = book.worksheets[0], column(book, "Unit")
    row = next(row for row in range(2, 5) if sheet.cell(row, unit).value == "Operations")
    sheet.cell(row, unit).value = "Night shift"
    sheet.move_range("A1:A9", cols=0)
    page = upload(reader, saved(book), "contacts.xlsx")
    assert "0 new 1 changed 2 unchanged 0 to be withdrawn 0 bad rows" in words_of(page)
    reader.send("/import/1", do="publish")
    units = {i: each.record["unit"] for (_, i), each in node.reading.current("contact").items()}
    assert units == {"c1": "Night shift", "c2": ODD, "c3": "'=1+1"}
    assert node.reading.chain().sequence == 5
    page = upload(reader, saved(book), "contacts.xlsx")
    assert "There is nothing to publish" in words_of(page)


def test_columns_may_be_moved_and_new_rows_added_once(node: Node) -> None:
    reader = Reader(node, Role.OFFICER)
    book = book_of(reader, "/records.xlsx?kind=contact")
    sheet = book.worksheets[0]
    rows = [[cell.value for cell in row][::-1] for row in sheet.iter_rows()]
    place = rows[0].index("Identifier")
    rows.append([None if at == place else value for at, value in enumerate(rows[1])])
    for number, values in enumerate(rows, start=1):
        for at, value in enumerate(values, start=1):
            sheet.cell(number, at).value = value
            sheet.cell(number, at).data_type = "s"
    for _ in range(2):
        page = upload(reader, saved(book), "contacts.xlsx")
        address = reader.at  # type: ignore[attr-defined]
        reader.send(address, do="publish")
    assert "There is nothing to publish" in words_of(page)
    assert node.reading.chain().sequence == 5


def test_a_bad_cell_of_a_download_is_told_and_marked_where_it_is(node: Node) -> None:
    reader = Reader(node, Role.OFFICER)
    book = book_of(reader, "/records.xlsx?kind=contact")
    place = column(book, "Confirmed at")
    book.worksheets[0].cell(3, place).value = "soon"
    page = upload(reader, saved(book), "contacts.xlsx")
    assert "1 bad rows" in words_of(page)
    marked = book_of(reader, "/import/1/marked.xlsx")
    said = [cell.coordinate for row in marked.worksheets[0].iter_rows(min_row=2) for cell in row if cell.comment]
    assert said == [book.worksheets[0].cell(3, place).coordinate]
    assert marked.worksheets[0].data_validations.dataValidation


def test_a_csv_holds_no_formula_and_comes_back_unchanged(node: Node) -> None:
    reader = Reader(node, Role.OFFICER)
    data = reader.client.get("/records.csv?kind=contact").content
    text = data.decode("utf-8-sig")
    assert "'=HYPERLINK" in text
    assert ",=HYPERLINK" not in text
    assert "''=1+1" in text
    assert "0 new 0 changed 3 unchanged" in words_of(upload(reader, data, "contacts.csv"))


def test_workbooks_hold_texts_never_formulas(node: Node) -> None:
    sheet = book_of(Reader(node, Role.OFFICER), "/records.xlsx?kind=contact").worksheets[0]
    assert {cell.data_type for row in sheet for cell in row if cell.value is not None} == {"s"}


@pytest.mark.parametrize("kind", sorted(set(EXAMPLES) - {"finding"}))
def test_records_of_every_kind_come_back_unchanged(node: Node, kind: str) -> None:
    marking = "TLP:RED"  # kept here only: no consent stands in the way
    node.editor.apply([Put(parse_entry({**EXAMPLES[kind], "id": "full", "marking": marking, "recipients": None}))])
    reader = Reader(node, Role.OFFICER)
    page = upload(reader, reader.client.get(f"/ar/records.xlsx?kind={kind}").content, "r.xlsx")
    number = {"contact": 4, "organization": 2}.get(kind, 1)
    assert f"0 new 0 changed {number} unchanged 0 to be withdrawn 0 bad rows" in words_of(page)


def test_what_was_withdrawn_is_not_downloaded_lest_it_begins_anew(node: Node) -> None:
    node.editor.apply([Withdraw("contact", "c1", "Closed.")])
    text = Reader(node, Role.OFFICER).client.get("/records.csv?kind=contact&state=withdrawn&state=current").text
    assert ("contact,c1," in text, "contact,c2," in text) == (False, True)


def test_a_need_that_is_a_draft_comes_back_though_nobody_has_consented(node: Node) -> None:
    consent = {"consent_to_circulate": False, "consent_to_publish": False}
    draft = {**EXAMPLES["need"], "history": None, "id": "d1", "marking": "TLP:GREEN", "need_status": "draft", **consent}
    node.editor.apply([Put(parse_entry(draft))])
    reader = Reader(node, Role.OFFICER)
    page = upload(reader, reader.client.get("/records.csv?kind=need").content, "n.csv")
    assert "0 new 0 changed 1 unchanged" in words_of(page)


def test_a_finding_keeps_the_commitment_to_its_sources(node: Node) -> None:
    finding = {**EXAMPLES["finding"], "id": "f1", "marking": "TLP:RED", "recipients": None}
    node.editor.apply([Put(parse_entry(finding))])
    reader = Reader(node, Role.OFFICER)
    page = upload(reader, reader.client.get("/records.csv?kind=finding").content, "f.csv")
    assert "0 new 0 changed 1 unchanged" in words_of(page)


@pytest.mark.parametrize("address", ["/records.xlsx", "/records.csv?kind=contact&kind=need", "/records.csv?kind=x"])
def test_one_kind_is_downloaded_at_a_time(node: Node, address: str) -> None:
    assert Reader(node, Role.OFFICER).client.get(address).status_code == 422


def test_what_is_no_kind_has_no_template(node: Node) -> None:
    assert Reader(node, Role.OFFICER).client.get("/import/template/..%2fx.xlsx").status_code == 404
    assert Reader(node, Role.OFFICER).client.get("/import/template/x.xlsx").status_code == 404


def test_more_records_than_a_file_takes_are_told_and_none_is_left_out_silently(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("node.pages.downloads.MAX_RECORDS", 1)
    for address in ("/en/records.csv?kind=contact", "/en/records.xlsx?kind=contact"):
        reader = Reader(node, Role.OFFICER)
        words = reader.words(address)
        assert (reader.status, "A file takes 1 records, and more are found." in words) == (413, True)
