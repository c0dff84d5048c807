"""Tests of conditions: a change of this version only, and only once, whoever comes between."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from node.api.application import create_api
from node.api.conditions import Conditions
from node.node import Node
from node.store.answered import Key
from tests.node.api.test_application import is_problem
from tests.node.nodes import contact, joined_node, put

ADDRESS = "/api/v1/records/contact/a"


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    node = joined_node(tmp_path / "node")
    yield node
    node.engine.dispose()


@pytest.fixture
def member(node: Node) -> TestClient:
    return client_of(node, "tests")


def client_of(node: Node, name: str) -> TestClient:
    token = node.access.create(name, "2026-11-24T00:00:00.000Z")
    return TestClient(create_api(node), headers={"Authorization": f"Bearer {token}"})


def test_a_change_of_another_version_is_refused_and_changes_nothing(member: TestClient, node: Node) -> None:
    first = member.put(ADDRESS, json=contact("a")).headers["etag"]
    second = member.put(ADDRESS, json=contact("a", "Other"), headers={"If-Match": first})
    assert second.status_code == 200
    for answer in (
        member.put(ADDRESS, json=contact("a", "Third"), headers={"If-Match": first}),
        member.post(f"{ADDRESS}/confirm", headers={"If-Match": first}),
        member.delete(ADDRESS, params={"reason": "Closed."}, headers={"If-Match": first}),
    ):
        assert is_problem(answer, 412)["reason"] == "version-changed"
    assert node.reading.chain().sequence == 3
    confirmed = member.post(f"{ADDRESS}/confirm", headers={"If-Match": second.headers["etag"]})
    gone = {"If-Match": f'"x", {confirmed.headers["etag"]}'}
    assert member.delete(ADDRESS, params={"reason": "Closed."}, headers=gone).status_code == 200


def test_the_statement_of_a_record_names_its_version_too(member: TestClient) -> None:
    made = member.put(ADDRESS, json=contact("a")).json()["record"]
    again = {"If-Match": f'"{made["statement"]}"'}
    assert member.put(ADDRESS, json=contact("a", "Other"), headers=again).status_code == 200


def test_a_record_that_is_kept_here_only_has_versions_too(member: TestClient) -> None:
    first = member.put(ADDRESS, json=contact("a", marking="TLP:RED")).headers["etag"]
    again = contact("a", "Other", marking="TLP:RED")
    assert member.put(ADDRESS, json=again, headers={"If-Match": first}).status_code == 200
    assert member.put(ADDRESS, json=contact("a", marking="TLP:RED"), headers={"If-Match": first}).status_code == 412


def test_a_new_record_can_be_put_on_condition_that_it_is_new(member: TestClient) -> None:
    assert member.put(ADDRESS, json=contact("a"), headers={"If-Match": "*"}).status_code == 412
    assert member.put(ADDRESS, json=contact("a"), headers={"If-None-Match": "*"}).status_code == 200
    assert member.put(ADDRESS, json=contact("a", "Other"), headers={"If-None-Match": "*"}).status_code == 412


def test_what_is_no_tag_and_no_key_is_refused(member: TestClient) -> None:
    is_problem(member.put(ADDRESS, json=contact("a"), headers={"If-Match": "abc"}), 400)
    is_problem(member.get("/api/v1/records/organization/xa-centre", headers={"If-None-Match": "abc"}), 400)
    for key in ("", "a b", "x" * 256):
        is_problem(member.post("/api/v1/records", json=contact(None), headers={"Idempotency-Key": key}), 400)


def test_a_request_with_a_key_is_done_once_and_answered_the_same(member: TestClient, node: Node) -> None:
    key = {"Idempotency-Key": "8e03978e-40d5-43dd-bc93-6894a57f9324"}
    first = member.post("/api/v1/records", json=contact(None), headers=key)
    again = member.post("/api/v1/records", json=contact(None), headers=key)
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert (first.headers.get("idempotency-replayed"), again.headers["idempotency-replayed"]) == (None, "true")
    assert first.headers["location"] == again.headers["location"] == f"/api/v1/records/contact/{first.json()['id']}"
    assert node.reading.chain().sequence == 2
    confirm = f"{first.headers['location']}/confirm"
    sequences = [member.post(confirm, headers={"Idempotency-Key": "c"}).json()["sequence"] for _ in range(2)]
    assert sequences == [3, 3]


def test_a_key_with_another_request_is_refused(member: TestClient, node: Node) -> None:
    key = {"Idempotency-Key": "k"}
    member.post("/api/v1/records", json=contact(None), headers=key)
    for answer in (
        member.post("/api/v1/records", json=contact(None, "Other"), headers=key),
        member.post("/api/v1/records/organization/xa-centre/confirm", headers=key),
    ):
        assert is_problem(answer, 422)["reason"] == "key-reused"
    assert node.reading.chain().sequence == 2
    assert client_of(node, "others").post("/api/v1/records", json=contact(None), headers=key).status_code == 201


def test_what_is_refused_leaves_the_key_free(member: TestClient) -> None:
    key = {"Idempotency-Key": "k"}
    is_problem(member.post("/api/v1/records", json={"kind": "need"}, headers=key), 422)
    assert member.post("/api/v1/records", json=contact(None), headers=key).status_code == 201


def test_the_answer_to_a_key_holds_nothing_of_a_record_that_was_erased(member: TestClient, node: Node) -> None:
    key = {"Idempotency-Key": "k"}
    made = member.post("/api/v1/records", json=contact("a"), headers=key)
    node.eraser.erase("contact", "a", "")
    again = member.post("/api/v1/records", json=contact("a"), headers=key)
    assert (again.status_code, again.json()["sequence"]) == (201, made.json()["sequence"])
    assert again.json()["record"]["record"] is None


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_of_many_requests_at_once_with_one_key_only_one_changes_something(
    request: pytest.FixtureRequest, tmp_path: Path, database: str
) -> None:
    url = request.getfixturevalue("node_postgres_url") if database == "postgresql" else ""
    node = joined_node(tmp_path / "node", url)
    key = Key(b"t" * 32, b"k" * 32, b"r" * 32)

    def post(_number: int) -> int | None:
        return node.editor.apply([put(None)], beside=Conditions(key=key, now=1))[0].sequence

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(post, range(8))) == [2] * 8
    assert node.reading.chain().sequence == 2
    node.engine.dispose()
