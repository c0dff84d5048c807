"""Tests of operators' acts over HTTP: confirmed on a page, done once, in the trail whatever becomes of them."""

from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient

from hub.node_states import State
from hub.operating.acts import list_acts
from tests.hub.operating.operators import Office, act, head, parsed, refuse
from tests.hub.published import Published
from tests.signed_network import need


@pytest.fixture
def office(small_network: Published) -> Office:
    small_network.publish("need", need())
    head(small_network, 1, datetime.now(UTC) + timedelta(seconds=80))  # it is not old however slowly the tests run
    return Office(small_network)


def trail(office: Office) -> list[tuple[str, str, str]]:
    with office.network.engine.connect() as connection:
        return [(each["act"], each["who"], each["outcome"]) for each in list_acts(connection)]


def state(client: TestClient) -> str:
    return str(client.get("/api/v1/nodes/xa-centre").json()["state"])


def test_an_operator_suspends_and_reinstates_with_a_reason_that_stands_in_log_and_trail(office: Office) -> None:
    client = office.client()
    page = act(client, "/en/sync/xa-centre/suspend", reason="A leak.")
    assert "Suspend" in parsed(page).xpath("//*[@role='status']")[0].text_content()
    assert state(client) == State.SUSPENDED
    act(client, "/en/sync/xa-centre/reinstate", reason="It is closed.")
    assert state(client) == State.LIVE
    assert trail(office) == [("reinstate", "The operator", "done"), ("suspend", "The operator", "done")]
    shown = parsed(client.get("/en/sync/xa-centre")).text_content()
    assert "A leak." in shown
    assert "Entry" in shown


def test_a_form_that_is_sent_twice_acts_once(office: Office) -> None:
    client = office.client()
    form = {"form": "one-form-of-a-page", "reason": "A leak."}
    size = office.network.tail.size
    first, second = (client.post("/sync/xa-centre/suspend", data=form, follow_redirects=False) for _ in range(2))
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.headers["location"] == second.headers["location"]
    assert office.network.tail.size == size + 1
    assert trail(office) == [("suspend", "The operator", "done")]


def test_what_the_roots_cannot_do_here_is_shown_as_the_command_to_propose_it(office: Office) -> None:
    office.roots = False
    client = office.client()
    page = parsed(client.get("/en/sync/xa-centre/suspend"))
    command = page.xpath("//pre")[0].text_content()
    assert '"action":"organization.suspended","organization":"xa-centre"' in command
    assert "liaison-hub action propose DIR - -o ACTION.json" in command
    assert page.xpath("//main//form") == []
    evil = "x'; rm -rf / #"
    answer = client.post("/sync/xa-centre/suspend", data={"form": "0123456789", "reason": evil})
    assert """'"'"'; rm -rf""" in parsed(answer).xpath("//pre")[0].text_content()
    assert (trail(office), state(client)) == ([], "live")


def test_a_decision_that_cannot_be_is_refused_and_kept_in_the_trail(office: Office) -> None:
    page = act(office.client(), "/en/sync/xa-centre/reinstate", reason="By mistake.")
    assert "not done" in parsed(page).xpath("//*[@role='status']")[0].text_content()
    assert trail(office) == [("reinstate", "The operator", "refused")]


def test_notes_maintenance_and_asking_again(office: Office) -> None:
    client = office.client()
    act(client, "/en/sync/xa-centre/note", reason="Called them <b>twice</b>.")
    act(client, "/en/sync/xa-centre/maintenance", reason="New disks.", hours="4")
    assert state(client) == State.MAINTENANCE
    page = client.get("/en/sync/xa-centre")
    assert "&lt;b&gt;twice&lt;/b&gt;" in page.text
    assert "New disks." in parsed(page).text_content()
    assert "New disks." in office.client(None).get("/api/v1/nodes/xa-centre").json()["reason"], "it is not hidden"
    act(client, "/en/sync/xa-centre/end-maintenance")
    assert state(client) == State.LIVE
    act(client, "/en/sync/xa-centre/resend")
    assert office.asked == ["xa-centre"]
    assert [each[0] for each in trail(office)] == ["resend", "end-maintenance", "maintenance", "note"]
    assert "Called them" not in office.client(None).get("/api/v1/nodes/xa-centre").text


def test_a_form_without_what_it_needs_is_shown_again(office: Office) -> None:
    client = office.client()
    for address, fields, message in (
        ("/en/sync/xa-centre/suspend", {"reason": "  "}, "Say why"),
        ("/en/sync/xa-centre/maintenance", {"reason": "x", "hours": "many"}, "Say for how many hours"),
        ("/en/sync/xa-centre/maintenance", {"reason": "x", "hours": "100000"}, "Say for how many hours"),
        ("/en/sync/xa-centre/note", {"reason": "x", "form": "?"}, "not complete"),
    ):
        answer = act(client, address, **fields)
        assert answer.status_code == 422
        assert message in parsed(answer).xpath("//*[@id='errors']")[0].text_content()
    assert trail(office) == []


@pytest.mark.parametrize(
    "address",
    ["/sync/nobody-here", "/sync/hub/suspend", "/sync/registry/suspend", "/sync/xa-centre/destroy",
     "/sync/nobody-here/suspend", "/quarantine/999999", "/quarantine/retry-all/nonsense"],
)  # fmt: skip
def test_what_is_not_there_is_not_found(office: Office, address: str) -> None:
    assert office.client().get(address).status_code == 404


def test_refused_messages_are_tried_again_one_by_one_or_all_of_a_cause(office: Office) -> None:
    refuse(office.network, 3)
    client = office.client()
    page = act(client, "/en/quarantine/1/retry", reason="To see.")
    assert "refused again: unknown-key" in parsed(page).xpath("//*[@role='status']")[0].text_content()
    page = act(client, "/en/quarantine/retry-all/unknown-key?org=xa-centre")
    assert "3 tried again: 0 accepted, 3 refused again" in parsed(page).text_content()
    assert trail(office) == [("retry-all", "The operator", "done"), ("retry", "The operator", "refused")]


def test_the_trail_shows_acts_and_log_ins(office: Office) -> None:
    client = office.client()
    act(client, "/en/sync/xa-centre/note", reason="Called.")
    client.post("/login", data={"name": "amina", "password": "wrong"})
    shown = parsed(client.get("/en/sync/acts")).text_content()
    assert "Add a note" in shown
    assert "unknown name" in shown
    assert "by token" in shown
    assert client.get("/en/sync/acts?before=nonsense").status_code == 200
