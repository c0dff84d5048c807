"""A hub restored from an older backup takes the missing entries back from the bus, exactly as they were, or stops."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from hub import tables
from hub.author import Author
from hub.last_checkpoint import LastCheckpoint
from hub.log_checks import LogDamaged
from hub.rebuild import rebuild
from hub.recovery import copy_in, recover
from hub.relog import Copy
from hub.writer import Writer
from tests.bus_fixture import until
from tests.hub.batches import commit, restarted, rows, view_of_all
from tests.hub.erasing import ADDRESS, NAME, carried_out, secret_need
from tests.hub.published import Published
from tests.hub.stations import Stations, at_work
from tests.signed_network import HUB_KEY, TRUST, Organization, admission_of, key_of, need
from wire import subjects
from wire.bus import Outgoing
from wire.database import open_database, sqlite_url
from wire.encoding import from_b64url


def backup(network: Published, path: Path) -> None:
    source = sqlite3.connect(str(network.engine.url.database))
    with closing(source), closing(sqlite3.connect(path)) as target:
        source.backup(target)


async def on_the_bus(hub: Stations, size: int) -> None:
    async def there() -> bool:
        last = await hub.bus.last_message(subjects.LOG_STREAM)
        return last is not None and int(last.header(subjects.INDEX_HEADER)) == size - 1

    await until(there)


async def recovered(hub: Stations, writer: Writer) -> int:
    async def relog(copies: list[Copy]) -> None:
        await asyncio.to_thread(writer.relog, copies)

    return await recover(hub.bus, writer.state.size, relog, writer.erased)


def tokens(engine: Engine) -> list[bytes]:
    with engine.connect() as connection:
        return [bytes(each) for each in connection.scalars(select(tables.log.c.token).order_by(tables.log.c.index))]


def say_much(network: Published, ours: Organization) -> None:
    """What a hub's life holds after the backup: records, an excluded one, an admission, a fork, a rotation."""
    writer = network.writer
    commit(writer, ours.say(id="late"), ours.say(need(weight=1), id="bad"), ours.say(id="late", action="withdrawn"))
    network.register(admission_of("xb-office", network.roots.place()))
    member = writer.state.registry.members["xb-office"]
    theirs = Organization("xb-office", member.admitted_by, key_of("xb-office"))
    copy = theirs.twin()
    commit(writer, theirs.say(id="t1"), copy.say(id="t2"))
    network.tail.advance(writer.state.size)


async def test_a_restored_database_has_its_log_and_view_back_from_the_bus(
    small_network: Published, tmp_path: Path
) -> None:
    ours = small_network.admit("ke-nctc")
    commit(small_network.writer, ours.say(id="early"))
    backup(small_network, tmp_path / "old.sqlite")
    async with at_work(tmp_path, small_network, "ke-nctc") as hub:
        say_much(small_network, ours)
        await on_the_bus(hub, small_network.writer.state.size)
        engine = open_database(sqlite_url(tmp_path / "old.sqlite"))
        old = restarted(engine)
        before = old.state.size
        assert small_network.writer.state.size - before == await recovered(hub, old)
        rebuild(engine)
    assert tokens(small_network.engine) == tokens(engine)
    assert small_network.writer.state.tree == old.state.tree
    assert restarted(engine).state == restarted(small_network.engine).state
    assert view_of_all(small_network.engine) == view_of_all(engine)
    for table in (tables.tiles, tables.subjects, tables.exclusions):
        assert rows(small_network.engine, table) == rows(engine, table)
    engine.dispose()


async def test_nothing_is_taken_back_where_nothing_is_missing(small_network: Published, tmp_path: Path) -> None:
    small_network.publish("need")
    async with at_work(tmp_path, small_network) as hub:
        await on_the_bus(hub, small_network.writer.state.size)
        assert await recovered(hub, small_network.writer) == 0


async def test_an_entry_that_nobody_signed_is_not_taken_from_the_bus(small_network: Published, tmp_path: Path) -> None:
    """Whoever can write to the hub's own stream can make it stop, and not make it log anything."""
    ours = small_network.admit("ke-nctc")
    async with at_work(tmp_path, small_network, "ke-nctc") as hub:
        size = small_network.writer.state.size
        await on_the_bus(hub, size)
        forged = ours.twin().say(id="forged", key=key_of("thief"))
        attributes = from_b64url(forged.token.split(b".")[1])
        body = attributes[:-1] + f',"token":"{forged.token.decode()}","index":{size},"lastindex":-1'.encode()
        message = Outgoing("log.clear.need.ke-nctc", body + b"}", {subjects.INDEX_HEADER: str(size)})
        await hub.bus.publish_batch([message])
        with pytest.raises(LogDamaged, match="does not fit into this log: unknown-key"):
            await recovered(hub, small_network.writer)
    assert size == restarted(small_network.engine).state.size


async def test_where_the_bus_has_a_gap_the_hub_that_signed_more_is_not_served(
    small_network: Published, tmp_path: Path
) -> None:
    ours = small_network.admit("ke-nctc")
    backup(small_network, tmp_path / "old.sqlite")
    async with at_work(tmp_path, small_network, "ke-nctc") as hub:
        commit(small_network.writer, ours.say(id="n1"), ours.say(id="n2"), ours.say(id="n3"))
        small_network.tail.advance(small_network.writer.state.size)
        size = small_network.writer.state.size
        await on_the_bus(hub, size)
        last = await hub.bus.last_message(subjects.LOG_STREAM)
        assert last is not None
        await hub.bus.api(f"STREAM.MSG.DELETE.{subjects.LOG_STREAM}", {"seq": last.stream_seq - 1})
        await until(lambda: hub.witnessing._last == size)
        engine = open_database(sqlite_url(tmp_path / "old.sqlite"))
        old = restarted(engine)
        assert await recovered(hub, old) == 1
        with engine.connect() as connection, pytest.raises(LogDamaged, match="older than what this hub has signed"):
            LastCheckpoint(tmp_path, TRUST).check(connection, old.state.size)
        engine.dispose()


@pytest.mark.parametrize("document", [b"", b"{}", b'{"token":"x"}', b'{"a":1,"token":"x","index":-1,"lastindex":0}'])
def test_what_is_no_entry_is_not_read_as_one(document: bytes) -> None:
    with pytest.raises(LogDamaged, match="no entry of a log"):
        copy_in(document)


def test_a_copy_for_another_place_is_refused(small_network: Published) -> None:
    small_network.publish("need")
    last = tokens(small_network.engine)[-1]
    size = small_network.writer.state.size
    for copy in (Copy(size + 1, last, None), Copy(size, last, None), Copy(size, b"no token", None)):
        with pytest.raises(LogDamaged, match="does not fit into this log"):
            small_network.writer.relog([copy])
        assert size == small_network.writer.state.size


async def test_what_was_erased_is_off_the_bus_and_comes_back_by_its_token_without_a_body(
    small_network: Published, tmp_path: Path
) -> None:
    ours = small_network.admit(NAME)
    commit(small_network.writer, ours.say(id="early"))
    backup(small_network, tmp_path / "old.sqlite")
    async with at_work(tmp_path, small_network, NAME) as hub:
        first = ours.say(secret_need())
        commit(small_network.writer, first)
        commit(small_network.writer, ours.order(ADDRESS, [first.hash]), ours.say(id="later"))
        size = small_network.writer.state.size
        small_network.tail.advance(size)
        await on_the_bus(hub, size)
        await until(lambda: carried_out(small_network))
        engine = open_database(sqlite_url(tmp_path / "old.sqlite"))
        old = Writer(engine, TRUST, Author(HUB_KEY), small_network.writer.erased)
        await recovered(hub, old)
        rebuild(engine, None, old.erased)
        old.confirm_owed()
        assert old.state.size == size
        assert tokens(engine) == tokens(small_network.engine)
        assert view_of_all(engine) == view_of_all(small_network.engine)
        for table in (tables.erased, tables.erasures, tables.confirmations):
            assert rows(engine, table) == rows(small_network.engine, table)
