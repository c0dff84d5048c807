"""Tests of a record's history and erasure by the API, of letters one by one, and of answers to needs."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from node.accounts.rules import Role
from node.api.application import create_api
from node.node import Node
from node.store import Promise
from node.store.delivery_times import Span
from tests.node.api.test_application import is_problem
from tests.node.asking import asker
from tests.node.nodes import joined_node, put, read_registry
from tests.node.test_cli_readers import letter

RECORD = "/api/v1/records/contact/duty"


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    made = joined_node(tmp_path / "node")
    read_registry(made, "fr-office", "ke-nctc")
    made.editor.apply([put("duty")])
    made.editor.apply([put("duty", "Other unit")])
    yield made
    made.engine.dispose()


@pytest.fixture
def amina(node: Node) -> TestClient:
    return asker(create_api(node), node, "amina", Role.OFFICER)


def test_the_history_says_what_changed_each_time(amina: TestClient) -> None:
    newest, first = amina.get(f"{RECORD}/history").json()["items"]
    assert (first["action"], first["first"], first["fields"]) == ("published", True, [])
    assert (newest["action"], newest["first"]) == ("revised", False)
    assert newest["fields"]
    assert newest["record"] == amina.get(RECORD).json()["record"]
    is_problem(amina.get("/api/v1/records/contact/none/history"), 404)


def test_record_and_history_tell_when_each_step_was_taken(node: Node, amina: TestClient) -> None:
    at, noted = "2026-11-24T12:00:00.000Z", {"logged": 2, "sent": 3}
    node.outbox.logged(Promise(2, 7, b""), [(2, 7)], [], noted, at=at, sent=[Span(2, 3, at)])
    newest, first = amina.get(f"{RECORD}/history").json()["items"]
    assert first["times"] == {"signed": first["published"], "sent": at, "logged": at, "witnessed": None}
    assert newest["times"] == {"signed": newest["published"], "sent": at, "logged": None, "witnessed": None}
    delivery = amina.get(RECORD).json()["delivery"]
    signed = newest["published"]
    assert delivery["times"] == {
        "saved": signed, "signed": signed, "sent": at, "logged": None, "witnessed": None, "in_view": None
    }  # fmt: skip
    assert (delivery["sent"], delivery["logged"], delivery["index"]) == (True, False, None)


def test_a_record_is_erased_once_if_it_is_the_one_that_was_seen(node: Node, amina: TestClient) -> None:
    old = {"If-Match": '"x"'}
    assert is_problem(amina.post(f"{RECORD}/erase", json={"reason": "Asked for."}, headers=old), 412)
    seen = {"If-Match": amina.get(RECORD).headers["etag"], "Idempotency-Key": "e"}
    done = amina.post(f"{RECORD}/erase", json={"reason": "Asked for."}, headers=seen)
    assert (done.json()["outcome"], done.json()["record"]["status"]) == ("erased", "erased")
    again = amina.post(f"{RECORD}/erase", json={"reason": "Asked for."}, headers=seen)
    assert (again.json(), again.headers["idempotency-replayed"]) == (done.json(), "true")
    is_problem(amina.post(f"{RECORD}/erase", json={}), 404)
    assert all("record" not in each for each in amina.get(f"{RECORD}/history").json()["items"])
    noted = node.acts.listed(act="record.erased", outcome="done")
    assert [(each.who, each.subject, each.detail) for each in noted] == [("Amina", "contact/duty", "Asked for.")]


def test_what_was_kept_here_only_is_forgotten(node: Node, amina: TestClient) -> None:
    node.editor.apply([put("secret", marking="TLP:RED")])
    done = amina.post("/api/v1/records/contact/secret/erase", json={})
    assert (done.json()["outcome"], done.json()["record"]) == ("forgotten", None)


def test_a_need_in_a_letter_is_read_and_answered_with_a_draft(node: Node, amina: TestClient) -> None:
    node.letters.keep(letter(7))
    read = amina.get("/api/v1/inbox/7")
    assert (read.json()["kind"], read.json()["index"]) == ("need", 7)
    is_problem(amina.get("/api/v1/inbox/8"), 404)
    key = {"Idempotency-Key": "a"}
    made = amina.post("/api/v1/inbox/answer", json={"kind": "offer", "index": 7}, headers=key)
    assert made.status_code == 201, made.text
    assert made.json()["kind"] == "offer"
    again = amina.post("/api/v1/inbox/answer", json={"kind": "offer", "index": 7}, headers=key)
    assert again.json() == made.json()
    assert amina.get(made.headers["location"]).json() == made.json()
    assert [each.who for each in node.acts.listed(act="need.answered")] == ["Amina"]
    for body, status in (
        ({"kind": "plan", "index": 7}, 422), ({"kind": "offer"}, 404), ({"kind": "offer", "index": 8}, 404),
        ({"kind": "offer", "org": "ke-nctc", "id": "n1"}, 503),
    ):  # fmt: skip
        is_problem(amina.post("/api/v1/inbox/answer", json=body), status)


def test_a_letter_is_marked_as_read_and_as_unread_and_asking_for_it_marks_nothing(
    node: Node, amina: TestClient
) -> None:
    node.letters.keep(letter(7))
    assert amina.get("/api/v1/inbox/7").json()["read"] is None
    read = amina.post("/api/v1/inbox/7/read").json()
    assert read["read"]["by"] == "Amina"
    bao = asker(create_api(node), node, "bao", Role.OFFICER)
    assert bao.post("/api/v1/inbox/7/read").json() == read  # the first stays
    assert amina.get("/api/v1/inbox?state=unread").json()["items"] == []
    for _ in range(2):
        assert amina.post("/api/v1/inbox/7/unread").json() == {**read, "read": None}
    assert [each["index"] for each in amina.get("/api/v1/inbox?state=unread").json()["items"]] == [7]
    acts = [(each.who, each.act, each.subject) for each in node.acts.listed() if each.act.startswith("letter.")]
    subject = f"{read['kind']}/{read['org']}/{read['id']} at 7"
    assert acts == [("Amina", "letter.unread", subject), ("Amina", "letter.opened", subject)]
    for act in ("read", "unread"):
        is_problem(amina.post(f"/api/v1/inbox/8/{act}"), 404)
