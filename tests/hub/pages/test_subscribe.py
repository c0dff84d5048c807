"""The page on which people subscribe: one sentence, what it would have sent, and what becomes of the form."""

from urllib.parse import urlencode

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from lxml import html

from hub.access import create_token
from hub.subscriptions import sign_ups, store
from tests.hub.subscriptions.driving import Driven, client_of
from tests.hub.subscriptions.receivers import Mailbox, Receiver
from tests.signed_network import contact, need

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def client(mailing: Driven) -> TestClient:
    mailing.network.publish("need", need("Document readers"), id="n1")
    mailing.network.publish("contact", contact(name={"en": "Quelimane"}), marking="TLP:GREEN", id="c1")
    return client_of(mailing)


def page(text: str) -> html.HtmlElement:
    return html.fromstring(text)


def said(text: str) -> str:
    return " ".join(page(text).text_content().split())


def test_the_choice_is_one_sentence_with_a_preview_of_what_may_be_seen(client: TestClient) -> None:
    answer = client.get("/subscribe?kind=need&kind=offer&place=KEN&place=SDN&q=readers")
    assert answer.status_code == 200
    assert "Any Need or Offer in Kenya or Sudan with the words “readers”" in said(answer.text)
    assert "1 message in the last 30 days." in said(answer.text)
    assert "Document readers" in said(answer.text)
    everything = client.get("/subscribe").text
    assert "Any record" in said(everything)
    assert "Quelimane" not in everything


def test_what_cannot_be_asked_for_is_said_on_the_page(client: TestClient) -> None:
    answer = client.get("/subscribe?kind=nead&place=")
    assert answer.status_code == 422
    assert "perhaps need was meant" in said(answer.text)


def test_the_other_ways_have_the_same_choice(client: TestClient) -> None:
    text = said(client.get("/subscribe?kind=need&place=KEN&org=xa-centre").text)
    assert "/api/v1/records.jsonl?kind=need&org=xa-centre&place=KEN" in text
    assert "/api/v1/events?kind=need&org=xa-centre&place=KEN" in text
    assert "liaison watch https://hub.example --kind need --org xa-centre --place KEN" in text
    assert "log.clear.need.xa-centre" in text


async def test_anybody_subscribes_one_address_by_mail_and_is_asked_first(
    client: TestClient, mailing: Driven, box: Mailbox
) -> None:
    fields = {"channel": "mail", "recipients": "duty@centre.example", "rhythm": "weekly", "hour": "7"}
    answer = client.post("/subscribe?place=KEN", content=urlencode(fields), headers=FORM)
    assert answer.status_code == 201
    assert "One more step" in said(answer.text)
    await mailing.settle()
    assert box.recipients == ["duty@centre.example"]
    assert "Please confirm" in box.mails[0]["Subject"]


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"recipients": "a@b.example, c@d.example"}, "one mail address can be subscribed at a time"),
        ({"channel": "webhook", "url": "https://receiver.example/"}, "one mail address can be subscribed at a time"),
        ({"recipients": "nobody"}, "must be a mail address"),
        ({"recipients": "a@b.example", "rhythm": "hourly"}, "rhythm"),
        ({}, "at least one mail address"),
    ],
)
def test_what_cannot_be_subscribed_is_said_and_what_was_typed_stays(
    client: TestClient, fields: dict[str, str], told: str
) -> None:
    answer = client.post("/subscribe?place=KEN", content=urlencode(fields), headers=FORM)
    assert answer.status_code == 422
    assert told in said(answer.text)
    typed = page(answer.text).xpath("//input[@name='recipients']/@value")
    assert typed == [fields.get("recipients", "")]


async def test_a_member_s_webhook_shows_its_secret_once(
    client: TestClient, mailing: Driven, receiver: Receiver
) -> None:
    token = create_token(mailing.network.engine, "member", "reader")
    client.headers["Authorization"] = f"Bearer {token}"
    fields = {"channel": "webhook", "url": receiver.url}
    answer = client.post("/subscribe?kind=need", content=urlencode(fields), headers=FORM)
    assert answer.status_code == 201
    assert answer.headers["cache-control"] == "no-store"
    [secret] = page(answer.text).xpath("//*[@id='secret']/text()")
    assert secret.startswith("whsec_")
    mailing.network.publish("need", need(), id="n2")
    await mailing.settle()
    assert len(receiver.taken) == 1


def sign_up(client: TestClient, visitor: str, recipient: str) -> Response:
    """Subscribe from an address of the visitor's."""
    content = urlencode({"channel": "mail", "recipients": recipient})
    return TestClient(client.app, client=(visitor, 1)).post("/subscribe", content=content, headers=FORM)


def test_one_network_subscribes_so_many_addresses_a_day_and_others_are_not_held_up(
    client: TestClient, mailing: Driven, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sign_ups, "MAX_OF_NETWORK", 2)
    assert sign_up(client, "2001:db8::1", "one@centre.example").status_code == 201
    assert sign_up(client, "2001:db8::1", "no address").status_code == 422, "this one does not count"
    assert sign_up(client, "2001:db8::2", "two@centre.example").status_code == 201
    refused = sign_up(client, "2001:db8::3", "three@centre.example")
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "86400")
    assert "Try again tomorrow, or log in." in said(refused.text)
    assert page(refused.text).xpath("//input[@name='recipients']/@value") == ["three@centre.example"]
    for other in ("2001:db8:0:1::1", "192.0.2.1"):
        assert sign_up(client, other, "three@centre.example").status_code == 201
    mailing.later(days=1)
    assert sign_up(client, "2001:db8::3", "three@centre.example").status_code == 201


def test_a_member_is_not_counted_with_the_network(
    client: TestClient, mailing: Driven, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sign_ups, "MAX_OF_NETWORK", 1)
    client.headers["Authorization"] = f"Bearer {create_token(mailing.network.engine, 'member', 'reader')}"
    for recipient in ("one@centre.example", "two@centre.example"):
        content = urlencode({"channel": "mail", "recipients": recipient})
        assert client.post("/subscribe", content=content, headers=FORM).status_code == 201


def test_what_was_not_made_does_not_count(client: TestClient, mailing: Driven, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sign_ups, "MAX_OF_NETWORK", 1)
    with monkeypatch.context() as full:
        full.setattr(store, "MAX_PUBLIC", 0)
        assert sign_up(client, "192.0.2.1", "one@centre.example").status_code == 429
    assert sign_up(client, "192.0.2.1", "one@centre.example").status_code == 201
