"""What owners change: limits of what is kept, and what going on after a stop means."""

import pytest

from hub.access import Role
from hub.subscriptions import store
from hub.subscriptions.forms import Change
from hub.subscriptions.owners import Owner
from hub.subscriptions.store import TooMany
from tests.hub.subscriptions.driving import Driven, client_of
from tests.hub.subscriptions.receivers import Mailbox
from tests.signed_network import need

DUTY = "duty@centre.example"


def turn(driven: Driven, made: str, role: Role | None = None, **change: object) -> None:
    with driven.network.engine.begin() as connection:
        found = store.find(connection, made)
        assert found is not None
        store.change(connection, found, Change.model_validate(change), driven.now, role)


@pytest.mark.parametrize(
    ("limit", "most"), [("MAX_ALL", 2), ("MAX_PUBLIC", 2), ("MAX_OF_ADDRESS", 2), ("MAX_UNCONFIRMED", 2)]
)
def test_what_is_kept_is_bounded(
    driven_anywhere: Driven, monkeypatch: pytest.MonkeyPatch, limit: str, most: int
) -> None:
    monkeypatch.setattr(store, limit, most)
    for _ in range(most):
        driven_anywhere.subscribe(channel="mail", recipients=[DUTY])
    with pytest.raises(TooMany):
        driven_anywhere.subscribe(channel="mail", recipients=[DUTY])


def test_members_find_room_where_everybody_else_has_used_up_theirs(
    driven: Driven, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "MAX_PUBLIC", 1)
    driven.confirm_all(driven.subscribe(channel="mail", recipients=[DUTY]))
    with pytest.raises(TooMany, match="log in"):
        driven.subscribe(channel="mail", recipients=["two@centre.example"])
    driven.subscribe(Owner("token:" + "00" * 32, Role.MEMBER), channel="mail", recipients=[DUTY])


def test_who_has_confirmed_and_ended_stands_in_nobody_s_way(mailing: Driven, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "MAX_UNCONFIRMED", 1)
    for _ in range(2):
        [token] = mailing.confirm_all(mailing.subscribe(channel="mail", recipients=[DUTY]))
        assert client_of(mailing).post(f"/unsubscribe/{token}").status_code == 200
    mailing.subscribe(channel="mail", recipients=[DUTY])


async def test_a_mail_that_ended_with_its_owner_goes_on_when_the_owner_is_back(mailing: Driven, box: Mailbox) -> None:
    owner = Owner("token:" + "00" * 32, Role.MEMBER)
    made = mailing.subscribe(owner, channel="mail", recipients=[DUTY])
    mailing.confirm_all(made)
    mailing.network.publish("need", need(), id="n1")
    await mailing.settle()
    assert (mailing.row(made).state, box.mails) == ("stopped", [])
    turn(mailing, made, Role.PUBLIC, state="active")
    assert (mailing.row(made).state, mailing.row(made).granted) == ("active", "public")
    assert [(t.state, t.reason) for t in mailing.targets(made)] == [("active", None)]


def test_a_recipient_s_no_is_not_undone_by_the_owner(mailing: Driven) -> None:
    from hub.subscriptions.recipients import recipient, unsubscribe

    made = mailing.subscribe(channel="mail", recipients=[DUTY, "two@centre.example"])
    mailing.confirm_all(made)
    first = mailing.targets(made)[0].id
    with mailing.network.engine.begin() as connection:
        found = recipient(connection, first)
        assert found is not None
        unsubscribe(connection, found, mailing.now)
    turn(mailing, made, state="paused")
    turn(mailing, made, state="active")
    assert [t.state for t in mailing.targets(made)] == ["stopped", "active"]


async def test_who_ends_what_had_stopped_gets_nothing_when_the_owner_is_back(mailing: Driven) -> None:
    owner = Owner("token:" + "00" * 32, Role.MEMBER)
    made = mailing.subscribe(owner, channel="mail", recipients=[DUTY, "two@centre.example"])
    token, _ = mailing.confirm_all(made)
    await mailing.settle()
    assert mailing.row(made).reason == "owner-gone"
    assert client_of(mailing).post(f"/unsubscribe/{token}").status_code == 200
    turn(mailing, made, state="active")
    assert [(t.state, t.reason) for t in mailing.targets(made)] == [("stopped", "unsubscribed"), ("active", None)]


async def test_what_is_forgotten_leaves_nothing(driven: Driven) -> None:
    made = driven.subscribe(channel="webhook", url="http://localhost:1/")
    driven.network.publish("need", need(), id="n1")
    await driven.settle()
    assert len(driven.deliveries()) == 1
    with driven.network.engine.begin() as connection:
        found = store.find(connection, made)
        assert found is not None
        store.remove(connection, [found.number])
    assert driven.deliveries() == []
