"""Tests of the API's acts on many records: done only as they were planned; by two where two must agree."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from node.accounts.rules import Role
from node.api.application import create_api
from node.node import Node
from tests.node.api.test_application import is_problem
from tests.node.asking import asker
from tests.node.nodes import joined_node, put

OFFICER, REVIEWER = Role.OFFICER, Role.REVIEWER
WITHDRAW = {"act": "withdraw", "value": "Closed.", "addresses": ["contact/a", "contact/b", "contact/none"]}


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    made = joined_node(tmp_path / "node")
    made.editor.apply([put("a"), put("b")])
    yield made
    made.engine.dispose()


@pytest.fixture
def amina(node: Node) -> TestClient:
    return asker(create_api(node), node, "amina", OFFICER)


@pytest.fixture
def strict(node: Node) -> FastAPI:
    return create_api(replace(node, settings=replace(node.settings, four_eyes=True)))


def planned(client: TestClient, work: dict[str, Any] = WITHDRAW) -> dict[str, Any]:
    answer = client.post("/api/v1/bulk/plan", json=work)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def state_of(node: Node, record_id: str) -> str:
    stood = node.reading.record("contact", record_id)
    assert stood is not None
    return stood.kept.state


def test_an_act_is_done_as_it_was_planned_and_once_for_a_key(node: Node, amina: TestClient) -> None:
    plan = planned(amina)
    assert [each["id"] for each in plan["items"]] == ["a", "b"]
    assert [each["id"] for each in plan["left_out"]] == ["none"]
    key, work = {"Idempotency-Key": "k"}, {**WITHDRAW, "digest": plan["digest"]}
    done = amina.post("/api/v1/bulk", json=work, headers=key)
    assert done.json() == {"state": "done", "records": 2, "batch": None}
    again = amina.post("/api/v1/bulk", json=work, headers=key)
    assert (again.json(), again.headers["idempotency-replayed"]) == (done.json(), "true")
    assert (state_of(node, "a"), state_of(node, "b")) == ("withdrawn", "withdrawn")
    assert [(each.who, each.subject) for each in node.acts.listed(act="bulk")] == [("Amina", "2 records")]


def test_what_was_changed_since_the_plan_is_not_done(node: Node, amina: TestClient) -> None:
    digest = planned(amina)["digest"]
    node.editor.apply([put("a", "Other name")])
    for given in (digest, "", None):
        answer = amina.post("/api/v1/bulk", json={**WITHDRAW, "digest": given})
        assert is_problem(answer, 409)["reason"] == "changed-meanwhile"
    assert state_of(node, "b") == "current"


def test_records_are_chosen_by_a_question_to_the_search(amina: TestClient) -> None:
    work = {"act": "marking", "value": "TLP:CLEAR", "query": "kind=contact"}
    plan = planned(amina, work)
    assert {each["id"] for each in (*plan["items"], *plan["left_out"])} == {"a", "b"}


@pytest.mark.parametrize("query", ["theme=x", "kind=contct", "knd=contact", "kind="])
def test_a_question_that_cannot_be_meant_does_not_choose_all_records(amina: TestClient, query: str) -> None:
    work = {"act": "withdraw", "value": "Closed.", "query": query}
    is_problem(amina.post("/api/v1/bulk/plan", json=work), 400)


@pytest.mark.parametrize(
    "change",
    [{"act": "burn"}, {"value": ""}, {"addresses": []}, {"addresses": ["x"]}, {"act": "marking", "value": "TLP:PINK"},
     {"act": "marking", "value": "TLP:AMBER"}, {"query": "kind=offer"}],
)  # fmt: skip
def test_what_is_no_act_is_refused(amina: TestClient, change: dict[str, Any]) -> None:
    is_problem(amina.post("/api/v1/bulk/plan", json={**WITHDRAW, **change}), 422)


def test_where_two_must_agree_another_person_approves(node: Node, strict: FastAPI) -> None:
    author, second = asker(strict, node, "bao", OFFICER, REVIEWER), asker(strict, node, "birgit", REVIEWER)
    handed = author.post("/api/v1/bulk", json={**WITHDRAW, "digest": planned(author)["digest"]}).json()
    assert (handed["state"], state_of(node, "a")) == ("submitted", "current")
    address = f"/api/v1/bulk/{handed['batch']}"
    shown = second.get(address).json()
    assert (shown["owner"], shown["own"], shown["may_approve"]) == ("Bao", False, True)
    approved = {"digest": shown["plan"]["digest"]}
    assert is_problem(author.post(f"{address}/approve", json=approved), 403)["reason"] == "not-allowed"
    assert is_problem(second.post(f"{address}/approve", json={"digest": "x"}), 409)["reason"] == "changed-meanwhile"
    assert [each["number"] for each in second.get("/api/v1/bulk").json()["items"]] == [handed["batch"]]
    assert second.post(f"{address}/approve", json=approved).json()["records"] == 2
    assert state_of(node, "a") == "withdrawn"
    is_problem(second.get(address), 404)
    assert [each.who for each in node.acts.listed(act="bulk.approved", outcome="done")] == ["Birgit"]


def test_an_act_that_waits_is_taken_back(node: Node, strict: FastAPI) -> None:
    author = asker(strict, node, "bao", OFFICER)
    handed = author.post("/api/v1/bulk", json={**WITHDRAW, "digest": planned(author)["digest"]}).json()
    address = f"/api/v1/bulk/{handed['batch']}"
    is_problem(asker(strict, node, "chidi", OFFICER).delete(address), 404)
    assert author.delete(address).status_code == 204
    assert (author.get("/api/v1/bulk").json()["items"], state_of(node, "a")) == ([], "current")
