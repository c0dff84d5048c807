"""Tests of the API's operations: what waits, alarms settled, the trail, backups; and what is not given out here."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from node.accounts.rules import Role
from node.alarms import Finding, Name
from node.api.application import create_api
from node.backup import BACKUPS
from node.node import Node
from node.store import Judged, Promise
from tests.node.api.test_application import is_problem
from tests.node.asking import asker
from tests.node.nodes import joined_node, put


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    made = joined_node(tmp_path / "node")
    made.editor.apply([put("duty")])
    yield made
    made.engine.dispose()


@pytest.fixture
def ada(node: Node) -> TestClient:
    return asker(create_api(node), node, "ada", Role.ADMINISTRATOR)


def test_what_waits_is_told_with_what_the_hub_said(node: Node, ada: TestClient) -> None:
    no = Judged(2, "error", "schema-invalid", "a field", "", "[]", "2026-11-26T12:00:00.000Z")
    node.outbox.logged(Promise(1, 0, b""), [], [no], {"logged": 1, "sent": 2})
    told = ada.get("/api/v1/outbox").json()
    assert (told["waiting"], told["served"], told["next"]) == (2, False, None)
    assert [(each["sequence"], each["step"]) for each in told["items"]] == [(1, "logged"), (2, "sent")]
    assert told["items"][1]["judgement"]["reason"] == "schema-invalid"
    assert [each["sequence"] for each in ada.get("/api/v1/outbox?after=1").json()["items"]] == [2]


def test_an_alarm_is_settled_with_a_reason_in_that_name(node: Node, ada: TestClient) -> None:
    node.log.sound(Finding(Name.ROLLED_BACK, "It went back.", 9, {}), "2026-11-24T12:00:00.000Z")
    for reason in ("", " ", "a\nb"):
        is_problem(ada.post("/api/v1/alarms/1/settle", json={"reason": reason}), 422)
    [alarm] = ada.post("/api/v1/alarms/1/settle", json={"reason": "It is back."}).json()["alarms"]
    assert alarm["settled"]["reason"] == "It is back."
    assert is_problem(ada.post("/api/v1/alarms/1/settle", json={"reason": "x"}), 422)["reason"] == "settled-before"
    noted = node.acts.listed(act="alarm.settled", outcome="done")
    assert [(each.who, each.detail) for each in noted] == [("Ada", "It is back.")]


def test_the_trail_is_read_in_pages_and_as_csv(node: Node, ada: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        node.acts.note("x", "test.done", f"n{number}", "=1+1")
    monkeypatch.setattr("node.pages.acts.SHOWN", 2)
    first = ada.get("/api/v1/acts?act=test").json()
    assert [each["subject"] for each in first["items"]] == ["n2", "n1"]
    rest = ada.get(f"/api/v1/acts?act=test&after={first['next']}").json()
    assert ([each["subject"] for each in rest["items"]], rest["next"]) == (["n0"], None)
    assert "'=1+1" in ada.get("/api/v1/acts.csv?act=test").text
    assert node.acts.listed(act="acts.exported", limit=1)[0].who == "Ada"
    for query in ("colour=red", "outcome=maybe", "after=-1", "after=99999999999999999999", "who=%00"):
        is_problem(ada.get(f"/api/v1/acts?{query}"), 400)


def test_a_backup_is_made_once_tested_and_does_not_leave_the_machine_here(node: Node, ada: TestClient) -> None:
    assert ada.get("/api/v1/backup").json()["last"] is None
    assert is_problem(ada.post("/api/v1/backup/test"), 422)["reason"] == "no-backup"
    key = {"Idempotency-Key": "b"}
    made = ada.post("/api/v1/backup", headers=key)
    assert made.status_code == 201, made.text
    [file] = (node.settings.directory / BACKUPS).iterdir()
    assert made.json()["file"] == {"name": file.name, "size": file.stat().st_size}
    assert ada.post("/api/v1/backup", headers=key).headers["idempotency-replayed"] == "true"
    assert ada.post("/api/v1/backup/test").json()["content"]["statements"] == 2
    is_problem(ada.get("/api/v1/backup/file"), 404)
    assert [(each.who, each.outcome) for each in node.acts.listed(act="backup.made")] == [("Ada", "done")]
