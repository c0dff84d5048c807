"""The node's HTTP interface: who may, what it answers, and how it refuses."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from fastapi.routing import APIRoute
from starlette.testclient import TestClient

from node.alarms import Finding, Name
from node.api.application import create_api
from node.api.guard import MAX_BODY
from node.node import Node
from node.store.access import Holder
from tests.node.nodes import ORG, contact, joined_node, read_registry
from tests.node.test_cli_readers import letter


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    node = joined_node(tmp_path / "node")
    yield node
    node.engine.dispose()


@pytest.fixture
def anybody(node: Node) -> TestClient:
    return TestClient(create_api(node), raise_server_exceptions=False)


@pytest.fixture
def member(node: Node, anybody: TestClient) -> TestClient:
    token = node.access.create("tests", "2026-11-24T00:00:00.000Z")
    return TestClient(anybody.app, headers={"Authorization": f"Bearer {token}"}, raise_server_exceptions=False)


def is_problem(answer: Any, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = answer.json()
    assert document["status"] == status
    assert document["detail"]
    return document


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic eDp5"}])
def test_without_a_valid_token_nothing_is_told_or_changed_at_any_address(
    anybody: TestClient, node: Node, header: dict[str, str]
) -> None:
    described = anybody.get("/openapi.json").json()["paths"]
    addresses = [(how, at) for at, methods in described.items() if at.startswith("/api/") for how in methods]
    assert len(addresses) > 70
    for method, address in addresses:
        path = re.sub(r"\{\w+\}", "1", address)
        answer = anybody.request(method.upper(), path, headers=header, json=contact("a"))
        assert "liaison-node token" in is_problem(answer, 401)["detail"], (method, address)
        assert answer.headers["www-authenticate"] == "Bearer"
    assert node.reading.chain().sequence == 1


def test_nothing_is_looked_for_at_an_address_that_no_database_can_hold(anybody: TestClient, member: TestClient) -> None:
    for client in (anybody, member):
        for method, path in (("GET", "/records/need/%00"), ("POST", "/people/%00/code"), ("PUT", "/api/v1/people/%00")):
            answer = client.request(method, path)
            assert is_problem(answer, 404)["reason"] == "not-found"
            assert answer.headers["x-content-type-options"] == "nosniff"


def test_the_database_holds_no_token(node: Node, tmp_path: Path) -> None:
    token = node.access.create("tests", "2026-11-24T00:00:00.000Z")
    assert node.access.holder(token) == Holder("tests")
    files = b"".join(path.read_bytes() for path in (tmp_path / "node").glob("node.sqlite*"))
    assert b"tests" in files
    assert token.encode() not in files
    assert token.removeprefix("liaison_node_").encode() not in files


@pytest.mark.parametrize("path", ["/", "/livez", "/api/v1/records", "/nothing-here"])
def test_head_tells_what_get_would(anybody: TestClient, member: TestClient, path: str) -> None:
    for client in (anybody, member):
        asked, told = client.get(path, follow_redirects=False), client.head(path, follow_redirects=False)
        assert (told.status_code, told.content) == (asked.status_code, b"")
        pages = {"content-length": "of a page that tells the time"} if "html" in asked.headers["content-type"] else {}
        assert {**told.headers, **pages} == {**asked.headers, **pages}


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/version", "/", "/openapi.json"])
def test_what_is_open_needs_no_token_and_no_other_host(anybody: TestClient, path: str) -> None:
    answer = anybody.get(path)
    assert answer.status_code == 200
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    # A pattern that addresses in records must match leads nowhere.
    assert "//" not in answer.text.replace("</", "").replace("^https?://", "")


@pytest.mark.parametrize("path", ["/docs", "/redoc"])
def test_pages_that_load_from_elsewhere_are_not_there(anybody: TestClient, path: str) -> None:
    is_problem(anybody.get(path), 404)


def test_every_address_can_be_built(anybody: TestClient) -> None:
    routes = [route for route in anybody.app.routes if isinstance(route, APIRoute)]  # type: ignore[attr-defined]
    assert len(routes) > 140
    assert all(route.dependant.call == route.endpoint for route in routes)


def test_a_record_is_put_read_revised_confirmed_and_withdrawn(member: TestClient) -> None:
    made = member.post("/api/v1/records", json=contact(None))
    assert made.status_code == 201
    record_id = made.json()["id"]
    address = f"/api/v1/records/contact/{record_id}"
    read = member.get(address).json()
    assert (read["org"], read["status"], read["sequence"], read["progress"]) == (ORG, "current", 2, "sealed")
    assert {"kind", "id", "marking", "record", "statement", "index", "published", "freshness"} <= set(read)

    revised = member.put(address, json={**contact(None, "Other"), "id": record_id})
    assert (revised.status_code, revised.json()["outcome"]) == (200, "revised")
    assert member.put(address, json=contact(record_id, "Other")).json()["outcome"] == "unchanged"
    assert member.post(f"{address}/confirm").json()["outcome"] == "confirmed"
    assert member.delete(address, params={"reason": "Closed."}).json()["outcome"] == "withdrawn"
    assert member.get(address).json()["status"] == "withdrawn"
    assert [each["id"] for each in member.get("/api/v1/records?kind=contact").json()["items"]] == []
    assert len(member.get("/api/v1/records?kind=contact&status=withdrawn").json()["items"]) == 1


def test_the_address_gives_kind_and_id_and_may_not_be_contradicted(member: TestClient) -> None:
    bare = {name: value for name, value in contact("a").items() if name not in ("kind", "id")}
    assert member.put("/api/v1/records/contact/a", json=bare).status_code == 200
    problem = is_problem(member.put("/api/v1/records/contact/b", json=contact("a")), 422)
    assert [each["pointer"] for each in problem["errors"]] == ["/id"]


def test_an_invalid_record_is_refused_field_by_field(member: TestClient, node: Node) -> None:
    wrong = {**contact("a"), "card_kind": "grup", "shoe": 1}
    problem = is_problem(member.post("/api/v1/records", json=wrong), 422)
    assert {each["pointer"] for each in problem["errors"]} == {"/card_kind", "/shoe"}
    assert all(each["detail"] for each in problem["errors"])
    assert node.reading.chain().sequence == 1


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b"\xff", b"[" * 100_000, b'{"a":1e999}'])
def test_what_is_no_record_at_all_is_refused(member: TestClient, body: bytes) -> None:
    answer = member.post("/api/v1/records", content=body)
    assert answer.status_code in (400, 422)
    is_problem(answer, answer.status_code)


def test_a_marking_that_needs_encryption_is_refused_by_name(member: TestClient) -> None:
    answer = member.post("/api/v1/records", json=contact("a", marking="TLP:AMBER"))
    [error] = is_problem(answer, 422)["errors"]
    assert error["pointer"] == "/recipients"
    named = contact("a", marking="TLP:AMBER", recipients=["fr-office"])
    assert is_problem(member.post("/api/v1/records", json=named), 409)["reason"] == "registry-unknown"


def test_a_body_over_512_kib_is_refused_even_without_its_length(member: TestClient) -> None:
    big = b"x" * (MAX_BODY + 1)
    is_problem(member.post("/api/v1/records", content=big), 413)
    is_problem(member.post("/api/v1/records", content=iter([big[:1000], big])), 413)


def test_what_is_not_there_is_not_found(member: TestClient) -> None:
    for answer in (
        member.get("/api/v1/records/contact/none"),
        member.delete("/api/v1/records/contact/none", params={"reason": "x"}),
        member.post("/api/v1/records/contact/none/confirm"),
    ):
        is_problem(answer, 404)


def test_a_withdrawal_needs_a_reason(member: TestClient) -> None:
    member.put("/api/v1/records/contact/a", json=contact("a"))
    is_problem(member.delete("/api/v1/records/contact/a"), 422)


def test_a_node_with_an_alarm_says_so(member: TestClient, node: Node) -> None:
    node.outbox.sound_alarm("diverged", "two copies have signed")
    answer = member.post("/api/v1/records", json=contact("a"))
    assert is_problem(answer, 409)["reason"] == "diverged"
    alarm = member.get("/api/v1/status").json()["alarm"]
    assert alarm["state"] == "diverged"
    assert "liaison-node keys rotate" in alarm["what_to_do"]


def test_a_settled_alarm_is_in_the_status_with_its_reason(member: TestClient, node: Node) -> None:
    node.log.sound(Finding(Name.ROLLED_BACK, "it has gone back", 7, {}), "2026-11-24T12:00:00.000Z")
    node.log.settle([1], "It is back.", "2026-11-25T12:00:00.000Z")
    [alarm] = member.get("/api/v1/status").json()["alarms"]
    assert alarm["settled"] == {"at": "2026-11-25T12:00:00.000Z", "reason": "It is back."}
    assert alarm["evidence"].startswith("evidence/rolled-back-7-")


def test_lists_are_read_page_by_page(member: TestClient, node: Node) -> None:
    from tests.node.nodes import put

    list(node.editor.apply_many(put(f"c{number:03}") for number in range(25)))
    seen, after = [], 0
    while after is not None:
        page = member.get("/api/v1/records", params={"kind": "contact", "limit": 10, "after": after}).json()
        assert set(page) == {"items", "next", "as_of"}
        seen += [each["id"] for each in page["items"]]
        after = page["next"]
    assert seen == [f"c{number:03}" for number in range(25)]


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("limit=501", "/limit"), ("limit=0", "/limit"), ("limit=x", "/limit"), ("limit=1&limit=2", "/limit"),
        ("after=-1", "/after"), ("after=4_0", "/after"), ("after=+4", "/after"), ("status=gone", "/status/0"),
        ("colour=red", "/colour"),
    ],
)  # fmt: skip
def test_a_question_that_cannot_be_meant_is_an_error_with_its_place(
    member: TestClient, query: str, pointer: str
) -> None:
    problem = is_problem(member.get(f"/api/v1/records?{query}"), 400)
    assert problem["reason"] == "invalid-parameters"
    assert [each["pointer"] for each in problem["errors"]] == [pointer]
    assert all(each["detail"] for each in problem["errors"])


def test_a_kind_that_is_none_is_an_error(member: TestClient) -> None:
    is_problem(member.get("/api/v1/records?kind=shoe"), 400)
    assert member.get("/api/v1/records?kind=need&kind=contact").status_code == 200


@pytest.mark.parametrize("address", ["status", "erasures", "matches", "outbox"])
def test_an_unknown_parameter_is_an_error_everywhere(member: TestClient, address: str) -> None:
    problem = is_problem(member.get(f"/api/v1/{address}?foo=1"), 400)
    assert [each["pointer"] for each in problem["errors"]] == ["/foo"]


def test_the_status_says_how_far_everything_has_come(member: TestClient) -> None:
    status = member.get("/api/v1/status").json()
    assert (status["sealed"], status["logged"], status["outbox"]["events"]) == (1, 0, 1)
    assert status["outbox"]["oldest"]
    assert orjson.dumps(status)


def test_an_edit_is_told_to_the_relay(node: Node) -> None:
    told: list[int] = []
    token = node.access.create("tests", "2026-11-24T00:00:00.000Z")
    client = TestClient(create_api(node, edited=lambda: told.append(1)), headers={"Authorization": f"Bearer {token}"})
    client.put("/api/v1/records/contact/a", json=contact("a"))
    assert told == [1]


def test_the_inbox_comes_in_pages_and_only_with_a_token(member: TestClient, anybody: TestClient, node: Node) -> None:
    for index in (5, 7, 9):
        node.letters.keep(letter(index))
    is_problem(anybody.get("/api/v1/inbox"), 401)
    first = member.get("/api/v1/inbox", params={"limit": 2}).json()
    assert [item["index"] for item in first["items"]] == [5, 7]
    rest = member.get("/api/v1/inbox", params={"limit": 2, "after": first["next"]}).json()
    assert ([item["index"] for item in rest["items"]], rest["next"]) == ([9], None)
    is_problem(member.get("/api/v1/inbox?kind=need"), 400)


def test_the_audience_is_told_before_and_after_a_record_is_put(member: TestClient, node: Node) -> None:
    read_registry(node, "fr-office")
    named = contact("a", marking="TLP:AMBER", recipients=["fr-office"])
    before = member.post("/api/v1/audience", json=named).json()
    assert (before["reads"], before["hub_reads"], before["refused"]) == ("named", False, None)
    is_problem(member.get("/api/v1/records/contact/a/audience"), 404)
    put = member.post("/api/v1/records", json=named)
    assert put.status_code == 201
    assert put.json()["record"]["recipients"] == ["fr-office"]
    after = member.get("/api/v1/records/contact/a/audience").json()
    assert after["organizations"] == before["organizations"]
    is_problem(member.post("/api/v1/audience", json={"kind": "need"}), 422)
