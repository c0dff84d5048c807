"""A journey: a file with a bad cell is imported, given back with a comment, corrected, and imported again."""

import csv
import io
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Browser, expect

from node.node import Node
from node.pages.desk import Role
from tests.node.nodes import joined_node
from tests.node.pages.asked import api_of
from tests.node.serving import served
from tests.pages.browsing import DESKTOP, PHONE, a_page, axe_findings
from tests.pages.people import Person

ROWS = [["Code", "Name", "Unit"], ["1", "Harbour office", "Ports"], ["2", "", "Air"]]


def write(path: Path, rows: list[list[str]]) -> Path:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    path.write_text(out.getvalue())
    return path


def upload(who: Person, path: Path) -> None:
    who.goes_to("/import")
    who.page.get_by_label(who.words("File"), exact=True).set_input_files(path)
    who.presses("Upload")


def map_columns(who: Person) -> None:
    page = who.page
    expect(who.heading).to_have_text(who.words("Map the columns"))
    who.fits()
    # Two columns are called like fields in English, and are taken for them in every language.
    expect(page.get_by_label(who.words("What %(name)s becomes", name="Unit"))).to_have_value("unit")
    page.get_by_label(who.words("What %(name)s becomes", name="Name")).select_option(f"name.{who.language}")
    page.fill("[name='field.confirmed_at']", "2026-11-01")
    page.select_option("[name='field.card_kind']", "group")
    page.select_option("[name='field.roles']", "ct_focal_point")
    page.select_option("[name='field.visibility']", "members")
    who.presses("Check the rows")


def units(node: Node) -> list[str]:
    return sorted(each.record["unit"] for each in node.reading.current("contact").values())


@pytest.mark.parametrize(("language", "size"), [("en", DESKTOP), ("ar", PHONE)], ids=["desktop-en", "phone-ar"])
def test_a_file_with_a_bad_cell_is_corrected_and_imported_again(
    browser: Browser, tmp_path: Path, language: str, size: dict[str, int]
) -> None:
    node = joined_node(tmp_path / "node")
    with served(api_of(node, *Role)) as address, a_page(browser, address, size) as page:
        who = Person(page, language)
        upload(who, write(tmp_path / "offices.csv", ROWS))
        map_columns(who)
        bad = page.locator(".li-tile").filter(has_text=who.words("bad rows"))
        expect(bad.locator("strong")).to_have_text("1")
        who.fits()
        with page.expect_download() as download:
            who.follows("The file with a comment in each bad cell")
        marked = openpyxl.load_workbook(io.BytesIO(download.value.path().read_bytes())).worksheets[0]
        assert [cell.comment.text for row in marked for cell in row if cell.comment] != []
        publish(who)
        assert units(node) == ["Ports"]

        upload(who, write(tmp_path / "offices.csv", [*ROWS[:2], ["2", "Airport office", "Air"]]))
        who.presses("Use %(name)s", name="offices")
        unchanged = page.locator(".li-tile").filter(has_text=who.words("unchanged"))
        expect(unchanged.locator("strong")).to_have_text("1")
        publish(who)
        assert units(node) == ["Air", "Ports"]

        who.follows("To the records")
        page.get_by_label(who.words("Words, in any language")).fill("airport")
        who.presses("Show")
        page.get_by_label(who.words("Choose %(title)s", title="Airport office")).check()
        page.get_by_label(who.words("What is to be done")).select_option("review_due")
        who.presses("Next")
        page.get_by_label(who.words("Day of the next review")).fill("2027-05-01")
        who.presses("Show what would change")
        assert axe_findings(page) == []
        page.locator("main form button.btn-primary").click()
        expect(page.get_by_role("status")).to_be_visible()
    assert "2027-05-01" in {each.record.get("review_due") for each in node.reading.current("contact").values()}
    node.engine.dispose()


def publish(who: Person) -> None:
    """Press the one button, which counts what it publishes, and wait until it is done."""
    who.page.locator("button[name=do][value=publish]").click()
    expect(who.page.get_by_role("status")).to_contain_text(who.words("Done. The file was deleted from this node."))
