"""A journey: a file with a bad cell is imported, given back with a comment, corrected, and imported again."""

import csv
import io
from pathlib import Path

import openpyxl
from playwright.sync_api import Browser, Page, expect

from node.node import Node
from node.pages.desk import Role
from tests.node.nodes import joined_node
from tests.node.pages.asked import api_of
from tests.node.serving import served
from tests.pages.browsing import a_page, axe_findings

ROWS = [["Code", "Name", "Unit"], ["1", "Harbour office", "Ports"], ["2", "", "Air"]]


def write(path: Path, rows: list[list[str]]) -> Path:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    path.write_text(out.getvalue())
    return path


def upload(page: Page, path: Path) -> None:
    page.goto("/en/import")
    page.get_by_label("File", exact=True).set_input_files(path)
    page.get_by_role("button", name="Upload", exact=True).click()


def map_columns(page: Page) -> None:
    expect(page.locator("h1")).to_have_text("Map the columns")
    assert axe_findings(page) == []
    expect(page.get_by_label("What Name becomes")).to_have_value("name.en")
    page.get_by_label("Confirmed at (optional)", exact=True).fill("2026-11-01")
    page.get_by_label("Kind of contact (optional)", exact=True).select_option("group")
    page.get_by_label("Roles (optional)", exact=True).select_option("ct_focal_point")
    page.get_by_label("Visibility (optional)", exact=True).select_option("members")
    page.get_by_role("button", name="Check the rows").click()


def units(node: Node) -> list[str]:
    return sorted(each.record["unit"] for each in node.reading.current("contact").values())


def test_a_file_with_a_bad_cell_is_corrected_and_imported_again(browser: Browser, tmp_path: Path) -> None:
    node = joined_node(tmp_path / "node")
    with served(api_of(node, *Role)) as address, a_page(browser, address) as page:
        upload(page, write(tmp_path / "offices.csv", ROWS))
        map_columns(page)
        expect(page.locator(".li-tiles")).to_contain_text("1 bad rows")
        assert axe_findings(page) == []
        with page.expect_download() as download:
            page.get_by_role("link", name="The file with a comment in each bad cell").click()
        marked = openpyxl.load_workbook(io.BytesIO(download.value.path().read_bytes())).worksheets[0]
        assert [cell.comment.text for row in marked for cell in row if cell.comment] != []
        page.get_by_role("button", name="Publish 1 change").click()
        expect(page.get_by_role("status")).to_contain_text("Done.")
        assert units(node) == ["Ports"]

        upload(page, write(tmp_path / "offices.csv", [*ROWS[:2], ["2", "Airport office", "Air"]]))
        page.get_by_role("button", name="Use offices").click()
        expect(page.locator(".li-tiles")).to_contain_text("1 unchanged")
        page.get_by_role("button", name="Publish 1 change").click()
        expect(page.get_by_role("status")).to_contain_text("Done.")
        assert units(node) == ["Air", "Ports"]

        page.get_by_role("link", name="To the records").click()
        page.get_by_label("Words, in any language").fill("airport")
        page.get_by_role("button", name="Show").click()
        page.get_by_label("Choose Airport office").check()
        page.get_by_label("What is to be done").select_option("review_due")
        page.get_by_role("button", name="Next").click()
        page.get_by_label("Day of the next review").fill("2027-05-01")
        page.get_by_role("button", name="Show what would change").click()
        assert axe_findings(page) == []
        page.get_by_role("button", name="Do it for 1 record").click()
        expect(page.get_by_role("status")).to_contain_text("Done: 1 record.")
    assert "2027-05-01" in {each.record.get("review_due") for each in node.reading.current("contact").values()}
    node.engine.dispose()
