"""Digests by mail: due at their hour, from each recipient's own place, never empty, and again if sending fails."""

import hashlib

import pytest
from sqlalchemy import delete

from hub import tables
from hub.access import Role, create_token
from hub.live import LiveLog
from hub.subscriptions import digest_run, recording, store
from hub.subscriptions.backoff import GIVEN_UP, STEPS
from hub.subscriptions.forms import Change
from hub.subscriptions.owners import Owner
from hub.this_log import ThisLog
from tests.hub.subscriptions.driving import Driven
from tests.hub.subscriptions.receivers import Mailbox
from tests.signed_network import contact, need

DUTY = "duty@centre.example"


def confirmed(mailing: Driven, *recipients: str, rhythm: str = "daily", **more: object) -> str:
    made = mailing.subscribe(channel="mail", recipients=list(recipients or (DUTY,)), rhythm=rhythm, hour=6, **more)
    mailing.confirm_all(made)
    return made


async def test_a_digest_comes_at_its_hour_with_all_since_the_last_one(mailing: Driven, box: Mailbox) -> None:
    confirmed(mailing, filters={"place": ["KEN"]})
    for number in range(3):
        mailing.network.publish("need", need(f"Readers {number}"), id=f"n{number}")
    mailing.network.publish("offer", id="o1")
    await mailing.settle()
    assert box.mails == [], "it is noon, and six is the hour"
    mailing.later(hours=18)
    await mailing.settle()
    [mail] = box.mails
    assert box.recipients == [DUTY]
    assert mail["Subject"] == "3 changes: Needs – Kenya"
    for form in ("plain", "html"):
        text = box.text(form=form)
        assert all(f"Readers {number}" in text for number in range(3))
        assert "https://hub.example/records/need/xa-centre/n2" in text
        assert "You get this because" in text
    await mailing.settle()
    mailing.later(days=1)
    await mailing.settle()
    assert len(box.mails) == 1, "a digest of nothing is not sent"
    mailing.network.publish("need", need("One more"), id="n9")
    mailing.later(days=1)
    await mailing.settle()
    assert box.mails[1]["Subject"] == "Need: One more – Kenya"


async def test_at_once_is_at_once_and_then_not_more_often_than_every_five_minutes(
    mailing: Driven, box: Mailbox
) -> None:
    confirmed(mailing, rhythm="at-once")
    for number in range(3):
        mailing.network.publish("need", need(), id=f"n{number}")
        await mailing.settle()
    assert len(box.mails) == 1
    mailing.later(minutes=5, seconds=1)
    await mailing.settle()
    assert box.mails[1]["Subject"].startswith("2 changes")


async def test_what_the_hub_says_about_itself_is_not_mailed_unless_it_was_asked_for(
    mailing: Driven, box: Mailbox
) -> None:
    confirmed(mailing, rhythm="at-once")
    confirmed(mailing, "auditor@centre.example", rhythm="at-once", filters={"kind": ["control"]})
    mailing.network.admit("xb-office")
    await mailing.settle()
    assert box.recipients == ["auditor@centre.example"]


async def test_a_mail_server_that_is_away_delays_and_loses_nothing(mailing: Driven, box: Mailbox) -> None:
    made = confirmed(mailing, "one@centre.example", "two@centre.example")
    box.answers["one@centre.example"] = "451 try again"
    mailing.network.publish("need", need(), id="n1")
    mailing.later(hours=18)
    await mailing.settle()
    assert box.recipients == ["two@centre.example"]
    del box.answers["one@centre.example"]
    mailing.later(seconds=STEPS[0] * 2)
    mailing.restarted()
    await mailing.settle()
    assert box.recipients == ["two@centre.example", "one@centre.example"], "each has a place of its own"
    assert [row.failures for row in mailing.targets(made)] == [0, 0]


async def test_an_address_that_is_refused_for_good_stops_and_the_others_go_on(mailing: Driven, box: Mailbox) -> None:
    made = confirmed(mailing, "one@centre.example", "two@centre.example", rhythm="at-once")
    box.answers["one@centre.example"] = "550 no such user"
    for number in range(2):
        mailing.network.publish("need", need(), id=f"n{number}")
        await mailing.settle()
        mailing.later(minutes=6)
    assert box.recipients == ["two@centre.example"] * 2
    assert [row.reason for row in mailing.targets(made)] == ["address-refused", None]
    assert mailing.row(made).state == "active"


async def test_with_an_address_goes_what_the_mail_server_said_of_it(mailing: Driven, box: Mailbox) -> None:
    confirmed(mailing, rhythm="at-once")
    box.answers[DUTY] = f"550 <{DUTY}> no such user"
    mailing.network.publish("need", need(), id="n1")
    await mailing.settle()
    assert [row.response for row in mailing.deliveries()] == [f"<{DUTY}> no such user"]
    mailing.later(days=31)
    await mailing.settle()
    assert mailing.deliveries() == []


async def test_days_of_failure_stop_it(mailing: Driven, box: Mailbox) -> None:
    made = confirmed(mailing, rhythm="at-once")
    box.answers[DUTY] = "451 try again"
    mailing.network.publish("need", need(), id="n1")
    await mailing.settle()
    mailing.now += GIVEN_UP
    await mailing.settle()
    assert (mailing.row(made).state, mailing.row(made).reason) == ("stopped", "failing")


async def test_a_crash_after_sending_sends_the_same_mail_again_and_mail_programs_can_tell(
    mailing: Driven, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    confirmed(mailing, rhythm="at-once")
    mailing.network.publish("need", need(), id="n1")

    def dies(*_: object) -> bool:
        raise OSError("the hub was killed here")

    with monkeypatch.context() as patched:
        patched.setattr(recording, "delivered", dies)
        with pytest.raises(OSError, match="killed"):
            await mailing.settle()
    mailing.restarted()
    await mailing.settle()
    assert len({mail["Message-ID"] for mail in box.mails}) == 1
    assert len(box.mails) == 2


async def test_of_members_records_a_mail_names_kind_and_organization_alone(mailing: Driven, box: Mailbox) -> None:
    token = create_token(mailing.network.engine, "member", "reader")
    owner = Owner("token:" + hashlib.sha256(token.encode()).hexdigest(), Role.MEMBER)
    made = mailing.subscribe(owner, channel="mail", recipients=[DUTY], rhythm="at-once")
    mailing.confirm_all(made)
    confirmed(mailing, "public@centre.example", rhythm="at-once")
    card = contact(name={"en": "Quelimane"}, places=[{"country": "KEN"}])
    mailing.network.publish("contact", card, marking="TLP:GREEN", id="c1")
    mailing.network.withdraw("contact", id="c1", marking="TLP:CLEAR")
    mailing.network.tell("fr-office", record=need("Zanzibar"), id="n9")
    await mailing.settle()
    by_address = dict(zip(box.recipients, box.mails, strict=True))
    assert by_address[DUTY]["Subject"] == "2 changes: Contact points"
    assert by_address["public@centre.example"]["Subject"] == "Contact point: xa-centre"
    for mail in box.mails:
        whole = mail.as_string()
        assert all(word not in whole for word in ("Quelimane", "Kenya", "Zanzibar"))
    with mailing.network.engine.begin() as connection:
        connection.execute(delete(tables.access_tokens))
    mailing.network.publish("need", need(), id="n1")
    mailing.later(minutes=6)
    await mailing.settle()
    assert box.recipients.count(DUTY) == 1
    assert (mailing.row(made).state, mailing.row(made).reason) == ("stopped", "owner-gone")


async def test_what_was_erased_while_others_got_their_mail_is_not_mailed(
    mailing: Driven, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(digest_run, "AT_ONCE", 1)
    confirmed(mailing, "one@centre.example", "two@centre.example", rhythm="at-once")
    index = mailing.network.publish("need", need("Quelimane"), id="n1")

    def erase() -> None:
        box.before = lambda: None
        with mailing.network.engine.begin() as connection:
            connection.execute(delete(tables.bodies).where(tables.bodies.c.index == index))
        mailing.network.tail.forget()

    box.before = erase
    await mailing.settle()
    await mailing.settle()
    assert box.recipients == ["one@centre.example", "two@centre.example"]
    assert "Quelimane" in box.text(0)
    assert "Quelimane" not in box.mails[1].as_string()


async def test_many_digests_that_are_due_together_read_the_log_once(
    mailing: Driven, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.subscriptions.store.MAX_OF_ADDRESS", 100)
    for number in range(12):
        confirmed(mailing, filters={"q": f"readers {number % 3}"})
    for number in range(9):
        mailing.network.publish("need", need(f"Readers {number}"), id=f"n{number}")
    read: list[int] = []
    real = LiveLog.read

    async def counted(self: LiveLog, start: int, *rest: object) -> object:
        read.append(start)
        return await real(self, start, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(LiveLog, "read", counted)
    mailing.later(hours=18)
    await mailing.settle()
    assert len(box.mails) == 12
    assert len(read) == 1


async def test_who_is_far_behind_is_read_for_apart(
    mailing: Driven, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(digest_run, "SAME_PART", 4)
    confirmed(mailing, "one@centre.example")
    for number in range(8):
        mailing.network.publish("need", need(), id=f"n{number}")
    confirmed(mailing, "two@centre.example")
    mailing.network.publish("need", need(), id="last")
    mailing.later(hours=18)
    await mailing.settle()
    found = dict(zip(box.recipients, (str(mail["Subject"]) for mail in box.mails), strict=True))
    assert found["one@centre.example"].startswith("9 changes")
    assert found["two@centre.example"].startswith("Need: ")


async def test_pausing_keeps_the_place(mailing: Driven, box: Mailbox) -> None:
    made = confirmed(mailing)

    def turn(state: str) -> None:
        with mailing.network.engine.begin() as connection:
            found = store.find(connection, made)
            assert found is not None
            store.change(connection, found, Change.model_validate({"state": state}), mailing.now)

    turn("paused")
    mailing.network.publish("need", need(), id="n1")
    mailing.later(days=3)
    await mailing.settle()
    assert box.mails == []
    turn("active")
    mailing.later(days=1)
    await mailing.settle()
    assert len(box.mails) == 1


async def test_a_mail_says_once_that_the_log_was_begun_anew(mailing: Driven, box: Mailbox) -> None:
    mailing.sending.log = ThisLog("exercise.example/log+00000001")
    mailing.restarted()
    made = confirmed(mailing, rhythm="at-once", filters={"kind": ["need"]})
    mailing.network.publish("need", need(), id="n1")
    await mailing.settle()
    mailing.sending.log = ThisLog("exercise.example/log/2+00000002", 2)
    mailing.restarted()
    mailing.later(hours=1)
    await mailing.settle()
    first, again = box.mails
    assert first["Message-ID"] != again["Message-ID"], "an index of the next log is another event"
    for form in ("plain", "html"):
        assert "has been begun anew" in box.text(form=form)
    assert mailing.targets(made)[0].log == "exercise.example/log/2+00000002"
    mailing.network.publish("need", need(), id="n2")
    mailing.later(hours=1)
    await mailing.settle()
    assert len(box.mails) == 3
    assert "has been begun anew" not in box.text()
