"""Tests of the API's search in own records, and of the files that it gives: as the grid finds them."""

import csv
import io
from collections.abc import Iterator

import openpyxl
import pytest
from starlette.testclient import TestClient

from node.accounts.rules import Role
from node.api.application import create_api
from node.node import Node
from node.workbooks import MAX_RECORDS
from tests.node.api.test_application import is_problem
from tests.node.asking import asker
from tests.node.nodes import joined_node, put


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    made = joined_node(tmp_path_factory.mktemp("node") / "node")
    made.editor.apply([put("a", "Zephyr desk"), put("b", "Harbour"), put("c", "=HYPERLINK(1)")])
    yield made
    made.engine.dispose()


@pytest.fixture(scope="module")
def client(node: Node) -> TestClient:
    return asker(create_api(node), node, "rita", Role.REVIEWER)


def test_records_are_found_by_words_and_facets_a_page_at_a_time(client: TestClient) -> None:
    found = client.get("/api/v1/search", params={"q": "zephyr"}).json()
    assert [(each["kind"], each["id"], each["state"]) for each in found["items"]] == [("contact", "a", "current")]
    assert (found["counts"]["kind"], found["counts_at_least"]) == ({"contact": 1}, False)
    assert client.get("/api/v1/search").json()["counts"]["kind"] == {"contact": 3, "organization": 1}
    first = client.get("/api/v1/search", params={"kind": "contact", "sort": "title", "limit": 2}).json()
    rest = client.get(
        "/api/v1/search", params={"kind": "contact", "sort": "title", "limit": 2, "after": first["next"]}
    ).json()
    assert {each["id"] for each in (*first["items"], *rest["items"])} == {"a", "b", "c"}
    assert (first["total"], rest["next"]) == (3, None)


@pytest.mark.parametrize(
    "query",
    ["kind=shoe", "sort=colour", "sort=", "theme=x", "place=ZZZ", "colour=red", "after=x", "limit=501",
     "sort=title&sort=kind", "sort=changed&after=WyIyMDI2IiwxODQ0Njc0NDA3MzcwOTU1MTYxNV0"],
)  # fmt: skip
def test_a_question_that_cannot_be_meant_is_an_error(client: TestClient, query: str) -> None:
    is_problem(client.get(f"/api/v1/search?{query}"), 400)


def test_what_is_found_comes_as_files_without_formulas_and_stands_in_the_trail(node: Node, client: TestClient) -> None:
    got = client.get("/api/v1/files/records.csv", params={"kind": "contact", "q": "hyperlink"})
    rows = list(csv.DictReader(io.StringIO(got.content.decode("utf-8-sig"))))
    assert [row["id"] for row in rows] == ["c"]
    assert not any((value or "").startswith("=") for value in rows[0].values())
    book = openpyxl.load_workbook(io.BytesIO(client.get("/api/v1/files/records.xlsx?kind=contact").content))
    assert book.worksheets[0].max_row >= 4
    noted = node.acts.listed(act="records.downloaded", limit=1)[0]
    assert (noted.who, noted.detail) == ("Rita", "3 records")
    is_problem(client.get("/api/v1/files/records.csv"), 422)


def test_the_description_tells_how_many_records_a_file_takes(client: TestClient) -> None:
    described = client.get("/openapi.json").json()["paths"]["/api/v1/files/records.csv"]["get"]["summary"]
    assert described.endswith(f"at most {MAX_RECORDS:,}")


def test_an_empty_workbook_of_a_kind_is_given(client: TestClient) -> None:
    book = openpyxl.load_workbook(io.BytesIO(client.get("/api/v1/files/template/need.xlsx").content))
    assert book.worksheets[0].max_column > 5
    is_problem(client.get("/api/v1/files/template/shoe.xlsx"), 404)
