"""Tests of the API's tokens: listed without secrets, made for programs by administrators, removed by whose they are."""

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from node.accounts.rules import Role
from node.api.application import create_api
from node.node import Node
from node.store.access import Holder
from tests.node.api.test_application import is_problem
from tests.node.asking import asker

TOKENS = "/api/v1/tokens"


@pytest.fixture(scope="module")
def app(node: Node) -> FastAPI:
    return create_api(node)


@pytest.fixture(scope="module")
def administrator(node: Node, app: FastAPI) -> TestClient:
    return asker(app, node, "ada", Role.ADMINISTRATOR)


def test_a_program_s_token_is_made_once_told_once_and_removed(node: Node, administrator: TestClient) -> None:
    key, body = {"Idempotency-Key": "t1"}, {"name": "Case system"}
    made = administrator.post(TOKENS, json=body, headers=key).json()
    token = made.pop("token")
    assert node.access.holder(token) == Holder("Case system")
    assert (made["person"], made["roles"], made["ends"]) == (None, [], None)
    assert administrator.post(TOKENS, json=body, headers=key).json() == made, "the secret is not told again"
    assert token not in administrator.get(TOKENS).text
    assert administrator.delete(f"{TOKENS}/{made['id']}").status_code == 204
    assert node.access.holder(token) is None
    is_problem(administrator.delete(f"{TOKENS}/{made['id']}"), 404)
    is_problem(administrator.post(TOKENS, json=body, headers=key), 404)
    is_problem(administrator.post(TOKENS, json={"name": "a\nb"}), 422)
    assert [each.who for each in node.acts.listed(act="token.", limit=2)] == ["Ada", "Ada"]


def test_others_see_and_remove_their_own_only(node: Node, app: FastAPI, administrator: TestClient) -> None:
    amina = asker(app, node, "amina", Role.OFFICER)
    assert [each["person"] for each in amina.get(TOKENS).json()["items"]] == ["Amina"]
    all_of_them = administrator.get(TOKENS).json()["items"]
    assert {each["person"] for each in all_of_them} == {"Ada", "Amina"}
    [hers] = [each["id"] for each in all_of_them if each["person"] == "Ada"]
    is_problem(amina.delete(f"{TOKENS}/{hers}"), 404)
    [own] = [each["id"] for each in all_of_them if each["person"] == "Amina"]
    assert amina.delete(f"{TOKENS}/{own}").status_code == 204
    is_problem(amina.get(TOKENS), 401)


def test_no_token_makes_another_of_a_person(administrator: TestClient) -> None:
    refused = administrator.post(TOKENS, json={"name": "x", "roles": ["administrator"]})
    assert is_problem(refused, 422)["errors"][0]["pointer"] == "/roles"
