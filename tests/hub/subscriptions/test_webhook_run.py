"""Webhooks get every event in order and at least once, whatever fails in between, always under the same id."""

import asyncio
import hashlib
import threading

import orjson
import pytest
from sqlalchemy import delete, update

from hub import tables
from hub.access import Role, create_token
from hub.subscriptions import recording, store, webhook_run
from hub.subscriptions.backoff import GIVEN_UP, STEPS
from hub.subscriptions.forms import Change
from hub.subscriptions.owners import Owner
from hub.subscriptions.tables import targets
from hub.this_log import ThisLog
from tests.hub.subscriptions.driving import KEYS, Driven
from tests.hub.subscriptions.receivers import Posted, Receiver, receiving
from tests.signed_network import contact, need


def publish(driven: Driven, *names: str, **said: str) -> list[int]:
    return [driven.network.publish("need", need(name), id=name, **said) for name in names]


async def test_events_come_in_order_signed_and_as_on_the_bus(driven: Driven, receiver: Receiver) -> None:
    driven.network.admit("xa-centre")
    made = driven.subscribe(channel="webhook", url=receiver.url, filters={"kind": ["need"], "place": ["KEN"]})
    indices = publish(driven, "a", "b")
    driven.network.publish("offer", id="o1")
    await driven.settle()
    assert receiver.indices == indices
    secret = KEYS.webhook_secret(made, 1)
    # Signed under the test's clock, which receivers of today would not take: the signature is checked apart.
    assert [posted.event["data"]["record"]["title"] for posted in receiver.taken] == [{"en": "a"}, {"en": "b"}]
    assert [posted.id for posted in receiver.taken] == [f"msg_{made}_{index}" for index in indices]
    assert all(posted.headers["content-type"] == "application/cloudevents+json" for posted in receiver.taken)
    assert all(posted.headers["webhook-signature"].startswith("v1,") for posted in receiver.taken)
    assert secret.startswith("whsec_")
    assert [row.outcome for row in driven.deliveries()] == ["delivered", "delivered"]
    await driven.settle()
    assert receiver.indices == indices, "nothing comes twice"


async def test_a_receiver_that_was_down_gets_all_in_order_and_none_twice(
    driven_anywhere: Driven, receiver: Receiver
) -> None:
    driven = driven_anywhere
    driven.subscribe(channel="webhook", url=receiver.url)
    receiver.status = 503
    indices = publish(driven, "a", "b", "c")
    for _ in range(3):
        await driven.settle()
    assert [posted.event["index"] for _, posted in receiver.posts] == [indices[0]], "it waits before it tries again"
    driven.later(seconds=STEPS[0] * 2)
    await driven.settle()
    receiver.status = 200
    driven.restarted()
    await driven.settle()
    assert receiver.indices == [], "a restart forgets nothing of the waiting"
    driven.later(seconds=STEPS[1] * 2)
    await driven.settle()
    assert receiver.indices == indices
    ids = [posted.id for _, posted in receiver.posts]
    assert ids[0] == ids[1] == ids[2]
    assert [row.outcome for row in driven.deliveries()] == ["failed", "failed", *["delivered"] * 3]


async def test_nothing_listens_and_then_something_does(driven: Driven, receiver: Receiver) -> None:
    made = driven.subscribe(channel="webhook", url="http://localhost:1/hook")
    [index] = publish(driven, "a")
    await driven.settle()
    [row] = driven.deliveries()
    assert (row.outcome, row.status) == ("failed", None)
    assert "Connect" in row.response
    with driven.network.engine.begin() as connection:
        found = store.find(connection, made)
        assert found is not None
        store.change(connection, found, Change(url=receiver.url, state="active"), driven.now)
    await driven.settle()
    assert receiver.indices == [index]


async def test_a_crash_between_sending_and_writing_it_down_sends_it_again_under_the_same_id(
    driven: Driven, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    driven.subscribe(channel="webhook", url=receiver.url)
    indices = publish(driven, "a", "b")

    def dies(*_: object) -> bool:
        raise OSError("the hub was killed here")

    with monkeypatch.context() as patched:
        patched.setattr(recording, "delivered", dies)
        with pytest.raises(OSError, match="killed"):
            await driven.settle()
    assert receiver.indices == indices[:1]
    driven.restarted()
    await driven.settle()
    assert receiver.indices == [indices[0], *indices]
    assert receiver.taken[0].id == receiver.taken[1].id


async def test_410_ends_it(driven: Driven, receiver: Receiver) -> None:
    made = driven.subscribe(channel="webhook", url=receiver.url)
    receiver.status = 410
    publish(driven, "a")
    await driven.settle()
    assert (driven.row(made).state, driven.row(made).reason) == ("stopped", "gone")
    publish(driven, "b")
    driven.later(days=1)
    await driven.settle()
    assert len(receiver.posts) == 1


def change(driven: Driven, made: str, **said: str) -> None:
    with driven.network.engine.begin() as connection:
        found = store.find(connection, made)
        assert found is not None
        store.change(connection, found, Change.model_validate(said), driven.now)


async def test_410_of_an_address_that_its_owner_has_just_replaced_does_not_end_it(
    driven: Driven, receiver: Receiver
) -> None:
    made = driven.subscribe(channel="webhook", url=receiver.url)
    with receiving() as moved:
        receiver.status = 410
        receiver.before = lambda _posted: change(driven, made, url=moved.url)
        [index] = publish(driven, "a")
        await driven.settle()
        await driven.settle()
        assert moved.indices == [index]
    assert (driven.row(made).state, driven.row(made).reason) == ("active", None)


async def test_another_address_is_tried_at_once_and_has_its_five_days(driven: Driven, receiver: Receiver) -> None:
    made = driven.subscribe(channel="webhook", url=receiver.url)
    receiver.status = 500
    [index] = publish(driven, "a")
    await driven.settle()
    driven.now += GIVEN_UP / 2
    await driven.settle()
    with receiving() as moved:
        moved.status = 500
        change(driven, made, url=moved.url)
        await driven.settle()
        assert len(moved.posts) == 1
        driven.now += GIVEN_UP / 2
        moved.status = 200
        await driven.settle()
        assert moved.indices == [index]


async def test_days_of_failure_pause_it_and_it_goes_on_without_a_gap(
    driven_anywhere: Driven, receiver: Receiver
) -> None:
    driven = driven_anywhere
    made = driven.subscribe(channel="webhook", url=receiver.url)
    receiver.status = 500
    indices = publish(driven, "a", "b")
    await driven.settle()
    driven.now += GIVEN_UP
    await driven.settle()
    assert (driven.row(made).state, driven.row(made).reason) == ("paused", "failing")
    receiver.status = 200
    driven.later(days=1)
    indices += publish(driven, "c")
    await driven.settle()
    assert receiver.indices == []
    with driven.network.engine.begin() as connection:
        found = store.find(connection, made)
        assert found is not None
        store.change(connection, found, Change(state="active"), driven.now)
    await driven.settle()
    assert receiver.indices == indices


async def test_a_slow_receiver_holds_up_nobody_else(driven: Driven, receiver: Receiver) -> None:
    """The slow one, who comes first, answers only when the other has had its event."""
    other_has_it = threading.Event()
    in_time: list[bool] = []
    receiver.before = lambda _posted: in_time.append(other_has_it.wait(30))
    with receiving() as other:
        other.before = lambda _posted: other_has_it.set()
        driven.subscribe(channel="webhook", url=receiver.url)
        driven.subscribe(channel="webhook", url=other.url)
        [index] = publish(driven, "a")
        await driven.settle()
        assert (receiver.indices, other.indices, in_time) == ([index], [index], [True])


async def test_public_subscribers_get_clear_only_and_members_get_green(driven: Driven, receiver: Receiver) -> None:
    driven.subscribe(channel="webhook", url=f"{receiver.url}/public")
    token = create_token(driven.network.engine, "member", "reader")
    owner = Owner("token:" + hashlib.sha256(token.encode()).hexdigest(), Role.MEMBER)
    mine = driven.subscribe(owner, channel="webhook", url=f"{receiver.url}/member")
    green = driven.network.publish("contact", contact(), marking="TLP:GREEN", id="c1")
    driven.network.tell("fr-office", record=need("Secret"), id="n9")
    clear = publish(driven, "a")
    await driven.settle()
    assert [p.event["index"] for p in receiver.taken if mine in p.id] == [green, *clear]
    assert [p.event["index"] for p in receiver.taken if mine not in p.id] == clear
    # The token is withdrawn: nothing more goes out in its name.
    with driven.network.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM access_tokens")
    publish(driven, "b")
    await driven.settle()
    assert (driven.row(mine).state, driven.row(mine).reason) == ("stopped", "owner-gone")
    assert [p.event["index"] for p in receiver.taken if mine in p.id] == [green, *clear]


async def test_a_paused_one_keeps_its_place_while_an_answer_is_awaited(
    driven_anywhere: Driven, receiver: Receiver
) -> None:
    driven = driven_anywhere
    made = driven.subscribe(channel="webhook", url=receiver.url)
    indices = publish(driven, "a", "b")

    def pause(_posted: Posted) -> None:
        receiver.before = lambda _posted: None
        with driven.network.engine.begin() as connection:
            found = store.find(connection, made)
            assert found is not None
            store.change(connection, found, Change(state="paused"), driven.now)

    receiver.before = pause
    await driven.settle()
    assert receiver.indices == indices[:1]
    with driven.network.engine.begin() as connection:
        found = store.find(connection, made)
        assert found is not None
        store.change(connection, found, Change(state="active"), driven.now)
    await driven.settle()
    assert receiver.indices == [indices[0], *indices]
    assert receiver.taken[0].id == receiver.taken[1].id


async def test_all_since_are_sent_again_under_their_ids(driven: Driven, receiver: Receiver) -> None:
    made = driven.subscribe(channel="webhook", url=receiver.url)
    indices = publish(driven, "a", "b", "c")
    await driven.settle()
    with driven.network.engine.begin() as connection:
        found = store.find(connection, made)
        assert found is not None
        store.change(connection, found, Change(after=indices[0]), driven.now)
    await driven.settle()
    assert receiver.indices == [*indices, *indices[1:]]
    assert [posted.id for posted in receiver.taken[3:]] == [posted.id for posted in receiver.taken[1:3]]


async def test_what_was_erased_meanwhile_is_not_sent(driven: Driven, receiver: Receiver) -> None:
    made = driven.subscribe(channel="webhook", url=receiver.url, filters={"kind": ["need"]})
    first, second = publish(driven, "a", "b")

    def erase(_posted: Posted) -> None:
        receiver.before = lambda _posted: None
        with driven.network.engine.begin() as connection:
            connection.execute(delete(tables.bodies).where(tables.bodies.c.index == second))
        driven.network.tail.forget()

    receiver.before = erase
    await driven.settle()
    assert receiver.indices == [first, second]
    assert "data" not in receiver.taken[1].event
    assert driven.row(made).state == "active"


async def test_what_one_webhook_holds_in_memory_is_bounded(
    driven: Driven, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook_run, "MAX_HELD", 1)
    driven.subscribe(channel="webhook", url=receiver.url)
    indices = publish(driven, "a", "b", "c")
    await driven.settle()
    assert receiver.indices == indices


async def test_a_place_beyond_the_log_stops_it_and_says_so(driven: Driven, receiver: Receiver) -> None:
    made = driven.subscribe(channel="webhook", url=receiver.url)
    driven.lose_a_part_of_the_log(made)
    publish(driven, "a")
    await driven.settle()
    assert (driven.row(made).state, driven.row(made).reason) == ("stopped", "cursor-beyond-log")
    assert receiver.posts == []


async def test_stopping_waits_for_nobody(driven: Driven, receiver: Receiver) -> None:
    going = threading.Event()
    receiver.before = lambda _posted: (going.wait(30), None)[1]
    driven.subscribe(channel="webhook", url=receiver.url)
    publish(driven, "a")
    await driven.worker.look()
    await asyncio.sleep(0)
    await driven.worker.stop()
    going.set()
    assert driven.deliveries() == []


async def test_a_place_in_a_lost_log_begins_anew_in_the_next_one_and_its_receiver_is_told(
    driven_anywhere: Driven, receiver: Receiver
) -> None:
    driven = driven_anywhere
    driven.sending.log = ThisLog("exercise.example/log+00000001")
    driven.restarted()
    made = driven.subscribe(channel="webhook", url=receiver.url)
    known = publish(driven, "a", "b")
    await driven.settle()
    old = [taken.id for taken in receiver.taken]
    assert driven.targets(made)[0].log == "exercise.example/log+00000001"

    driven.sending.log = ThisLog("exercise.example/log/2+00000002", 2)
    driven.restarted()
    receiver.status = 503
    await driven.settle()
    assert driven.targets(made)[0].log == "exercise.example/log+00000001", "it has not heard of it yet"
    receiver.status = 200
    driven.later(seconds=STEPS[0] * 2)
    await driven.settle()
    reset, *events = receiver.taken[len(old) :]
    document = orjson.loads(reset.body)
    assert document["type"] == "liaison.subscription.reset"
    assert document["data"] == {
        "reason": "another-log", "log": "exercise.example/log/2+00000002",
        "former": "exercise.example/log+00000001", "after": -1,
    }  # fmt: skip
    assert [orjson.loads(event.body)["index"] for event in events] == known, "from the beginning of the next log"
    assert not {event.id for event in events} & set(old), "an index of the next log is another event"
    assert [row.kind for row in driven.deliveries()][len(old) :][:2] == ["reset", "reset"]
    driven.restarted()
    indices = publish(driven, "c")
    await driven.settle()
    assert orjson.loads(receiver.taken[-1].body)["index"] == indices[0]
    assert len(receiver.taken) == 2 * len(old) + 1 + 1, "it is told once"


async def test_a_place_that_was_kept_before_logs_were_named_goes_on(driven: Driven, receiver: Receiver) -> None:
    made = driven.subscribe(channel="webhook", url=receiver.url)
    with driven.network.engine.begin() as connection:
        connection.execute(update(targets).values(log=None))
    driven.sending.log = ThisLog("exercise.example/log+00000001")
    driven.restarted()
    indices = publish(driven, "a")
    await driven.settle()
    assert receiver.indices == indices
    assert driven.targets(made)[0].log == "exercise.example/log+00000001"
