"""Subscriptions over HTTP: what a member can do, what nobody else can, and what is said of mistakes."""

import asyncio
import itertools
import threading
from typing import Any

import httpx2
import pytest
from fastapi.testclient import TestClient

from hub.access import create_token
from hub.subscriptions.by_hand import MAX_BY_HAND
from tests.hub.published import Published
from tests.hub.subscriptions.driving import SUBSCRIPTIONS, Driven, client_of, hook
from tests.hub.subscriptions.receivers import Posted, Receiver
from tests.signed_network import contact, need

BASE = SUBSCRIPTIONS


@pytest.fixture
def client(driven: Driven) -> TestClient:
    return client_of(driven)


@pytest.fixture
def member(client: TestClient, small_network: Published) -> TestClient:
    token = create_token(small_network.engine, "member", "reader")
    client.headers["Authorization"] = f"Bearer {token}"
    return client


async def test_a_member_subscribes_and_gets_what_is_published_and_may_see(
    member: TestClient, driven: Driven, receiver: Receiver
) -> None:
    made = hook(member, receiver.url, name="All of Kenya", filters={"kind": ["contact", "need"]})
    green = driven.network.publish("contact", contact(), marking="TLP:GREEN", id="c1")
    await driven.settle()
    assert receiver.indices == [green]
    assert made["secret"].startswith("whsec_")
    [listed] = member.get(BASE).json()["items"]
    assert "secret" not in listed
    assert (listed["state"], listed["name"], listed["lag_events"]) == ("active", "All of Kenya", 0)
    log = member.get(f"{BASE}/{made['id']}/deliveries").json()["items"]
    assert [(each["outcome"], each["status"], each["index"]) for each in log] == [("delivered", 204, green)]


def test_a_subscription_is_its_owner_s_alone(member: TestClient, driven: Driven, receiver: Receiver) -> None:
    made = hook(member, receiver.url)["id"]
    other = create_token(driven.network.engine, "operator", "somebody else")
    for headers, status in (({"Authorization": f"Bearer {other}"}, 404), ({"Authorization": ""}, 401)):
        asking = client_of(driven)
        asking.headers.update(headers if headers["Authorization"] else {})
        for method, address in (
            ("GET", made), ("PATCH", made), ("DELETE", made), ("POST", f"{made}/secret"), ("POST", f"{made}/test"),
            ("POST", f"{made}/resend"), ("GET", f"{made}/deliveries"),
        ):  # fmt: skip
            content = {"index": 0} if address.endswith("resend") else {}
            answer = asking.request(method, f"{BASE}/{address}", json=content if method in {"PATCH", "POST"} else None)
            assert answer.status_code == status, (method, address)
    assert member.get(f"{BASE}/{made}").status_code == 200


async def test_pausing_resuming_and_ending(member: TestClient, driven: Driven, receiver: Receiver) -> None:
    made = hook(member, receiver.url)["id"]
    assert member.patch(f"{BASE}/{made}", json={"state": "paused"}).json()["state"] == "paused"
    index = driven.network.publish("need", need(), id="n1")
    await driven.settle()
    assert receiver.indices == []
    assert member.get(f"{BASE}/{made}").json()["lag_events"] > 0
    assert member.patch(f"{BASE}/{made}", json={"state": "active"}).json()["state"] == "active"
    await driven.settle()
    assert index in receiver.indices
    assert member.delete(f"{BASE}/{made}").status_code == 204
    assert member.get(BASE).json()["items"] == []
    driven.network.publish("need", need(), id="n2")
    await driven.settle()
    assert len(receiver.posts) == 1


async def test_a_test_message_one_event_again_and_all_since(
    member: TestClient, driven: Driven, receiver: Receiver
) -> None:
    made = hook(member, receiver.url, filters={"kind": ["need"]})["id"]
    assert member.post(f"{BASE}/{made}/test").json()["outcome"] == "delivered"
    assert receiver.taken[0].event["type"] == "liaison.subscription.tested"
    indices = [driven.network.publish("need", need(), id=f"n{number}") for number in range(2)]
    driven.network.publish("offer", id="o1")
    await driven.settle()
    again = member.post(f"{BASE}/{made}/resend", json={"index": indices[0]}).json()
    assert (again["outcome"], again["message_id"]) == ("delivered", receiver.taken[1].id)
    assert member.post(f"{BASE}/{made}/resend", json={"index": indices[1] + 1}).status_code == 404
    assert member.post(f"{BASE}/{made}/resend", json={"after": indices[0]}).json() == {"again": True, "state": "active"}
    await driven.settle()
    assert [posted.event["index"] for posted in receiver.taken[1:]] == [*indices, indices[0], indices[1]]
    for _ in range(8):
        assert member.post(f"{BASE}/{made}/test").status_code == 200
    assert member.post(f"{BASE}/{made}/test").status_code == 429


async def test_as_many_as_are_asked_for_at_once_are_no_more_than_one_by_one(
    member: TestClient, receiver: Receiver
) -> None:
    made, refused = hook(member, receiver.url)["id"], threading.Event()

    def wait(_posted: Posted) -> None:
        refused.wait(20)

    receiver.before = wait
    transport = httpx2.ASGITransport(member.app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://hub", headers=member.headers) as client:
        asked = [asyncio.create_task(client.post(f"{BASE}/{made}/test")) for _ in range(MAX_BY_HAND + 3)]
        first = [(await each).status_code for each in itertools.islice(asyncio.as_completed(asked), 3)]
        refused.set()
        await asyncio.gather(*asked)
    assert first == [429] * 3
    assert len(receiver.posts) == MAX_BY_HAND


async def test_a_paused_one_that_is_to_send_again_says_that_it_is_paused(
    member: TestClient, driven: Driven, receiver: Receiver
) -> None:
    made = hook(member, receiver.url)["id"]
    member.patch(f"{BASE}/{made}", json={"state": "paused"})
    assert member.post(f"{BASE}/{made}/resend", json={"after": -1}).json() == {"again": True, "state": "paused"}
    await driven.settle()
    assert receiver.posts == []


@pytest.mark.parametrize(("method", "where"), [("POST", "/resend"), ("PATCH", "")])
async def test_one_that_stopped_because_its_place_is_no_more_in_the_log_goes_on_when_it_is_given_one(
    member: TestClient, driven: Driven, receiver: Receiver, method: str, where: str
) -> None:
    made = hook(member, receiver.url)["id"]
    driven.lose_a_part_of_the_log(made)
    await driven.settle()
    index = driven.network.publish("need", need(), id="n1")
    refused = member.patch(f"{BASE}/{made}", json={"state": "active"})
    assert (refused.status_code, refused.json()["detail"].startswith("Its place lies beyond")) == (409, True)
    answer = member.request(method, f"{BASE}/{made}{where}", json={"after": index - 1})
    assert (answer.status_code, answer.json()["state"]) == (200, "active")
    await driven.settle()
    assert (driven.row(made).reason, receiver.indices) == (None, [index])


async def test_a_new_secret_signs_beside_the_old_one_for_a_day(
    member: TestClient, driven: Driven, receiver: Receiver
) -> None:
    made = hook(member, receiver.url)
    fresh = member.post(f"{BASE}/{made['id']}/secret").json()["secret"]
    assert fresh != made["secret"]
    driven.network.publish("need", need(), id="n1")
    await driven.settle()
    assert receiver.taken[0].headers["webhook-signature"].count("v1,") == 2
    driven.later(days=1, seconds=1)
    driven.network.publish("need", need(), id="n2")
    await driven.settle()
    assert receiver.taken[1].headers["webhook-signature"].count("v1,") == 1


@pytest.mark.parametrize(
    ("form", "pointer"),
    [
        ({"channel": "webhook"}, "/url"),
        ({"channel": "webhook", "url": "http://receiver.example/"}, "/url"),
        ({"channel": "webhook", "url": "https://127.0.0.1/"}, "/url"),
        ({"channel": "webhook", "url": "https://receiver.example/", "rhythm": "daily"}, "/rhythm"),
        ({"channel": "webhook", "url": "https://receiver.example/", "filters": {"kind": ["nead"]}}, "/filters/kind/0"),
        ({"channel": "mail", "recipients": ["nobody"]}, "/recipients/0"),
        ({"channel": "mail", "recipients": ["a@b.example\r\nBcc: c@d.example"]}, "/recipients/0"),
        ({"channel": "mail"}, "/recipients"),
        ({"channel": "pigeon"}, "/channel"),
        ({"channel": "webhook", "url": "https://receiver.example/", "owner": "public"}, "/owner"),
    ],
)
def test_what_cannot_be_subscribed_is_pointed_at(member: TestClient, form: dict[str, Any], pointer: str) -> None:
    answer = member.post(BASE, json=form)
    assert answer.status_code == 400, answer.text
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


def test_what_is_no_form_or_too_large_or_for_a_hub_without_mail_is_refused(member: TestClient) -> None:
    assert member.post(BASE, content=b"[]").status_code == 400
    assert member.post(BASE, content=b"{" + b" " * 70_000).status_code == 413
    answer = member.post(BASE, json={"channel": "mail", "recipients": ["duty@centre.example"]})
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (409, "no-mail")


def test_an_owner_has_a_bounded_number(member: TestClient, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.subscriptions.store.MAX_OF_OWNER", 1)
    hook(member, receiver.url)
    assert member.post(BASE, json={"channel": "webhook", "url": receiver.url}).status_code == 429


def test_an_address_has_a_bounded_number_whether_it_is_named_at_once_or_later(
    member: TestClient, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.subscriptions.store.MAX_OF_ADDRESS", 1)
    first = hook(member, receiver.url)["id"]
    second = hook(member, receiver.url + "/2")["id"]
    assert member.post(BASE, json={"channel": "webhook", "url": receiver.url}).status_code == 429
    assert member.patch(f"{BASE}/{second}", json={"url": receiver.url}).status_code == 429
    assert member.get(f"{BASE}/{second}").json()["url"] == receiver.url + "/2"
    assert member.patch(f"{BASE}/{first}", json={"url": receiver.url}).status_code == 200


@pytest.fixture
def published(driven: Driven) -> Published:
    driven.network.publish("need", need("Readers"), id="n1")
    driven.network.publish("contact", contact(), marking="TLP:GREEN", id="c1")
    driven.network.tell("fr-office", record=need("Secret"), id="n2")
    return driven.network


def test_a_preview_says_what_would_have_been_sent_and_no_more_than_may_be_seen(
    client: TestClient, published: Published
) -> None:
    said = client.get(f"{BASE}/preview", params={"place": "KEN"}).json()
    assert (said["count"], [item["title"] for item in said["items"]], said["whole"]) == (1, ["Readers"], True)
    assert client.get(f"{BASE}/preview").json()["count"] == 1
    token = create_token(published.engine, "member", "reader")
    as_member = client.get(f"{BASE}/preview", headers={"Authorization": f"Bearer {token}"}).json()
    assert [item["kind"] for item in as_member["items"]] == ["contact", "need"]
