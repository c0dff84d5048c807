"""The pages of who has subscribed: only with a log-in, only one's own, and every button does what it says."""

from urllib.parse import urlencode

import lxml.html
import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from hub.access import create_token
from tests.hub.subscriptions.driving import SUBSCRIPTIONS, Driven, client_of, hook
from tests.hub.subscriptions.receivers import Mailbox, Receiver
from tests.pages.left_in_latin import left_in_latin
from tests.signed_network import need

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def client(driven: Driven) -> TestClient:
    return logged_in(driven)


def logged_in(driven: Driven) -> TestClient:
    found = client_of(driven)
    token = create_token(driven.network.engine, "member", "reader")
    answer = found.post("/login", content=urlencode({"token": token}), headers=FORM)
    assert answer.status_code in {200, 303}
    found.headers["Origin"] = str(found.base_url)
    return found


def act(client: TestClient, made: str, what: str, **fields: str) -> Response:
    content = urlencode({"do": what, **fields})
    headers = {**FORM, "Origin": str(client.base_url)}
    return client.post(f"/subscriptions/own/{made}", content=content, headers=headers)


def test_who_is_not_logged_in_is_asked_to(driven: Driven) -> None:
    somebody = client_of(driven)
    for address in ("/subscriptions", "/subscriptions/own/abc"):
        answer = somebody.get(address, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"].startswith("/login?next=")) == (303, True)


async def test_buttons_pause_resume_test_send_again_rotate_and_end(
    client: TestClient, driven: Driven, receiver: Receiver
) -> None:
    made = hook(client, receiver.url, name="All of Kenya", filters={"place": ["KEN"]})["id"]
    assert "All of Kenya" in client.get("/subscriptions").text
    act(client, made, "pause")
    index = driven.network.publish("need", need(), id="n1")
    await driven.settle()
    assert receiver.posts == []
    act(client, made, "resume")
    await driven.settle()
    assert receiver.indices == [index]
    text = client.get(f"/subscriptions/own/{made}").text
    assert "✓" in text
    assert "delivered" in text
    assert "delivered" in act(client, made, "test").text
    assert receiver.taken[1].event["type"] == "liaison.subscription.tested"
    assert "delivered" in act(client, made, "again", index=str(index)).text
    assert receiver.taken[2].id == receiver.taken[0].id
    act(client, made, "again", after=str(index - 1))
    await driven.settle()
    assert receiver.taken[3].id == receiver.taken[0].id
    assert act(client, made, "again", after="many").status_code == 422
    assert "whsec_" in act(client, made, "secret").text
    assert "whsec_" not in client.get(f"/subscriptions/own/{made}").text
    assert act(client, made, "dance").status_code == 400
    act(client, made, "end")
    assert "You have no subscriptions." in client.get("/subscriptions").text


async def test_a_failing_one_is_tried_again_by_a_button_before_its_pause_is_over(
    client: TestClient, driven: Driven, receiver: Receiver
) -> None:
    made = hook(client, receiver.url)["id"]
    receiver.status = 500
    driven.network.publish("need", need(), id="n1")
    await driven.settle()
    assert "Try again" in client.get(f"/subscriptions/own/{made}").text
    receiver.status = 200
    assert act(client, made, "resume").status_code == 200
    await driven.settle()
    assert len(receiver.taken) == 1
    assert "Try again" not in client.get(f"/subscriptions/own/{made}").text


async def test_why_one_does_not_go_on_is_told_in_words(client: TestClient, driven: Driven, receiver: Receiver) -> None:
    receiver.status, receiver.body = 410, b"<b>gone</b>"
    made = hook(client, receiver.url)["id"]
    driven.network.publish("need", need(), id="n1")
    await driven.settle()
    text = client.get(f"/subscriptions/own/{made}").text
    assert "The receiver said that it is gone (410)." in text
    assert "&lt;b&gt;gone" in text


def test_another_site_s_form_does_nothing(client: TestClient, receiver: Receiver) -> None:
    made = hook(client, receiver.url)["id"]
    headers = {**FORM, "Origin": "https://evil.example"}
    answer = client.post(f"/subscriptions/own/{made}", content="do=end", headers=headers)
    assert answer.status_code == 403
    assert client.get(f"/subscriptions/own/{made}").status_code == 200


def test_what_is_no_index_is_said_in_the_reader_s_language(client: TestClient, receiver: Receiver) -> None:
    made = hook(client, receiver.url)["id"]
    content = urlencode({"do": "again", "after": "many"})
    answer = client.post(f"/fr/subscriptions/own/{made}", content=content, headers=FORM)
    assert answer.status_code == 422
    assert "Un indice du journal était attendu, par exemple 120." in answer.text


async def test_why_nothing_was_sent_is_said_in_the_reader_s_language(client: TestClient, driven: Driven) -> None:
    made = hook(client, "https://receiver.invalid/hook")["id"]
    driven.network.publish("need", need(), id="n1")
    await driven.settle()
    page = lxml.html.fromstring(client.get(f"/ar/subscriptions/own/{made}").text)
    assert "تعذر البحث عن الاسم receiver.invalid" in page.text_content()
    assert left_in_latin(page) == []


async def test_a_mail_whose_place_is_no_more_in_the_log_goes_on_from_the_end_by_a_button_that_says_so(
    mailing: Driven, box: Mailbox
) -> None:
    client = logged_in(mailing)
    form = {"channel": "mail", "recipients": ["one@centre.example", "two@centre.example"]}
    made = client.post(SUBSCRIPTIONS, json=form).json()["id"]
    tokens = mailing.confirm_all(made)
    client.post(f"/unsubscribe/{tokens[1]}")
    mailing.lose_a_part_of_the_log(made)
    await mailing.settle()
    page = client.get(f"/subscriptions/own/{made}").text
    assert "It can go on from the end as it is now." in page
    assert "Resume from the end of the log" in page
    assert "without a gap" not in page
    mailing.network.publish("need", need(), id="n1")
    act(client, made, "resume")
    await mailing.settle()
    assert box.mails == []
    mailing.network.publish("need", need(), id="n2")
    mailing.later(minutes=6)
    await mailing.settle()
    assert box.recipients == ["one@centre.example"], "who has unsubscribed stays so"
    assert "Resume" not in client.get(f"/subscriptions/own/{made}").text


async def test_a_webhook_whose_place_is_no_more_in_the_log_goes_on_by_one_step(
    client: TestClient, driven: Driven, receiver: Receiver
) -> None:
    made = hook(client, receiver.url)["id"]
    driven.lose_a_part_of_the_log(made)
    await driven.settle()
    page = client.get(f"/subscriptions/own/{made}").text
    assert "choose the index after which all is sent again: it goes on from there" in page
    assert "Resume" not in page, "it would skip what stands at its place now"
    index = driven.network.publish("need", need(), id="n1")
    assert act(client, made, "resume").status_code == 422
    assert act(client, made, "again", after=str(index - 1)).status_code == 200
    await driven.settle()
    assert (driven.row(made).state, receiver.indices) == ("active", [index])
