"""Tests of the API's drafts: written, checked, published; where two must agree, by a second person and not by one."""

from collections.abc import Iterator
from dataclasses import replace
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
from tests.node.pages.asked import Reader
from tests.schemas.examples import EXAMPLES

OFFICER, REVIEWER = Role.OFFICER, Role.REVIEWER
NEED = {name: value for name, value in EXAMPLES["need"].items() if name not in ("kind", "id", "marking")}
ENTRY = {"marking": "TLP:CLEAR", "record": NEED}
DRAFTS = "/api/v1/drafts"


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    made = joined_node(tmp_path_factory.mktemp("node") / "node")
    made.editor.apply([put("duty")])
    yield made
    made.engine.dispose()


@pytest.fixture(scope="module")
def app(node: Node) -> FastAPI:
    return create_api(node)


@pytest.fixture(scope="module")
def amina(node: Node, app: FastAPI) -> TestClient:
    return asker(app, node, "amina", OFFICER, REVIEWER)


@pytest.fixture(scope="module")
def strict(node: Node) -> FastAPI:
    """The node of an organization that has a second person look."""
    return create_api(replace(node, settings=replace(node.settings, four_eyes=True)))


def begun(client: TestClient, entry: dict[str, Any] | None = ENTRY, **beside: str) -> tuple[str, dict[str, str]]:
    """Begin a draft; gives its address and the header that names its version."""
    made = client.post(DRAFTS, json={"kind": "need", **({} if entry is None else {"entry": entry}), **beside})
    assert made.status_code == 201, made.text
    return made.headers["location"], seen(made)


def seen(answer: Any) -> dict[str, str]:
    return {"If-Match": answer.headers["etag"]}


def test_a_draft_is_written_checked_and_published(node: Node, amina: TestClient) -> None:
    address, version = begun(amina, {"record": {"title": {"en": "Document readers"}}})
    checked = amina.get(f"{address}/check").json()
    assert not checked["valid"]
    assert "/origin" in {each["pointer"] for each in checked["errors"]}
    refused = amina.post(f"{address}/publish", headers=version)
    assert is_problem(refused, 422)["errors"]
    saved = amina.put(address, json=ENTRY, headers=version)
    checked = amina.get(f"{address}/check").json()
    assert (checked["valid"], checked["errors"], checked["may_publish"]) == (True, [], True)
    assert checked["audience"]["reads"] == "everybody"
    assert checked["duplicates"]["trouble"] == "not-asked"
    published = amina.post(f"{address}/publish", headers=seen(saved))
    assert published.status_code == 200, published.text
    stood = node.reading.record("need", published.json()["id"])
    assert stood is not None
    assert stood.kept.record["title"] == NEED["title"]
    is_problem(amina.get(address), 404)
    noted = node.acts.listed(act="record.put", limit=1)[0]
    assert (noted.who, noted.subject) == ("Amina", f"need/{published.json()['id']}")


def test_a_draft_revises_what_stands_and_is_the_one_that_the_pages_show(node: Node, amina: TestClient) -> None:
    made = amina.post(DRAFTS, json={"kind": "contact", "id": "duty"})
    assert made.json()["entry"]["record"] == node.reading.record("contact", "duty").kept.record  # type: ignore[union-attr]
    number, owner = made.json()["number"], node.people.account("amina").number
    assert Reader(node, OFFICER, number=owner).words(f"/drafts/{number}")
    assert amina.post(DRAFTS, json={"kind": "contact", "id": "duty"}).json()["number"] == number
    other = amina.post(DRAFTS, json={"kind": "contact", "id": "duty", "entry": ENTRY})
    assert f"draft {number}" in is_problem(other, 409)["detail"]
    assert amina.delete(f"{DRAFTS}/{number}", headers=seen(made)).status_code == 204
    assert [each["number"] for each in amina.get(DRAFTS).json()["items"] if each["id"]] == []


@pytest.mark.parametrize("record", [{"title": 5, "themes": "x", "places": [[]]}, {"beneficiary": {"a": [None]}}])
def test_whatever_was_written_the_pages_can_show_it(node: Node, amina: TestClient, record: dict[str, Any]) -> None:
    address, _ = begun(amina, {"marking": "x", "record": record})
    reader = Reader(node, OFFICER, number=node.people.account("amina").number)
    reader.read(address.removeprefix("/api/v1"))
    assert reader.status == 200
    assert not amina.get(f"{address}/check").json()["valid"]


def test_nobody_overwrites_what_was_changed_meanwhile(amina: TestClient) -> None:
    address, version = begun(amina)
    assert amina.get(address).headers["etag"] == version["If-Match"]
    assert amina.put(address, json=ENTRY, headers=version).status_code == 200
    for answer in (
        amina.put(address, json=ENTRY, headers=version), amina.delete(address, headers=version),
        amina.post(f"{address}/publish", headers=version), amina.post(f"{address}/submit", headers=version),
    ):  # fmt: skip
        assert is_problem(answer, 412)["reason"] == "version-changed"
    assert is_problem(amina.put(address, json=ENTRY), 428)["reason"] == "version-needed"
    assert amina.delete(address, headers={"If-Match": "*"}).status_code == 204


def test_a_draft_is_begun_once_for_a_key(amina: TestClient) -> None:
    key = {"Idempotency-Key": "draft-1"}
    first = amina.post(DRAFTS, json={"kind": "need"}, headers=key)
    again = amina.post(DRAFTS, json={"kind": "need"}, headers=key)
    assert again.json() == first.json()
    assert again.headers["idempotency-replayed"] == "true"
    other = amina.post(DRAFTS, json={"kind": "offer"}, headers=key)
    assert is_problem(other, 422)["reason"] == "key-reused"


def test_where_two_must_agree_the_author_publishes_nothing_and_a_second_person_does(
    node: Node, strict: FastAPI
) -> None:
    author, second = asker(strict, node, "bao", OFFICER, REVIEWER), asker(strict, node, "birgit", REVIEWER)
    address, version = begun(author)
    is_problem(author.post(f"{address}/publish", headers=version), 403)
    is_problem(second.get(address), 404)
    handed = author.post(f"{address}/submit", headers=version)
    assert handed.json()["state"] == "review"
    is_problem(author.post(f"{address}/publish", headers=seen(handed)), 403)
    is_problem(author.post(f"{address}/return", json={"note": "x"}, headers=seen(handed)), 403)
    assert [each["own"] for each in author.get(f"{DRAFTS}?review=true").json()["items"]] == []
    [waiting] = second.get(f"{DRAFTS}?review=true").json()["items"]
    assert (waiting["owner"], waiting["own"]) == ("Bao", False)
    assert second.get(f"{address}/check").json()["may_publish"]
    assert second.post(f"{address}/return", json={"note": "Shorter."}, headers=seen(handed)).status_code == 200
    back = author.get(address)
    assert (back.json()["state"], back.json()["note"]) == ("draft", "Shorter.")
    is_problem(second.post(f"{address}/publish", headers=seen(back)), 404)
    handed = author.post(f"{address}/submit", headers=seen(back))
    published = second.post(f"{address}/publish", headers=seen(handed))
    assert published.status_code == 200
    noted = node.acts.listed(act="record.put", limit=1)[0]
    assert (noted.who, noted.detail) == ("Birgit", "entered by Bao")


def test_another_token_of_the_author_is_no_second_person(node: Node, strict: FastAPI) -> None:
    author = asker(strict, node, "chidi", OFFICER, REVIEWER)
    address, version = begun(author)
    handed = author.post(f"{address}/submit", headers=version)
    is_problem(asker(strict, node, "chidi", REVIEWER).post(f"{address}/publish", headers=seen(handed)), 403)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/kind"), ({"kind": "need", "colour": 1}, "/colour"),
        ({"kind": "need", "entry": {"record": []}}, "/entry/record"),
    ],
)  # fmt: skip
def test_what_is_no_draft_is_said_field_by_field(amina: TestClient, body: dict[str, Any], pointer: str) -> None:
    assert pointer in [each["pointer"] for each in is_problem(amina.post(DRAFTS, json=body), 422)["errors"]]


def test_what_cannot_be_kept_is_refused(amina: TestClient) -> None:
    deep: Any = "x"
    for _ in range(400):
        deep = [deep]
    is_problem(amina.post(DRAFTS, json={"kind": "need", "entry": {"record": {"title": deep}}}), 413)
    is_problem(amina.post(DRAFTS, json={"kind": "shoe"}), 404)
    is_problem(amina.get(f"{DRAFTS}/0"), 400)
