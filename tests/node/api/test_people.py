"""Tests of the API's people: added, given roles, disabled; codes are given once, and the last administrator stays."""

import pytest
from starlette.testclient import TestClient

from node.accounts.rules import Role
from node.api.application import create_api
from node.node import Node
from people.log_ins import From
from tests.node.api.test_application import is_problem
from tests.node.asking import asker

PEOPLE = "/api/v1/people"
BRUNO = {"name": "Bruno@exercise.example", "person": "Bruno B.", "roles": ["officer", "reviewer"]}


@pytest.fixture(scope="module")
def administrator(node: Node) -> TestClient:
    return asker(create_api(node), node, "ada", Role.ADMINISTRATOR)


def test_a_person_is_added_once_with_a_code_that_is_given_once(node: Node, administrator: TestClient) -> None:
    key = {"Idempotency-Key": "bruno"}
    made = administrator.post(PEOPLE, json=BRUNO, headers=key)
    assert made.status_code == 201, made.text
    assert made.headers["location"] == f"{PEOPLE}/bruno@exercise.example"
    assert made.json()["person"] == {**administrator.get(made.headers["location"]).json()}
    assert made.json()["person"]["roles"] == ["officer", "reviewer"]
    again = administrator.post(PEOPLE, json=BRUNO, headers=key)
    assert again.json() == {"person": made.json()["person"], "code": None}
    assert again.headers["idempotency-replayed"] == "true"
    assert node.people.log_ins.by_code(made.json()["code"], "a long enough password", From("192.0.2.1")).session
    listed = administrator.get(PEOPLE).json()["items"]
    assert {each["name"]: each["state"] for each in listed} == {"ada": "invited", "bruno@exercise.example": "active"}
    assert "password" not in listed[0]
    noted = node.acts.listed(act="person.added", limit=1)[0]
    assert (noted.who, noted.subject) == ("Ada", "bruno@exercise.example")
    assert administrator.get("/api/v1/log-ins").json()["items"]


def test_roles_are_changed_of_the_account_that_was_seen_and_of_no_other(node: Node, administrator: TestClient) -> None:
    node.people.add("x", "chidi", ["officer"])
    address = f"{PEOPLE}/chidi"
    seen = {"If-Match": administrator.get(address).headers["etag"]}
    changed = administrator.put(f"{address}/roles", json={"roles": ["reviewer"]}, headers=seen)
    assert changed.json()["roles"] == ["reviewer"]
    for answer in (
        administrator.put(f"{address}/roles", json={"roles": ["administrator"]}, headers=seen),
        administrator.post(f"{address}/disable", headers=seen),
        administrator.post(f"{address}/code", headers=seen),
    ):
        assert is_problem(answer, 412)["reason"] == "version-changed"
    assert administrator.get(address).json()["roles"] == ["reviewer"]
    seen = {"If-Match": changed.headers["etag"]}
    assert administrator.post(f"{address}/disable", headers=seen).json()["state"] == "disabled"
    assert administrator.post(f"{address}/enable").json()["state"] == "invited"
    assert administrator.post(f"{address}/code").json()["code"]


def test_the_last_administrator_stays_and_nobody_is_not_found(administrator: TestClient) -> None:
    for answer in (
        administrator.post(f"{PEOPLE}/ada/disable"),
        administrator.put(f"{PEOPLE}/ada/roles", json={"roles": ["officer"]}),
    ):  # fmt: skip
        assert "last administrator" in is_problem(answer, 422)["detail"]
    for answer in (
        administrator.get(f"{PEOPLE}/nobody"), administrator.post(f"{PEOPLE}/nobody/code"),
        administrator.put(f"{PEOPLE}/nobody/roles", json={"roles": ["officer"]}),
    ):  # fmt: skip
        is_problem(answer, 404)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [({"name": "dora", "roles": []}, "/roles"), ({"name": "dora", "roles": ["king"]}, "/roles/0"), ({}, "/name")],
)
def test_who_cannot_be_added_is_not(administrator: TestClient, body: dict[str, object], pointer: str) -> None:
    assert is_problem(administrator.post(PEOPLE, json=body), 422)["errors"][0]["pointer"] == pointer
    assert is_problem(administrator.post(PEOPLE, json={"name": "x y", "roles": ["officer"]}), 422)


def test_a_person_added_twice_is_refused(administrator: TestClient) -> None:
    body = {"name": "emil", "roles": ["officer"]}
    assert administrator.post(PEOPLE, json=body).status_code == 201
    assert is_problem(administrator.post(PEOPLE, json=body), 422)["reason"] == "bad-account"
