"""The worker: what it learns while it runs, what it tells, and that nothing that goes wrong ends it."""

import asyncio
from collections import Counter
from contextlib import suppress

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from hub.subscriptions import recording, store
from hub.subscriptions.worker import Worker
from tests.hub.subscriptions.driving import Driven
from tests.hub.subscriptions.receivers import Mailbox, Receiver
from tests.signed_network import need


async def test_it_runs_beside_what_is_published_and_learns_of_new_subscriptions(
    driven: Driven, receiver: Receiver
) -> None:
    running = asyncio.create_task(driven.worker.run())
    driven.subscribe(channel="webhook", url=receiver.url)
    index = driven.network.publish("need", need(), id="n1")

    def came() -> bool:
        with receiver.came:
            return receiver.came.wait_for(lambda: bool(receiver.posts), 60)

    assert await asyncio.to_thread(came)
    driven.network.tail.close()
    await running
    assert receiver.indices == [index]


async def test_a_database_that_is_away_for_a_moment_ends_nothing(
    driven: Driven, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    driven.subscribe(channel="webhook", url=receiver.url)
    real, failures = Worker.look, [1, 2]

    async def look(self: Worker) -> None:
        if failures:
            failures.pop()
            raise OperationalError("SELECT", {}, OSError("away"))
        await real(self)
        driven.network.tail.close()

    monkeypatch.setattr(Worker, "look", look)
    await driven.worker.run()
    assert failures == []


def cannot_write(*_: object) -> bool:
    raise OSError("no space left")


async def test_what_cannot_be_written_down_is_not_sent_again_and_again(
    mailing: Driven, receiver: Receiver, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    mailing.subscribe(channel="webhook", url=receiver.url)
    mailing.confirm_all(mailing.subscribe(channel="mail", recipients=["duty@centre.example"]))
    index = mailing.network.publish("need", need(), id="n1")
    with monkeypatch.context() as patched:
        patched.setattr(recording, "delivered", cannot_write)
        for _ in range(20):
            with suppress(OSError):
                await mailing.settle()
        assert (receiver.indices, len(box.mails)) == ([index], 1)
    mailing.later(minutes=6)
    for _ in range(3):
        await mailing.settle()
        mailing.later(hours=1)
    assert (receiver.indices, len(box.mails)) == ([index] * 2, 2), "and once it can be written down, it has been sent"


async def test_its_figures_tell_states_and_since_when_something_fails(driven: Driven, receiver: Receiver) -> None:
    receiver.status = 500
    driven.subscribe(channel="webhook", url=receiver.url)
    driven.subscribe(channel="mail", recipients=["duty@centre.example"])
    driven.network.publish("need", need(), id="n1")
    await driven.settle()
    figures = driven.worker.figures
    assert dict(figures.states) == {"active": 1, "awaiting": 1}
    assert figures.failing_since == store.timestamp(driven.now)
    receiver.status = 200
    driven.later(minutes=1)
    await driven.settle()
    assert figures.failing_since is None


async def test_how_far_it_has_looked_without_finding_anything_is_kept_now_and_then(
    mailing: Driven, receiver: Receiver, box: Mailbox
) -> None:
    hook = mailing.subscribe(channel="webhook", url=receiver.url, filters={"kind": ["plan"]})
    mail = mailing.subscribe(channel="mail", recipients=["duty@centre.example"], filters={"kind": ["plan"]})
    mailing.confirm_all(mail)
    mailing.network.publish("need", need(), id="n1")
    await mailing.settle()
    size = mailing.network.tail.size
    kept = [mailing.targets(made)[0] for made in (hook, mail)]
    assert all(target.cursor < size for target in kept), "not with each entry: there may be thousands of subscriptions"
    assert all(mailing.worker.figures.positions[target.number] == size for target in kept)
    mailing.later(minutes=2)
    await mailing.settle()
    assert [mailing.targets(made)[0].cursor for made in (hook, mail)] == [size] * 2
    mailing.restarted()
    mailing.network.publish("plan", id="p1")
    await mailing.settle()
    assert (len(receiver.taken), len(box.mails)) == (1, 1)


async def test_the_delivery_log_of_each_is_bounded_and_the_counts_are_not_lost(
    driven: Driven, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "KEPT", 3)
    driven.network.admit("xa-centre")
    made = [driven.subscribe(channel="webhook", url=receiver.url) for _ in range(2)]
    for number in range(6):
        driven.network.publish("need", need(), id=f"n{number}")
        await driven.settle()
    kept = Counter(row.target for row in driven.deliveries())
    assert kept == {driven.targets(each)[0].number: 3 for each in made}
    with driven.network.engine.connect() as connection:
        assert connection.execute(select(recording.outcomes)).all() == [("delivered", 12)]
