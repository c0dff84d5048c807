"""Whose a subscription is, and what becomes of it when its owner goes or may read less."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select, update

from hub.access import Role, create_token
from hub.accounts import people
from hub.accounts.tables import TABLES
from hub.subscriptions import owner_round, store
from hub.subscriptions.forms import Change
from hub.subscriptions.owners import PUBLIC, Owner, role_now, sees_less
from hub.subscriptions.tables import subscriptions, targets
from tests.hub.published import Published
from tests.hub.subscriptions.driving import KEYS, Driven, client_of, hook
from tests.hub.subscriptions.receivers import Mailbox, Receiver
from tests.signed_network import contact, need

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def add_account(network: Published, role: str = "member") -> Owner:
    with network.engine.begin() as connection:
        people.add(connection, "reader@centre.example", role, NOW)
        [number] = connection.scalars(TABLES.accounts.select().with_only_columns(TABLES.accounts.c.number))
    return Owner(f"account:{number}", Role(role))


def test_an_owner_s_role_is_that_of_this_moment(network: Published) -> None:
    owner = add_account(network)
    with network.engine.begin() as connection:
        assert role_now(connection, PUBLIC) is Role.PUBLIC
        assert role_now(connection, owner.name) is Role.MEMBER
        connection.execute(update(TABLES.accounts).values(role="operator"))
        assert role_now(connection, owner.name) is Role.OPERATOR
        connection.execute(update(TABLES.accounts).values(disabled=True))
        assert role_now(connection, owner.name) is None
        assert role_now(connection, "account:999") is None
        assert role_now(connection, "token:" + "00" * 32) is None
        assert role_now(connection, "somebody") is None


def test_less_is_what_shows_less() -> None:
    assert sees_less(Role.PUBLIC, Role.MEMBER)
    assert not sees_less(Role.MEMBER, Role.OPERATOR)
    assert not sees_less(Role.OPERATOR, Role.PUBLIC)


@pytest.mark.parametrize(
    ("change", "reason"), [({"disabled": True}, "owner-gone"), ({"role": "public"}, "role-lowered")]
)
async def test_nothing_goes_out_any_more_in_the_name_of_who_may_read_less(
    driven: Driven, receiver: Receiver, change: dict[str, object], reason: str
) -> None:
    made = driven.subscribe(add_account(driven.network), channel="webhook", url=receiver.url)
    driven.network.publish("contact", contact(), marking="TLP:GREEN", id="c1")
    await driven.settle()
    with driven.network.engine.begin() as connection:
        connection.execute(update(TABLES.accounts).values(change))
    driven.network.publish("need", need(), id="n1")
    await driven.settle()
    assert len(receiver.posts) == 1
    assert (driven.row(made).state, driven.row(made).reason) == ("stopped", reason)


def test_who_logs_in_with_a_token_has_the_subscriptions_of_that_token(driven: Driven, receiver: Receiver) -> None:
    token = create_token(driven.network.engine, "member", "reader")
    by_token, by_session = client_of(driven), client_of(driven)
    by_token.headers["Authorization"] = f"Bearer {token}"
    made = hook(by_token, receiver.url)["id"]
    by_session.post("/login", data={"token": token})
    assert [each["id"] for each in by_session.get("/api/v1/subscriptions").json()["items"]] == [made]


async def test_what_an_owner_who_is_gone_had_asked_for_is_forgotten_with_all_addresses(
    mailing: Driven, receiver: Receiver
) -> None:
    owner = add_account(mailing.network)
    recipients = ["one@centre.example", "two@centre.example"]
    mail = mailing.subscribe(owner, channel="mail", recipients=recipients, rhythm="at-once")
    mailing.confirm_all(mail)
    hooks = [mailing.subscribe(owner, channel="webhook", url=receiver.url, notify=each) for each in recipients]
    with mailing.network.engine.begin() as connection:
        connection.execute(update(TABLES.accounts).values(disabled=True))
    mailing.network.publish("need", need(), id="n1")
    await mailing.settle()
    assert {mailing.row(each).reason for each in (mail, *hooks)} == {"owner-gone"}
    mailing.later(days=31)
    await mailing.settle()
    with mailing.network.engine.connect() as connection:
        assert connection.execute(select(subscriptions)).all() == []
        assert connection.execute(select(targets)).all() == []


async def test_who_has_not_confirmed_is_not_brought_in_by_an_owner_who_is_back(mailing: Driven) -> None:
    owner = add_account(mailing.network)
    recipients = ["one@centre.example", "two@centre.example"]
    made = mailing.subscribe(owner, channel="mail", recipients=recipients, rhythm="at-once")
    await mailing.settle()
    assert client_of(mailing).post(f"/subscriptions/confirm/{mailing.confirm_token(made)}").status_code == 200
    with mailing.network.engine.begin() as connection:
        connection.execute(update(TABLES.accounts).values(disabled=True))
    mailing.network.publish("need", need(), id="n1")
    await mailing.settle()
    assert [target.state for target in mailing.targets(made)] == ["stopped", "awaiting"]
    with mailing.network.engine.begin() as connection:
        connection.execute(update(TABLES.accounts).values(disabled=False))
        found = store.find(connection, made)
        assert found is not None
        store.change(connection, found, Change(state="active"), mailing.now, Role.MEMBER)
    assert [target.state for target in mailing.targets(made)] == ["active", "awaiting"]


def everything_kept(driven: Driven) -> int:
    with driven.network.engine.connect() as connection:
        return len(connection.execute(select(subscriptions)).all()) + len(connection.execute(select(targets)).all())


def disable_all(driven: Driven, *, disabled: bool = True) -> None:
    with driven.network.engine.begin() as connection:
        connection.execute(update(TABLES.accounts).values(disabled=disabled))


async def test_who_is_gone_is_noticed_within_a_day_where_nothing_is_ever_to_be_sent(
    mailing: Driven, receiver: Receiver, box: Mailbox
) -> None:
    owner, never = add_account(mailing.network), {"org": ["xx-nobody"]}
    mail = mailing.subscribe(owner, channel="mail", recipients=["one@centre.example"], filters=never)
    mailing.confirm_all(mail)
    paused = mailing.subscribe(owner, channel="webhook", url=receiver.url, filters=never)
    hook = mailing.subscribe(owner, channel="webhook", url=receiver.url, notify="told@centre.example", filters=never)
    await mailing.settle()
    token = KEYS.token("confirm", mailing.targets(hook)[1].id)
    assert client_of(mailing).post(f"/subscriptions/confirm/{token}").status_code == 200
    with mailing.network.engine.begin() as connection:
        found = store.find(connection, paused)
        assert found is not None
        store.change(connection, found, Change(state="paused"), mailing.now)
    disable_all(mailing)
    box.mails.clear()
    await mailing.settle()
    assert mailing.row(mail).state == "active", "the round of this day is over"
    mailing.later(days=1)
    await mailing.settle()
    assert {(mailing.row(each).state, mailing.row(each).reason) for each in (mail, paused, hook)} == {
        ("stopped", "owner-gone")
    }
    await mailing.settle()
    assert [str(each["Subject"]).partition(":")[0] for each in box.mails] == ["Ended"]
    mailing.later(days=31)
    await mailing.settle()
    assert everything_kept(mailing) == 0


async def test_what_had_ended_before_its_owner_went_is_forgotten_too(driven: Driven, receiver: Receiver) -> None:
    driven.subscribe(add_account(driven.network), channel="webhook", url=receiver.url)
    receiver.status = 410
    driven.network.publish("need", need(), id="n1")
    await driven.settle()
    disable_all(driven)
    for days in (1, 31):
        driven.later(days=days)
        await driven.settle()
    assert everything_kept(driven) == 0


async def test_an_owner_who_is_back_within_a_month_resumes_and_keeps_it(driven: Driven, receiver: Receiver) -> None:
    made = driven.subscribe(add_account(driven.network), channel="webhook", url=receiver.url)
    disable_all(driven)
    await driven.settle()
    assert driven.row(made).reason == "owner-gone"
    disable_all(driven, disabled=False)
    with driven.network.engine.begin() as connection:
        found = store.find(connection, made)
        assert found is not None
        store.change(connection, found, Change(state="active"), driven.now, Role.MEMBER)
    driven.later(days=40)
    index = driven.network.publish("need", need(), id="n1")
    await driven.settle()
    assert receiver.indices == [index]


async def test_a_round_looks_at_a_few_owners_at_a_time_and_at_all(
    driven: Driven, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(owner_round, "AT_A_TIME", 2)
    owners = [Owner("token:" + f"{number:02}" * 32, Role.MEMBER) for number in range(5)]
    made = [driven.subscribe(owner, channel="webhook", url=receiver.url) for owner in owners]
    ended = []
    for _ in range(3):
        await driven.settle()
        ended.append(sum(driven.row(each).state == "stopped" for each in made))
    assert ended == [2, 4, 5]
