"""What a recipient of mail does without a log-in: nothing happens by opening a link, all by pressing a button."""

import re

import pytest
from fastapi.testclient import TestClient

from hub.subscriptions import store
from hub.subscriptions.forms import Change
from hub.subscriptions.recipients import CONFIRM_WITHIN
from tests.hub.subscriptions.driving import Driven, client_of
from tests.hub.subscriptions.receivers import Mailbox
from tests.signed_network import need

DUTY = "duty@centre.example"


@pytest.fixture
def client(mailing: Driven) -> TestClient:
    return client_of(mailing)


def turn(mailing: Driven, made: str, **said: str) -> None:
    with mailing.network.engine.begin() as connection:
        found = store.find(connection, made)
        assert found is not None
        store.change(connection, found, Change.model_validate(said), mailing.now)


def link_in(text: str, what: str) -> str:
    found = re.search(rf"https://hub\.example(/{what}\S+)", text)
    assert found is not None, text
    return found[1]


async def test_from_the_first_mail_to_the_last(client: TestClient, mailing: Driven, box: Mailbox) -> None:
    made = mailing.subscribe(channel="mail", recipients=[DUTY], filters={"place": ["KEN"]})
    await mailing.settle()
    confirm = link_in(box.text(), "subscriptions/confirm/")
    assert "Any record in Kenya" in client.get(confirm).text
    mailing.network.publish("need", need(), id="n1")
    await mailing.settle()
    assert len(box.mails) == 1, "a scanner that opens the link confirms nothing"
    assert mailing.row(made).state == "awaiting"
    answer = client.post(confirm)
    assert answer.status_code == 200
    assert "Thank you" in answer.text
    await mailing.settle()
    assert len(box.mails) == 1, "what was before is not sent"
    mailing.network.publish("need", need(), id="n2")
    await mailing.settle()
    assert len(box.mails) == 2

    header = str(box.mails[1]["List-Unsubscribe"])
    unsubscribe = header.strip("<>").removeprefix("https://hub.example")
    assert "Unsubscribe" in client.get(unsubscribe).text
    assert mailing.targets(made)[0].state == "active", "opening the page ends nothing"
    answer = client.post(unsubscribe, content="List-Unsubscribe=One-Click", headers={"Origin": "https://mail.example"})
    assert answer.status_code == 200
    assert mailing.row(made).state == "stopped"
    mailing.later(minutes=6)
    mailing.network.publish("need", need(), id="n3")
    await mailing.settle()
    assert len(box.mails) == 2

    undo = link_in(box.text(), "subscriptions/") + "/undo"
    assert "subscribed again" in client.post(undo).text
    await mailing.settle()
    assert len(box.mails) == 3, "what came meanwhile comes now"
    assert client.post(undo).status_code == 200


async def test_what_its_owner_has_paused_stays_so_whatever_a_recipient_does_and_the_page_says_so(
    client: TestClient, mailing: Driven, box: Mailbox
) -> None:
    made = mailing.subscribe(channel="mail", recipients=[DUTY])
    [token] = mailing.confirm_all(made)
    turn(mailing, made, state="paused")
    assert "You are unsubscribed." in client.post(f"/unsubscribe/{token}").text
    text = client.post(f"/subscriptions/{token}/undo").text
    assert "You are subscribed, but nothing is sent now" in text
    assert "subscribed again" not in text
    mailing.network.publish("need", need(), id="n1")
    await mailing.settle()
    assert (mailing.row(made).state, box.mails) == ("paused", [])
    turn(mailing, made, state="active")
    mailing.later(minutes=6)
    await mailing.settle()
    assert box.recipients == [DUTY]
    assert "nothing is sent now" not in client.get(f"/subscriptions/{token}").text


async def test_a_link_that_was_not_used_in_time_works_no_more_and_the_address_is_forgotten(
    client: TestClient, mailing: Driven, box: Mailbox
) -> None:
    mailing.subscribe(channel="mail", recipients=[DUTY])
    await mailing.settle()
    confirm = link_in(box.text(), "subscriptions/confirm/")
    mailing.now += CONFIRM_WITHIN
    mailing.later(seconds=1)
    assert client.post(confirm).status_code == 404
    await mailing.settle()
    assert client.get(confirm).status_code == 404
    with mailing.network.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM subscription_targets").scalar() == 0
        assert connection.exec_driver_sql("SELECT count(*) FROM subscriptions").scalar() == 0


async def test_a_token_is_for_one_thing_and_guesses_find_nothing(
    client: TestClient, mailing: Driven, box: Mailbox
) -> None:
    mailing.subscribe(channel="mail", recipients=[DUTY])
    await mailing.settle()
    token = link_in(box.text(), "subscriptions/confirm/").rpartition("/")[2]
    for address in (
        f"/subscriptions/{token}",
        f"/unsubscribe/{token}",
        f"/subscriptions/{token[:-1]}",
        "/unsubscribe/x",
    ):
        answer = client.get(address, headers={"Accept": "text/html"})
        assert answer.status_code == 404
        assert DUTY not in answer.text
    assert client.post(f"/unsubscribe/{token}").status_code == 404


async def test_the_pages_tell_nobody_else_where_they_are(client: TestClient, mailing: Driven) -> None:
    [token] = mailing.confirm_all(mailing.subscribe(channel="mail", recipients=[DUTY]))
    headers = client.get(f"/subscriptions/{token}").headers
    assert headers["x-robots-tag"] == "noindex"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"


async def test_what_stopped_because_its_place_is_no_more_in_the_log_goes_on_from_the_end_and_says_so(
    client: TestClient, mailing: Driven, box: Mailbox
) -> None:
    made = mailing.subscribe(channel="mail", recipients=[DUTY])
    [token] = mailing.confirm_all(made)
    mailing.lose_a_part_of_the_log(made)
    await mailing.settle()
    assert (mailing.row(made).state, mailing.row(made).reason) == ("stopped", "cursor-beyond-log")
    mailing.network.publish("need", need(), id="n1")
    text = client.get(f"/subscriptions/{token}").text
    assert "Its place lies beyond the end of the log" in text
    assert "Resume from the end of the log" in text
    assert "from the end of the log as it is now" in client.post(f"/subscriptions/{token}/undo").text
    await mailing.settle()
    assert (mailing.row(made).state, mailing.targets(made)[0].cursor) == ("active", mailing.network.tail.size)
    assert box.mails == []
    mailing.network.publish("need", need(), id="n2")
    await mailing.settle()
    assert box.recipients == [DUTY]


async def test_what_was_ended_before_a_part_of_the_log_was_lost_goes_on_from_the_end(
    client: TestClient, mailing: Driven, box: Mailbox
) -> None:
    made = mailing.subscribe(channel="mail", recipients=[DUTY])
    [token] = mailing.confirm_all(made)
    client.post(f"/unsubscribe/{token}")
    mailing.lose_a_part_of_the_log(made)
    assert "from the end of the log as it is now" in client.post(f"/subscriptions/{token}/undo").text
    mailing.network.publish("need", need(), id="n1")
    await mailing.settle()
    assert (mailing.row(made).state, box.recipients) == ("active", [DUTY])
