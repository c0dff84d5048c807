"""DIR/unsubscribed: who has ended mail gets none from a database that is older, and no address stands there."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, insert, select

from hub.log_checks import LogDamaged
from hub.settings import read_settings, write_settings
from hub.subscriptions import store
from hub.subscriptions.sending import sending_of
from hub.subscriptions.tables import subscriptions, targets
from hub.subscriptions.unsubscribed import KEPT, UNSUBSCRIBED_FILE, UnsubscribedList
from hub.this_log import NAMELESS
from tests.hub.subscriptions.driving import KEYS, Driven, client_of
from tests.hub.subscriptions.receivers import Mailbox
from tests.signed_network import NETWORK, NOON, need

DUTY, OTHER = "duty@centre.example", "other@centre.example"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / UNSUBSCRIBED_FILE


@pytest.fixture
def hub(mailing: Driven, path: Path) -> Driven:
    """A hub with this list beside its database."""
    mailing.sending.unsubscribed = UnsubscribedList(path)
    return mailing


def tables_of(hub: Driven) -> list[list[Any]]:
    """What a backup of the database holds."""
    with hub.network.engine.connect() as connection:
        return [[dict(row._mapping) for row in connection.execute(select(each))] for each in (subscriptions, targets)]


def restore(hub: Driven, path: Path, backup: list[list[Any]]) -> None:
    """Put a backup in the place of the database, beside the list, and start the hub again."""
    with hub.network.engine.begin() as connection:
        for table, rows in zip((subscriptions, targets), backup, strict=True):
            connection.execute(delete(table))
            connection.execute(insert(table), rows)
        store.touch(connection)
    hub.sending.unsubscribed = UnsubscribedList(path)
    hub.restarted()


async def test_who_has_ended_it_gets_no_mail_from_an_older_database_and_the_others_do(
    hub: Driven, path: Path, box: Mailbox
) -> None:
    made = hub.subscribe(channel="mail", recipients=[DUTY, OTHER])
    asked = tables_of(hub)
    token, _ = hub.confirm_all(made)
    going_on = tables_of(hub)
    assert client_of(hub).post(f"/unsubscribe/{token}").status_code == 200
    restore(hub, path, going_on)
    hub.network.publish("need", need(), id="n1")
    await hub.settle()
    assert box.recipients == [OTHER]
    assert [(each.state, each.reason) for each in hub.targets(made)] == [("stopped", "unsubscribed"), ("active", None)]
    restore(hub, path, asked)
    await hub.settle()
    assert box.recipients == [OTHER, OTHER], "who has ended it is not even asked"


async def test_a_subscription_that_its_last_recipient_has_ended_is_ended_again_and_can_be_taken_back(
    hub: Driven, path: Path, box: Mailbox
) -> None:
    made = hub.subscribe(channel="mail", recipients=[DUTY])
    [token] = hub.confirm_all(made)
    backup = tables_of(hub)
    client_of(hub).post(f"/unsubscribe/{token}")
    restore(hub, path, backup)
    await hub.settle()
    assert hub.row(made).state == "stopped"
    assert client_of(hub).post(f"/subscriptions/{token}/undo").status_code == 200
    restore(hub, path, backup)
    hub.network.publish("need", need(), id="n1")
    await hub.settle()
    assert box.recipients == [DUTY], "it was taken back"


async def test_who_confirms_anew_is_on_the_list_no_more(hub: Driven, path: Path, box: Mailbox) -> None:
    made = hub.subscribe(channel="mail", recipients=[DUTY])
    await hub.settle()
    hub.sending.unsubscribed.ended(hub.targets(made)[0].id, hub.now)
    assert client_of(hub).post(f"/subscriptions/confirm/{hub.confirm_token(made)}").status_code == 200
    assert len(UnsubscribedList(path)) == 0


async def test_notices_of_a_webhook_are_ended_again_and_the_webhook_goes_on(hub: Driven, path: Path) -> None:
    made = hub.subscribe(channel="webhook", url="http://localhost:1/hook", notify=DUTY)
    [_, notices] = hub.targets(made)
    backup = tables_of(hub)
    client_of(hub).post(f"/unsubscribe/{KEYS.token('manage', notices.id)}")
    restore(hub, path, backup)
    await hub.settle()
    assert [each.state for each in hub.targets(made)] == ["active", "stopped"]
    assert hub.row(made).state == "active"


def test_what_cannot_be_noted_is_not_ended(hub: Driven, monkeypatch: pytest.MonkeyPatch) -> None:
    made = hub.subscribe(channel="mail", recipients=[DUTY])
    [token] = hub.confirm_all(made)

    def full(_descriptor: int) -> None:
        raise OSError("no space left")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="no space"):
            client_of(hub).post(f"/unsubscribe/{token}")
    assert hub.targets(made)[0].state == "active"
    assert client_of(hub).post(f"/unsubscribe/{token}").status_code == 200


def test_no_address_stands_there_and_only_the_owner_may_read_it(hub: Driven, path: Path) -> None:
    made = hub.subscribe(channel="mail", recipients=[DUTY])
    [token] = hub.confirm_all(made)
    for _ in range(3):
        client_of(hub).post(f"/unsubscribe/{token}")
    text = path.read_text(encoding="ascii")
    assert len(text.splitlines()) == 1
    assert DUTY not in text
    assert hub.targets(made)[0].id not in text
    assert path.stat().st_mode & 0o777 == 0o600


def test_what_is_noted_is_there_for_the_next_process_whatever_was_torn(path: Path) -> None:
    UnsubscribedList(path).ended("a", NOON)
    path.write_bytes(path.read_bytes() + b"ended AAAA")
    found = UnsubscribedList(path)
    found.ended("b", NOON)
    found.again("a", NOON)
    last = UnsubscribedList(path)
    assert ["a" in last, "b" in last, "c" in last] == [False, True, False]


def test_a_failed_write_leaves_no_half_line_before_the_next(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = UnsubscribedList(path)

    def full(_descriptor: int) -> None:
        raise OSError("no space left")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="no space"):
            found.ended("a", NOON)
    found.ended("b", NOON)
    again = UnsubscribedList(path)
    assert ["a" in again, "b" in again] == [False, True]


@pytest.mark.parametrize(
    "line", ["ended", "ended ??? 2026-11-26T12:00:00.000Z", "begun {} 2026-11-26", "ended {} noon"]
)
def test_a_damaged_list_stops_the_hub_and_says_what_to_do(path: Path, line: str) -> None:
    path.write_text(line.replace("{}", "A" * 43) + "\n", encoding="ascii")
    with pytest.raises(LogDamaged, match="line 1, names no recipient; take the file from a backup"):
        UnsubscribedList(path)


def test_it_stays_small_and_what_is_too_old_is_forgotten(path: Path) -> None:
    found = UnsubscribedList(path)
    found.ended("a", NOON)
    found.ended("b", NOON + timedelta(days=1))
    found.ended("c", NOON)
    found.again("c", NOON)
    found.forget(NOON + KEPT)
    again = UnsubscribedList(path)
    assert [each in again for each in "abc"] == [False, True, False]
    assert len(path.read_bytes().splitlines()) == 1
    assert path.stat().st_mode & 0o777 == 0o600
    again.ended("d", NOON + KEPT)
    assert len(UnsubscribedList(path)) == 2


def test_it_lies_beside_the_database_of_a_hub(tmp_path: Path) -> None:
    write_settings(tmp_path, database="", bus="")
    sending_of(read_settings(tmp_path), NETWORK, NAMELESS).unsubscribed.ended("a", NOON)
    assert (tmp_path / "unsubscribed").is_file()
