"""Tests of problem details: what nobody foresaw is one too, and tells nothing of itself."""

from pathlib import Path

from starlette.testclient import TestClient

from node.api.application import create_api
from tests.node.api.test_application import is_problem
from tests.node.nodes import joined_node


def test_an_error_of_the_node_is_a_problem_that_gives_nothing_away(tmp_path: Path) -> None:
    node = joined_node(tmp_path / "node")
    token = node.access.create("tests", "2026-11-24T00:00:00.000Z")
    client = TestClient(create_api(node), headers={"Authorization": f"Bearer {token}"}, raise_server_exceptions=False)
    with node.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE answered")
    answer = client.post("/api/v1/records/organization/xa-centre/confirm", headers={"Idempotency-Key": "k"})
    problem = is_problem(answer, 500)
    assert "answered" not in answer.text
    assert "log says what" in problem["detail"]


def test_an_address_or_a_method_that_is_none_is_a_problem(tmp_path: Path) -> None:
    client = TestClient(create_api(joined_node(tmp_path / "node")))
    is_problem(client.get("/api/v1/nothing"), 404)
    is_problem(client.patch("/api/v1/records"), 405)
