"""Asking recipients: once each, never an address too often, and later if the mail server is away."""

import pytest

from deploy.demo.service import free_port
from hub.subscriptions import recipients, store
from hub.subscriptions.backoff import GIVEN_UP, STEPS
from hub.subscriptions.owners import PUBLIC
from hub.subscriptions.recipients import MAX_ASKED_A_DAY, may_ask
from tests.hub.subscriptions.driving import Driven, smtp_at
from tests.hub.subscriptions.receivers import Mailbox

DUTY = "duty@centre.example"


async def test_every_recipient_is_asked_once_for_itself(mailing: Driven, box: Mailbox) -> None:
    made = mailing.subscribe(channel="mail", recipients=["one@centre.example", "two@centre.example"])
    await mailing.settle()
    await mailing.settle()
    mailing.restarted()
    await mailing.settle()
    assert box.recipients == ["one@centre.example", "two@centre.example"]
    assert [target.state for target in mailing.targets(made)] == ["awaiting", "awaiting"]


async def test_nobody_is_flooded_with_questions(mailing: Driven, box: Mailbox) -> None:
    for spelling in (DUTY, DUTY.upper(), "Duty@centre.example", DUTY, DUTY):
        made = mailing.subscribe(channel="mail", recipients=[spelling])
        await mailing.settle()
    assert len(box.mails) == MAX_ASKED_A_DAY
    assert [(t.state, t.reason) for t in mailing.targets(made)] == [("stopped", "asked-too-often")]
    mailing.later(days=1)
    mailing.subscribe(channel="mail", recipients=[DUTY])
    await mailing.settle()
    assert len(box.mails) == MAX_ASKED_A_DAY + 1


def test_the_public_has_a_bounded_number_a_day_and_members_are_not_in_its_way(
    mailing: Driven, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recipients, "MAX_PUBLIC_A_DAY", 2)
    with mailing.network.engine.begin() as connection:
        found = [may_ask(connection, f"{number}@centre.example", PUBLIC, mailing.now) for number in range(3)]
        assert found == [True, True, False]
        assert may_ask(connection, "3@centre.example", "account:1", mailing.now)


async def test_a_mail_server_that_is_away_is_asked_again_later(mailing: Driven, box: Mailbox) -> None:
    box.answers[DUTY] = "451 try again"
    mailing.subscribe(channel="mail", recipients=[DUTY])
    await mailing.settle()
    await mailing.settle()
    assert box.mails == []
    del box.answers[DUTY]
    mailing.later(seconds=2 * STEPS[0])
    await mailing.settle()
    assert len(box.mails) == 1


async def test_an_address_that_is_refused_is_not_asked_again(mailing: Driven, box: Mailbox) -> None:
    box.answers[DUTY] = "550 nobody"
    made = mailing.subscribe(channel="mail", recipients=[DUTY])
    await mailing.settle()
    assert [target.reason for target in mailing.targets(made)] == ["address-refused"]


async def test_an_address_that_is_put_off_for_days_is_given_up_and_forgotten(mailing: Driven, box: Mailbox) -> None:
    box.answers[DUTY] = "452 mailbox full"
    made = mailing.subscribe(channel="mail", recipients=[DUTY])
    await mailing.settle()
    mailing.now += GIVEN_UP
    await mailing.settle()
    assert [(target.state, target.reason) for target in mailing.targets(made)] == [("stopped", "address-refused")]
    mailing.later(days=2)
    await mailing.settle()
    with mailing.network.engine.connect() as connection:
        assert store.find(connection, made) is None


async def test_a_mail_server_that_was_away_for_a_week_loses_nobody(mailing: Driven, box: Mailbox) -> None:
    mailing.sending.smtp = smtp_at(free_port())
    made = mailing.subscribe(channel="mail", recipients=[DUTY])
    mailing.restarted()
    await mailing.settle()
    mailing.later(days=7)
    await mailing.settle()
    assert [target.state for target in mailing.targets(made)] == ["awaiting"]
    mailing.sending.smtp = smtp_at(box.port)
    mailing.restarted()
    box.answers[DUTY] = "451 try again in a minute"
    mailing.later(days=1)
    await mailing.settle()
    del box.answers[DUTY]
    mailing.later(days=1)
    await mailing.settle()
    assert box.recipients == [DUTY]
