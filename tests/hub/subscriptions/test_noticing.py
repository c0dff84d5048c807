"""Whom a webhook's owner has named is told when it is paused or ended: asked first, once for each time, and by mail."""

from contextlib import suppress
from typing import Any

import pytest
from pydantic import ValidationError

from hub.access import create_token
from hub.subscriptions import noticing, store
from hub.subscriptions.backoff import GIVEN_UP, STEPS
from hub.subscriptions.forms import Change, NewSubscription
from hub.subscriptions.states import NOTICES
from tests.hub.subscriptions.driving import KEYS, SUBSCRIPTIONS, Driven, client_of
from tests.hub.subscriptions.receivers import Mailbox, Receiver
from tests.signed_network import need

DUTY = "duty@centre.example"


def notice_target(driven: Driven, made: str) -> Any:
    [found] = [each for each in driven.targets(made) if each.role == NOTICES]
    return found


async def confirmed(driven: Driven, receiver: Receiver, box: Mailbox) -> str:
    """A webhook whose named address was asked and has confirmed."""
    made = driven.subscribe(channel="webhook", url=receiver.url, notify=DUTY, name="Our desk")
    await driven.settle()
    token = KEYS.token("confirm", notice_target(driven, made).id)
    assert client_of(driven).post(f"/subscriptions/confirm/{token}").status_code == 200
    box.mails.clear()
    return made


def change(driven: Driven, made: str, **asked: str) -> None:
    with driven.network.engine.begin() as connection:
        found = store.find(connection, made)
        assert found is not None
        store.change(connection, found, Change.model_validate(asked), driven.now)


async def fail_for_days(driven: Driven, receiver: Receiver, name: str = "a") -> None:
    receiver.status = 500
    driven.network.publish("need", need(name), id=name)
    await driven.settle()
    driven.now += GIVEN_UP
    await driven.settle()
    await driven.settle()


async def test_the_address_is_asked_first_and_gets_nothing_before(
    mailing: Driven, receiver: Receiver, box: Mailbox
) -> None:
    made = mailing.subscribe(channel="webhook", url=receiver.url, notify=DUTY, name="Our desk")
    await mailing.settle()
    assert box.recipients == [DUTY]
    assert "a webhook is paused or ended" in box.text()
    assert "Our desk" not in box.text(), "what a stranger wrote"
    mailing.network.publish("need", need("a"), id="a")
    await mailing.settle()
    assert len(receiver.taken) == 1, "the webhook does not wait for it"
    await fail_for_days(mailing, receiver, "b")
    assert (mailing.row(made).state, len(box.mails)) == ("paused", 1)


async def test_it_is_told_once_for_each_pause(mailing: Driven, receiver: Receiver, box: Mailbox) -> None:
    made = await confirmed(mailing, receiver, box)
    await mailing.settle()
    assert box.mails == []
    await fail_for_days(mailing, receiver)
    [mail] = box.mails
    assert mail["Subject"] == "Paused: webhook to localhost:" + receiver.url.split(":")[2].split("/")[0]
    for form in ("plain", "html"):
        text = box.text(form=form)
        assert "Our desk" in text
        assert "It failed for days" in text
        assert f"https://hub.example/subscriptions/own/{made}" in text
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    mailing.later(days=1)
    mailing.restarted()
    await mailing.settle()
    assert len(box.mails) == 1
    change(mailing, made, state="active")
    await fail_for_days(mailing, receiver, "b")
    assert len(box.mails) == 2
    kinds = [(each.kind, each.outcome) for each in mailing.deliveries() if each.kind == "notice"]
    assert kinds == [("notice", "delivered")] * 2


async def test_mail_that_is_away_delays_the_notice_and_who_resumes_meanwhile_needs_none(
    mailing: Driven, receiver: Receiver, box: Mailbox
) -> None:
    made = await confirmed(mailing, receiver, box)
    box.answers[DUTY] = "451 try again"
    await fail_for_days(mailing, receiver)
    assert box.mails == []
    box.answers.clear()
    mailing.later(seconds=STEPS[0] * 2)
    await mailing.settle()
    assert len(box.mails) == 1
    change(mailing, made, state="active")
    box.answers[DUTY] = "451 try again"
    await fail_for_days(mailing, receiver, "b")
    change(mailing, made, state="active")
    box.answers.clear()
    receiver.status = 200
    mailing.later(days=1)
    await mailing.settle()
    assert len(box.mails) == 1


async def test_who_unsubscribes_gets_no_notice_and_the_webhook_goes_on(
    mailing: Driven, receiver: Receiver, box: Mailbox
) -> None:
    made = await confirmed(mailing, receiver, box)
    token = KEYS.token("manage", notice_target(mailing, made).id)
    assert client_of(mailing).post(f"/unsubscribe/{token}").status_code == 200
    assert mailing.row(made).state == "active"
    await fail_for_days(mailing, receiver)
    assert (mailing.row(made).state, box.mails) == ("paused", [])


async def test_the_address_is_changed_and_shown_on_page_and_api(mailing: Driven, receiver: Receiver) -> None:
    token = create_token(mailing.network.engine, "member", "Desk")
    client = client_of(mailing)
    client.headers["Authorization"] = f"Bearer {token}"
    form = {"channel": "webhook", "url": receiver.url, "notify": DUTY}
    made = client.post(SUBSCRIPTIONS, json=form).json()
    assert made["notify"] == {"address": DUTY, "state": "awaiting", "reason": None}
    address = f"{SUBSCRIPTIONS}/{made['id']}"
    assert client.patch(address, json={"notify": "no address"}).status_code == 400
    changed = client.patch(address, json={"notify": "other@centre.example"}).json()
    assert changed["notify"]["address"] == "other@centre.example"
    page = client.get(f"/en/subscriptions/own/{made['id']}", headers={"Accept": "text/html"}).text
    assert "other@centre.example" in page
    assert "waits for confirmation" in page
    sent = {"do": "notify", "notify": "third@centre.example"}
    client.post(f"/subscriptions/own/{made['id']}", data=sent, headers={"Sec-Fetch-Site": "same-origin"})
    assert client.get(address).json()["notify"]["address"] == "third@centre.example"
    assert client.patch(address, json={"notify": ""}).json()["notify"] is None
    assert [each.role for each in mailing.targets(made["id"])] == ["events"]


def test_only_a_webhook_has_one_and_only_where_the_hub_sends_mail(driven: Driven, receiver: Receiver) -> None:
    with pytest.raises(ValidationError, match="left out"):
        NewSubscription.model_validate({"channel": "mail", "recipients": [DUTY], "notify": DUTY})
    token = create_token(driven.network.engine, "member", "Desk")
    form = {"channel": "webhook", "url": receiver.url, "notify": DUTY}
    answer = client_of(driven).post(SUBSCRIPTIONS, json=form, headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, "no-mail" in answer.text) == (409, True)


async def test_a_receiver_that_is_gone_is_told_too(mailing: Driven, receiver: Receiver, box: Mailbox) -> None:
    made = await confirmed(mailing, receiver, box)
    receiver.status = 410
    mailing.network.publish("need", need("a"), id="a")
    await mailing.settle()
    await mailing.settle()
    assert (mailing.row(made).reason, box.mails[0]["Subject"].partition(":")[0]) == ("gone", "Ended")


async def test_a_notice_that_cannot_be_written_down_is_not_mailed_again_and_again(
    mailing: Driven, receiver: Receiver, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    await confirmed(mailing, receiver, box)
    receiver.status = 410
    mailing.network.publish("need", need("a"), id="a")

    def cannot_write(*_: object) -> None:
        raise OSError("no space left")

    with monkeypatch.context() as patched:
        patched.setattr(noticing, "note", cannot_write)
        for _ in range(20):
            with suppress(OSError):
                await mailing.settle()
    assert len(box.mails) == 1
    mailing.later(minutes=5)
    for _ in range(3):
        await mailing.settle()
    assert len(box.mails) == 2


async def test_who_wants_no_more_notices_does_not_change_why_the_webhook_has_ended(
    mailing: Driven, receiver: Receiver, box: Mailbox
) -> None:
    made = await confirmed(mailing, receiver, box)
    receiver.status = 410
    mailing.network.publish("need", need("a"), id="a")
    await mailing.settle()
    await mailing.settle()
    one_click = box.mails[0]["List-Unsubscribe"].strip("<>").removeprefix("https://hub.example")
    assert client_of(mailing).post(one_click).status_code == 200
    assert (notice_target(mailing, made).state, mailing.row(made).reason) == ("stopped", "gone")


async def test_who_confirms_after_the_webhook_was_paused_is_told_of_that_once(
    mailing: Driven, receiver: Receiver, box: Mailbox
) -> None:
    made = mailing.subscribe(channel="webhook", url=receiver.url)
    await fail_for_days(mailing, receiver)
    change(mailing, made, notify=DUTY)
    await mailing.settle()
    token = KEYS.token("confirm", notice_target(mailing, made).id)
    assert client_of(mailing).post(f"/subscriptions/confirm/{token}").status_code == 200
    for _ in range(2):
        await mailing.settle()
        mailing.later(days=1)
    assert [str(mail["Subject"]).partition(":")[0] for mail in box.mails] == ["Please confirm", "Paused"]


async def test_who_confirms_after_its_owner_has_paused_the_webhook_is_told_of_nothing(
    mailing: Driven, receiver: Receiver, box: Mailbox
) -> None:
    made = mailing.subscribe(channel="webhook", url=receiver.url, notify=DUTY)
    await mailing.settle()
    change(mailing, made, state="paused")
    token = KEYS.token("confirm", notice_target(mailing, made).id)
    assert client_of(mailing).post(f"/subscriptions/confirm/{token}").status_code == 200
    await mailing.settle()
    assert len(box.mails) == 1, "the one that asks"
