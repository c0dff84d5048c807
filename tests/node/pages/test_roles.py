"""Tests of who may open and send what: every page of the node by every role, and nothing that is not in this table."""

from collections.abc import Iterator

import pytest
from fastapi.routing import APIRoute

from node.node import Node
from node.pages.desk import Desk, Role
from node.pages.frame import create_pages
from node.pages.routes import router
from tests.node.pages.asked import Reader
from ui.routes import Routes

ALL, NOBODY = frozenset(Role), frozenset[Role]()
ADMINISTRATOR, OFFICER = frozenset({Role.ADMINISTRATOR}), frozenset({Role.OFFICER})
BOTH = frozenset({Role.OFFICER, Role.REVIEWER})
# Whoever is named may; all others who are logged in are told so (403), and nobody is sent to log in.
# One page to a line: method, address with an example for each part, who may.
PAGES = {
    ("GET", "/account"): ALL,
    ("GET", "/acts"): ADMINISTRATOR,
    ("GET", "/acts.csv"): ADMINISTRATOR,
    ("GET", "/backup"): ADMINISTRATOR,
    ("GET", "/backup/file"): ADMINISTRATOR,
    ("GET", "/connection"): ALL,
    ("GET", "/batches"): ALL,
    ("GET", "/batches/{number}"): ALL,
    ("GET", "/desk"): ALL,
    ("GET", "/import"): OFFICER,
    ("GET", "/import/mappings/{name}.toml"): OFFICER,
    ("GET", "/import/template/{kind}.xlsx"): ALL,
    ("GET", "/import/{number:int}"): BOTH,
    ("GET", "/import/{number:int}/map"): OFFICER,
    ("GET", "/import/{number:int}/marked.xlsx"): BOTH,
    ("GET", "/records"): ALL,
    ("GET", "/records.csv"): ALL,
    ("GET", "/records.xlsx"): ALL,
    ("GET", "/welcome/enrolment.json"): ADMINISTRATOR,
    ("GET", "/drafts/{number}"): OFFICER,
    ("GET", "/drafts/{number}/check"): BOTH,
    ("GET", "/inbox"): OFFICER,
    ("GET", "/inbox/{index}"): OFFICER,
    ("GET", "/keys"): ADMINISTRATOR,
    ("GET", "/keys/rotate"): ADMINISTRATOR,
    ("GET", "/new"): OFFICER,
    ("GET", "/outbox"): ALL,
    ("GET", "/people"): ADMINISTRATOR,
    ("GET", "/people/{name}"): ADMINISTRATOR,
    ("GET", "/records/{kind}/{record_id}"): ALL,
    ("GET", "/records/{kind}/{record_id}/{act}"): OFFICER,
    ("POST", "/account"): ALL,
    ("POST", "/backup"): ADMINISTRATOR,
    ("POST", "/backup/test"): ADMINISTRATOR,
    ("POST", "/connection/test"): frozenset({Role.OFFICER, Role.ADMINISTRATOR}),
    ("POST", "/batches/{number}"): BOTH,
    ("POST", "/desk/confirm"): OFFICER,
    ("POST", "/drafts"): OFFICER,
    ("POST", "/drafts/{number}"): OFFICER,
    ("POST", "/drafts/{number}/check"): BOTH,
    ("POST", "/inbox/answer"): OFFICER,
    ("POST", "/inbox/{index}/unread"): OFFICER,
    ("POST", "/keys/rotate"): ADMINISTRATOR,
    ("POST", "/outbox/settle"): ADMINISTRATOR,
    ("POST", "/import"): OFFICER,
    ("POST", "/import/mappings"): OFFICER,
    ("POST", "/import/mappings/{name}"): OFFICER,
    ("POST", "/import/{number:int}"): BOTH,
    ("POST", "/import/{number:int}/map"): OFFICER,
    ("POST", "/people"): ADMINISTRATOR,
    ("POST", "/people/{name}/code"): ADMINISTRATOR,
    ("POST", "/people/{name}/disable"): ADMINISTRATOR,
    ("POST", "/people/{name}/enable"): ADMINISTRATOR,
    ("POST", "/people/{name}/roles"): ADMINISTRATOR,
    ("POST", "/records/bulk"): OFFICER,
    ("POST", "/records/bulk/do"): OFFICER,
    ("POST", "/records/{kind}/{record_id}/{act}"): OFFICER,
    ("POST", "/welcome/admission"): ADMINISTRATOR,
    ("POST", "/welcome/join"): ADMINISTRATOR,
    ("POST", "/welcome/organization"): ADMINISTRATOR,
    ("POST", "/welcome/test"): ADMINISTRATOR,
    ("GET", "/tokens"): ALL,
    ("POST", "/tokens/mine"): ALL,
    ("POST", "/tokens/mine/remove"): ALL,
    ("POST", "/tokens"): ADMINISTRATOR,
    ("POST", "/tokens/remove"): ADMINISTRATOR,
}
# Anybody may open these; /welcome is for whoever holds the first code, and then for administrators (test_welcome).
OPEN = {
    ("GET", "/"), ("GET", "/login"), ("POST", "/login"), ("GET", "/login/first"), ("POST", "/login/first"),
    ("POST", "/logout"), ("GET", "/welcome"), ("POST", "/welcome"),
}  # fmt: skip


def example(address: str) -> str:
    """Give the address of nothing that there is: who may open it is decided before that is seen."""
    plain = address.replace(":int", "")
    return plain.format(name="nobody", number=7, kind="need", record_id="none", act="withdraw", index=7)


def pages_of(routes: Routes) -> Iterator[APIRoute]:
    """Give the pages of a router, and of the routers that it includes."""
    for each in routes.routes:
        if isinstance(each, APIRoute):
            yield each
        elif (inner := getattr(each, "original_router", None)) is not None:
            yield from pages_of(inner)


def test_every_page_is_in_the_table(node: Node) -> None:
    desk = Desk(node)
    found = {(method, each.path) for each in pages_of(router(desk, create_pages(desk))) for method in each.methods}
    assert found - OPEN == set(PAGES)


@pytest.mark.parametrize("role", list(Role))
def test_a_role_opens_its_pages_and_no_others(node: Node, role: Role) -> None:
    client = Reader(node, role).client
    for (method, address), may in PAGES.items():
        got = client.request(method, example(address), data={"a": "b"}, follow_redirects=False)
        assert (got.status_code == 403) == (role not in may), f"{role}: {method} {address} gave {got.status_code}"


def test_nobody_opens_any(node: Node) -> None:
    client = Reader(node).client
    for method, address in PAGES:
        got = client.request(method, example(address), data={"a": "b"}, follow_redirects=False)
        sent_to_log_in = got.status_code == 303 and got.headers["location"].startswith("/login")
        assert sent_to_log_in or got.status_code == 401, f"{method} {address} gave {got.status_code}"
