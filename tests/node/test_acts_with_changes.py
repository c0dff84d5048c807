"""Tests that a change and the act that tells of it are one transaction: a crash between leaves both or neither."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event, select

from node.alarms import Finding, Name
from node.bulk import plan, work_of
from node.node import Node
from node.pages.desk import Role
from node.store.batches import BULK, REVIEW
from node.tables import metadata
from tests.node.api.test_conditions import client_of
from tests.node.nodes import joined_node, put
from tests.node.pages.asked import BROWSER, api_of
from tests.node.test_cli_readers import letter
from tests.schemas.examples import EXAMPLES

NOW = "2026-11-26T10:00:00.000Z"
OFFER = {name: value for name, value in EXAMPLES["offer"].items() if name not in {"kind", "id", "marking"}}


class Crash(Exception):
    """Stands for a process that ends at this very moment."""


def page(address: str, **fields: str) -> Callable[[Node], object]:
    """Send a form of a page."""

    def send(node: Node) -> object:
        client = TestClient(api_of(node, *Role), headers=BROWSER, raise_server_exceptions=False)
        return client.post(address, data=fields, follow_redirects=False)

    return send


def program(method: str, address: str, **sent: Any) -> Callable[[Node], object]:
    """Send what a program sends."""

    def send(node: Node) -> object:
        client = client_of(node, "tests")
        return TestClient(client.app, headers=client.headers, raise_server_exceptions=False).request(
            method, f"/api/v1/{address}", **sent
        )

    return send


def old_token(node: Node) -> str:
    return next((each.id for each in node.access.listed() if each.name == "old"), "")


def look(node: Node) -> object:
    return TestClient(api_of(node, *Role), headers=BROWSER, raise_server_exceptions=False).get("/inbox/7")


WAYS = {
    "confirm": page("/desk/confirm", kind="contact", id="a"),
    "withdraw": page("/records/contact/a/withdraw", reason="Closed."),
    "erase": page("/records/contact/a/erase", reason="Asked for."),
    "publish": page("/drafts/1/check", act="publish", **{"draft-version": "1"}),
    "submit": page("/drafts/1/check", act="submit", **{"draft-version": "1"}),
    "delete a draft": page("/drafts/1", act="delete", **{"draft-version": "1"}),
    "answer": page("/inbox/answer", kind="offer", index="7"),
    "open a letter": look,
    "mark as unread": page("/inbox/9/unread"),
    "token": page("/tokens", token_name="Case system"),
    "remove a token": lambda node: page("/tokens/remove", id=old_token(node))(node),
    "settle": page("/outbox/settle", alarm="1", reason="It is back."),
    "organization": page("/welcome/organization", name="Another", language="en", org_type="10"),
    "rotate the key": page("/keys/rotate"),
    "approve many": page("/batches/1", do="approve", digest=""),
    "delete many": page("/batches/1", do="delete"),
    "api put": program("PUT", "records/contact/a", json={**EXAMPLES["contact"], "id": "a", "unit": "New"}),
    "api confirm": program("POST", "records/contact/a/confirm"),
    "api withdraw": program("DELETE", "records/contact/a", params={"reason": "Closed."}),
}  # fmt: skip


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    made = joined_node(tmp_path / "node")
    made.editor.apply([put("a")])
    for index in (7, 9):
        made.letters.keep(letter(index))
    made.letters.opened(9, "Amina", NOW)
    made.access.create("old", NOW)
    made.drafts.begin("offer", None, (1, "Amina"), {"marking": "TLP:CLEAR", "record": OFFER}, NOW)
    made.log.sound(Finding(Name.ROLLED_BACK, "It went back.", 9, {}), NOW)
    work = {"act": "withdraw", "value": "Closed.", "recipients": [], "addresses": [["contact", "a"]]}
    made.batches.begin(BULK, (2, "Bao"), REVIEW, work, (NOW, "2099-01-01T00:00:00.000Z"))
    yield made
    made.engine.dispose()


def state(node: Node) -> dict[str, list[Any]]:
    """Give all that is in the database but the trail, and the tokens of the tests."""
    with node.engine.connect() as connection:
        tables = [each for each in metadata.sorted_tables if each.name not in {"acts", "access_tokens"}]
        found = {each.name: list(map(tuple, connection.execute(select(each)))) for each in tables}
    return found | {"access_tokens": [each for each in node.access.listed() if each.name != "tests"]}


def trail(node: Node) -> list[str]:
    return [each.act for each in node.acts.listed() if each.outcome == "done"]


@contextmanager
def crashing(node: Node, at: str) -> Iterator[None]:
    """End at the writing of an act, or at the end of the transaction that has written one."""
    written: list[object] = []

    def executed(connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("INSERT INTO acts"):
            if at == "act":
                raise Crash
            written.append(connection)

    def ends(connection: object) -> None:
        if connection in written:
            raise Crash

    event.listen(node.engine, "before_cursor_execute", executed)
    event.listen(node.engine, "commit", ends)
    try:
        yield
    finally:
        event.remove(node.engine, "before_cursor_execute", executed)
        event.remove(node.engine, "commit", ends)


@pytest.mark.parametrize("way", list(WAYS))
def test_no_change_is_there_without_its_act_nor_an_act_without_its_change(node: Node, way: str) -> None:
    if way == "approve many":
        batch = node.batches.one(1)
        assert batch is not None
        WAYS[way] = page("/batches/1", do="approve", digest=plan(node, work_of(batch.work)).digest)
    program("GET", "status")(node)  # the token that the tests use is there
    before = state(node)
    for at in ("act", "end"):
        with crashing(node, at):
            WAYS[way](node)
        assert (state(node), trail(node)) == (before, []), at
    WAYS[way](node)
    assert state(node) != before
    assert len(trail(node)) == 1
