"""Tests of who may ask the API what: programs records as ever, people what their roles let them; all in their name."""

from dataclasses import replace

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from node.accounts.rules import Role
from node.api.application import create_api
from node.node import Node
from tests.node.api.test_application import is_problem
from tests.node.api.test_description import OPERATIONS
from tests.node.asking import add_person, asker
from tests.node.nodes import contact

ALL = frozenset(Role)
OFFICER, REVIEWER, ADMINISTRATOR = (frozenset({role}) for role in Role)
BOTH = OFFICER | REVIEWER
RECORD = "/api/v1/records/{kind}/{record_id}"
DRAFT, IMPORT, BULK = "/api/v1/drafts/{number}", "/api/v1/imports/{number}", "/api/v1/bulk/{number}"
# What programs' own tokens have always been able to do, and people with these roles.
PROGRAMS = {
    "GET /api/v1/records": ALL, "POST /api/v1/records": OFFICER, f"GET {RECORD}": ALL, f"PUT {RECORD}": OFFICER,
    f"DELETE {RECORD}": OFFICER, f"POST {RECORD}/confirm": OFFICER, f"GET {RECORD}/audience": ALL,
    "POST /api/v1/audience": ALL, "GET /api/v1/inbox": OFFICER, "GET /api/v1/matches": OFFICER,
    "GET /api/v1/erasures": ALL, "GET /api/v1/status": ALL, "GET /api/v1/doctor": ALL,
    "POST /api/v1/doctor": OFFICER | ADMINISTRATOR,
}  # fmt: skip
# What is for people alone.
PEOPLE = {
    "GET /api/v1/drafts": OFFICER, "GET /api/v1/drafts?review=true": REVIEWER, "POST /api/v1/drafts": OFFICER,
    f"GET {DRAFT}": BOTH, f"PUT {DRAFT}": OFFICER, f"DELETE {DRAFT}": OFFICER, f"GET {DRAFT}/check": BOTH,
    f"POST {DRAFT}/submit": OFFICER, f"POST {DRAFT}/return": REVIEWER, f"POST {DRAFT}/publish": BOTH,
    "GET /api/v1/people": ADMINISTRATOR, "POST /api/v1/people": ADMINISTRATOR,
    "GET /api/v1/people/{name}": ADMINISTRATOR, "PUT /api/v1/people/{name}/roles": ADMINISTRATOR,
    "POST /api/v1/people/{name}/code": ADMINISTRATOR, "POST /api/v1/people/{name}/disable": ADMINISTRATOR,
    "POST /api/v1/people/{name}/enable": ADMINISTRATOR, "GET /api/v1/log-ins": ADMINISTRATOR,
    "GET /api/v1/tokens": ALL, "POST /api/v1/tokens": ADMINISTRATOR, "DELETE /api/v1/tokens/{token_id}": ALL,
    "GET /api/v1/keys": ADMINISTRATOR, "POST /api/v1/keys/rotate": ADMINISTRATOR,
    "GET /api/v1/imports": OFFICER, "POST /api/v1/imports": OFFICER, f"GET {IMPORT}": BOTH,
    f"PUT {IMPORT}/mapping": OFFICER, f"POST {IMPORT}/check": OFFICER, f"POST {IMPORT}/publish": OFFICER,
    f"POST {IMPORT}/resume": OFFICER, f"POST {IMPORT}/approve": REVIEWER, f"POST {IMPORT}/return": REVIEWER,
    f"GET {IMPORT}/marked.xlsx": BOTH, f"DELETE {IMPORT}": OFFICER,
    "GET /api/v1/mappings": OFFICER, "POST /api/v1/mappings": OFFICER, "GET /api/v1/mappings/{name}": OFFICER,
    "DELETE /api/v1/mappings/{name}": OFFICER,
    "POST /api/v1/bulk/plan": OFFICER, "POST /api/v1/bulk": OFFICER, "GET /api/v1/bulk": ALL, f"GET {BULK}": ALL,
    f"POST {BULK}/approve": REVIEWER, f"DELETE {BULK}": BOTH, "GET /api/v1/search": ALL,
    "GET /api/v1/files/records.csv": ALL, "GET /api/v1/files/records.xlsx": ALL,
    "GET /api/v1/files/template/{kind}.xlsx": ALL, "GET /api/v1/outbox": ALL,
    "POST /api/v1/alarms/{number}/settle": ADMINISTRATOR, "GET /api/v1/acts": ADMINISTRATOR,
    "GET /api/v1/acts.csv": ADMINISTRATOR, "GET /api/v1/backup": ADMINISTRATOR, "POST /api/v1/backup": ADMINISTRATOR,
    "POST /api/v1/backup/test": ADMINISTRATOR, f"GET {RECORD}/history": ALL, f"POST {RECORD}/erase": OFFICER,
    "GET /api/v1/inbox/{index}": OFFICER, "POST /api/v1/inbox/answer": OFFICER,
    "POST /api/v1/inbox/{index}/read": OFFICER, "POST /api/v1/inbox/{index}/unread": OFFICER,
}  # fmt: skip


@pytest.fixture(scope="module")
def app(node: Node) -> FastAPI:
    return create_api(node)


def ask(client: TestClient, operation: str) -> int:
    """Ask for what there is not: who may is decided before that is seen."""
    method, address = operation.split()
    place = address.format(kind="need", record_id="none", number=7, name="nobody", index=7, token_id="0" * 16)
    return client.request(method, place, json={} if method in {"POST", "PUT"} else None).status_code


def test_every_address_is_in_the_tables() -> None:
    asked = {each.partition("?")[0] for each in (*PROGRAMS, *PEOPLE)}
    assert {each for each in OPERATIONS if "/api/" in each} == asked


@pytest.mark.parametrize("role", list(Role))
def test_a_person_s_token_does_what_its_role_may_and_nothing_else(node: Node, app: FastAPI, role: Role) -> None:
    client = asker(app, node, f"only-{role}", role)
    for operation, may in (PROGRAMS | PEOPLE).items():
        if operation == "POST /api/v1/keys/rotate" and role in may:
            continue  # tests of keys
        found = ask(client, operation)
        assert (found == 403) == (role not in may), f"{role}: {operation} gave {found}"


def test_a_program_s_token_does_what_it_could_before_there_were_people_s_and_no_more(node: Node, app: FastAPI) -> None:
    bearer = {"Authorization": f"Bearer {node.access.create('program', '2026-11-24T00:00:00.000Z')}"}
    client = TestClient(app, headers=bearer, raise_server_exceptions=False)
    for operation in PROGRAMS:
        assert ask(client, operation) != 403, operation
    for operation in PEOPLE:
        assert ask(client, operation) == 403, operation


def test_what_a_person_s_token_changes_stands_in_the_trail_in_that_name(node: Node, app: FastAPI) -> None:
    client = asker(app, node, "amina", Role.OFFICER)
    assert client.put("/api/v1/records/contact/a", json=contact("a")).status_code == 200
    noted = node.acts.listed(act="api.put", subject="contact/a", limit=1)[0]
    assert (noted.account, noted.who) == (add_person(node, "amina"), "Amina")
    assert noted.detail == "answered 200, token amina's program"


def test_where_two_must_agree_a_person_s_token_puts_nothing_alone_and_a_program_s_does_as_ever(node: Node) -> None:
    strict = replace(node, settings=replace(node.settings, four_eyes=True))
    app = create_api(strict)
    everything = asker(app, node, "everything", *Role)
    for answer in (
        everything.post("/api/v1/records", json=contact("b")),
        everything.put("/api/v1/records/contact/b", json=contact("b")),
    ):
        assert "second person" in is_problem(answer, 403)["detail"]
    assert node.reading.record("contact", "b") is None
    bearer = {"Authorization": f"Bearer {node.access.create('program', '2026-11-24T00:00:00.000Z')}"}
    assert TestClient(app, headers=bearer).put("/api/v1/records/contact/b", json=contact("b")).status_code == 200
