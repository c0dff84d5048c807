"""The checks for programs: with a token, the same list as page and command."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from node.accounts.rules import Role
from node.api.application import create_api
from node.node import Node
from tests.node.asking import asker
from tests.node.nodes import joined_node


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    node = joined_node(tmp_path / "node")
    yield node
    node.engine.dispose()


def test_the_checks_are_for_whoever_has_a_token(node: Node) -> None:
    client = TestClient(create_api(node))
    assert client.get("/api/v1/doctor").status_code == 401
    client.headers["Authorization"] = f"Bearer {node.access.create('monitor', '2026-11-26T12:00:00.000Z')}"
    found = client.get("/api/v1/doctor").json()
    assert found["organization"] == "xa-centre"
    assert {each["name"]: each["result"] for each in found["checks"]}["reached"] == "fail"
    assert any(each["detail"] for each in found["checks"])
    sequence = node.outbox.head()[0]
    assert not client.post("/api/v1/doctor").json()["well"]
    assert node.outbox.head()[0] == sequence, "without a way to the hub no test event is signed"


def test_technical_detail_is_for_administrators(node: Node) -> None:
    app = create_api(node)
    told = [
        [each["detail"] for each in asker(app, node, f"p-{role}", role).get("/api/v1/doctor").json()["checks"]]
        for role in (Role.OFFICER, Role.ADMINISTRATOR)
    ]
    assert [any(each) for each in told] == [False, True]
