"""Tests of the node's log-in: cookies, sessions, guessing, forms from elsewhere, and what a session gives."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime

import lxml.html
import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from node.accounts.tables import TABLES
from node.api.application import create_api
from node.node import Node
from node.pages.log_in import cookies_of
from people.passwords import Passwords
from people.rules import Person
from tests.node.nodes import ORG
from tests.node.pages.asked import BROWSER
from tests.people.desks import PASSWORD, QUICK


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make argon2id quick: its cost is not what is tested here."""
    made = Passwords.__init__
    monkeypatch.setattr(Passwords, "__init__", lambda self, hasher=None: made(self, hasher or QUICK))


@pytest.fixture
def client(node: Node) -> Iterator[TestClient]:
    """A browser before a node with TLS in front of it."""
    node.people.log_ins._passwords = Passwords(QUICK)
    with TestClient(create_api(node), base_url="https://node.example", headers=BROWSER) as made:
        yield made
    with node.engine.begin() as connection:
        for table in (TABLES.accounts, TABLES.sessions, TABLES.known_browsers, TABLES.back_off):
            connection.execute(table.delete())


def send(client: TestClient, address: str, **fields: str) -> Response:
    return client.post(address, data=fields, follow_redirects=False)


def first(client: TestClient, node: Node, *roles: str) -> Response:
    code = node.people.add("test", "amina", list(roles) or ["officer"], person="Amina Warsame")
    return send(client, "/login/first", code=code, password=PASSWORD)


def test_a_person_sets_the_password_is_known_and_logs_out(client: TestClient, node: Node) -> None:
    assert client.get("/people", follow_redirects=False).headers["location"] == "/login?next=%2Fpeople"
    answer = first(client, node, "administrator")
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    account = client.get("/account")
    assert "Amina Warsame" in account.text
    assert account.headers["cache-control"] == "no-store"
    assert client.get("/people").status_code == 200
    assert send(client, "/logout").headers["location"] == "/login"
    assert client.get("/people", follow_redirects=False).status_code == 303
    back = send(client, "/login", name="Amina ", password=PASSWORD, next="/people")
    assert back.headers["location"] == "/people"


def test_cookies_are_this_node_s_and_no_script_reads_them(client: TestClient, node: Node) -> None:
    given = first(client, node).headers.get_list("set-cookie")
    assert [each.partition("=")[0] for each in given] == [
        f"__Host-liaison-{ORG}-session", f"__Host-liaison-{ORG}-browser"
    ]  # fmt: skip
    for each in given:
        assert {"HttpOnly", "Secure", "SameSite=lax", "Path=/"} <= set(each.split("; "))


def test_a_planted_session_is_worth_nothing_after_its_victim_has_logged_in(client: TestClient, node: Node) -> None:
    name = f"__Host-liaison-{ORG}-session"
    client.cookies.set(name, "planted")
    first(client, node, "administrator")
    thief = TestClient(client.app, base_url="https://node.example", headers=BROWSER, cookies={name: "planted"})
    assert thief.get("/people", follow_redirects=False).status_code == 303


def test_guessing_is_slowed_down_and_all_are_told_the_same(
    client: TestClient, node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime.now(UTC)  # it stands still, or a slow machine would have waited long enough
    monkeypatch.setattr(node.people.log_ins, "_now", lambda: now)
    first(client, node)
    client.cookies.clear()
    told = {send(client, "/login", name=name, password="wrong").text for name in ("amina", "nobody")}
    assert len({page.replace('value="amina"', "").replace('value="nobody"', "") for page in told}) == 1
    statuses = [send(client, "/login", name="amina", password=f"wrong {number}").status_code for number in range(6)]
    assert statuses == [401] * 4 + [429] * 2
    held = send(client, "/login", name="amina", password=PASSWORD)
    assert held.status_code == 429
    assert int(held.headers["retry-after"]) >= 1


@pytest.mark.parametrize("address", ["/login", "/logout", "/login/first", "/account", "/fr/login"])
@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}])
def test_no_form_of_another_site_does_anything(client: TestClient, address: str, headers: dict[str, str]) -> None:
    plain = TestClient(client.app, base_url="https://node.example", headers={"Cookie": "a=b"} | headers)
    assert plain.post(address, data={"name": "amina"}).status_code == 403


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_nobody_is_sent_elsewhere_after_logging_in(client: TestClient, node: Node, target: str) -> None:
    first(client, node)
    assert send(client, "/login", name="amina", password=PASSWORD, next=target).headers["location"] == "/"


def test_another_password_ends_all_other_sessions(client: TestClient, node: Node) -> None:
    first(client, node)
    other = TestClient(client.app, base_url="https://node.example", headers=BROWSER)
    send(other, "/login", name="amina", password=PASSWORD)
    wrong = send(client, "/account", old="wrong", password="another horse entirely")
    assert "present password" in str(lxml.html.fromstring(wrong.text).get_element_by_id("errors").text_content())
    assert send(client, "/account", old=PASSWORD, password="another horse entirely").status_code == 303
    assert client.get("/account", follow_redirects=False).status_code == 200
    assert other.get("/account", follow_redirects=False).status_code == 303


def test_a_session_ends_at_once_when_the_account_is_disabled(client: TestClient, node: Node) -> None:
    first(client, node)
    node.people.disable("test", "amina")
    assert client.get("/account", follow_redirects=False).status_code == 303


def test_the_database_is_not_asked_who_is_logged_in_by_the_event_loop(
    client: TestClient, node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or everybody would wait for whoever holds a lock there."""
    first(client, node)
    asked: list[bool] = []
    person = node.people.log_ins.person

    def noting(session: str) -> Person | None:
        asked.append(asyncio.events._get_running_loop() is not None)
        return person(session)

    monkeypatch.setattr(node.people.log_ins, "person", noting)
    assert client.post("/desk/confirm", data={"kind": "organization", "id": ORG}).status_code == 200
    assert set(asked) == {False}
    assert len(asked) == 2, "once for each request: the form, and the page that it leads to"


def test_nodes_of_two_organizations_on_one_host_have_cookies_of_their_own(node: Node) -> None:
    assert cookies_of(node).service == f"liaison-{ORG}"
