"""Tests of the trail's page: filters, pages, bad questions, and a CSV that no spreadsheet runs."""

import csv
import io
from pathlib import Path

import pytest

from node.node import Node
from node.pages.desk import Role
from tests.node.nodes import contact, joined_node
from tests.node.pages.asked import Reader


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Node:
    """A node in which much was done."""
    made = joined_node(Path(tmp_path_factory.mktemp("acts")) / "node")
    for number in range(150):
        made.acts.note("command (root)", "record.confirmed", f"need/n{number}")
    made.acts.note("=HYPERLINK(1)", "token.made", "+1", "@x", outcome="refused")
    return made


@pytest.fixture
def administrator(node: Node) -> Reader:
    return Reader(node, Role.ADMINISTRATOR)


def rows(reader: Reader, address: str) -> list[list[str]]:
    return [[cell.text_content() for cell in row] for row in reader.read(address).xpath("//tbody/tr")]


def test_the_trail_comes_newest_first_in_pages(administrator: Reader) -> None:
    page = administrator.read("/acts")
    assert len(page.xpath("//tbody/tr")) == 100
    [following] = page.xpath("//a[@rel='next']/@href")
    assert len(rows(administrator, following)) == 51


def test_filters_stand_in_the_address(administrator: Reader) -> None:
    assert len(rows(administrator, "/acts?subject=n14&who=root")) == 11
    [[_, who, act, about, outcome, detail]] = rows(administrator, "/acts?outcome=refused")
    assert (who, act, about, outcome, detail) == ("=HYPERLINK(1)", "token.made", "+1", "refused", "@x")


@pytest.mark.parametrize("query", ["outcome=perhaps", "after=x", "colour=red", "who=" + "x" * 300])
def test_a_bad_question_is_said_beside_the_page(administrator: Reader, query: str) -> None:
    page = administrator.read(f"/acts?{query}")
    assert administrator.status == 422
    assert page.xpath("//*[@id='errors']//li")


def test_the_csv_has_what_was_asked_for_and_no_formula_and_is_noted_itself(node: Node, administrator: Reader) -> None:
    got = administrator.client.get("/acts.csv?act=token")
    assert "attachment" in got.headers["content-disposition"]
    head, row = csv.reader(io.StringIO(got.content.decode("utf-8-sig")))
    assert head == ["number", "at", "account", "who", "act", "subject", "detail", "outcome"]
    assert row[3:7] == ["'=HYPERLINK(1)", "token.made", "'+1", "'@x"]
    assert node.acts.listed(limit=1)[0].act == "acts.exported"


def test_what_a_program_changes_is_noted_with_its_token_and_what_it_asks_is_not(node: Node) -> None:
    client = Reader(node).client
    bearer = {"Authorization": f"Bearer {node.access.create('case system', '2026-11-24T00:00:00.000Z')}"}
    client.put("/api/v1/records/contact/a", json=contact("a"), headers=bearer)
    client.put("/api/v1/records/contact/a", json={}, headers=bearer)
    client.get("/api/v1/records", headers=bearer)
    client.put("/api/v1/records/contact/a", json={}, headers={"Authorization": "Bearer wrong"})
    found = node.acts.listed(who="token (case system)")
    assert [(each.act, each.subject, each.detail, each.outcome) for each in found] == [
        ("api.put", "records/contact/a", "answered 422", "refused"),
        ("api.put", "records/contact/a", "answered 200", "done"),
    ]
    assert node.acts.listed(limit=1)[0].who == "token (case system)", "nobody's requests are not noted"
