"""Erasure on a real bus: nobody fetches an erased body there any more, and nobody puts it back."""

from pathlib import Path

import orjson
from sqlalchemy import select

from hub import tables
from hub.bus_erasing import CURSOR, BusErasing
from tests.bus_fixture import until
from tests.hub.erasing import ADDRESS, NAME, SECRET, carried_out, secret_need
from tests.hub.published import Published
from tests.hub.stations import Stations, at_work, outgoing
from tests.signed_network import need
from wire import subjects
from wire.bus import MESSAGE_ID, Outgoing
from wire.database import reading
from wire.encoding import b64url


async def everything_in(stations: Stations, stream: str) -> dict[str, bytes]:
    """Every message of a stream by subject and place."""
    state = await stations.bus.stream_state(stream)
    found = {}
    for place in range(max(state.first, 1), state.last + 1):
        message = await stations.bus.message_at(stream, place)
        if message is not None:
            found[f"{message.subject} {place}"] = message.body
    return found


def settled(stations: Stations, organization: str, sequence: int) -> bool:
    """Whether the log goes so far for an organization, committed and published."""
    network = stations.network
    done = network.tail.size == network.writer.state.size == stations.feed.position
    return done and stations.sequence(organization) == sequence


async def test_an_erased_body_leaves_both_streams_and_everything_else_stays(
    small_network: Published, tmp_path: Path
) -> None:
    ours = small_network.admit(NAME)
    async with at_work(tmp_path, small_network, NAME) as stations:
        first, other = ours.say(secret_need()), ours.say(need("Stays"), id="n2")
        await stations.publish(first, other)
        await until(lambda: settled(stations, NAME, 2))
        log = await everything_in(stations, subjects.LOG_STREAM)
        assert SECRET.encode() in b"".join(log.values())
        await stations.publish(ours.order(ADDRESS, [first.hash]))
        await until(lambda: settled(stations, NAME, 3) and carried_out(small_network))
        left = await everything_in(stations, subjects.LOG_STREAM)
        assert SECRET.encode() not in b"".join(left.values())
        assert set(log) - set(left) == {subject for subject, body in log.items() if SECRET.encode() in body}
        await until(lambda: stations.intake.position == 3)  # acknowledged, and then purged
        assert await everything_in(stations, subjects.EVENTS_STREAM) == {}
        said = [subject.split()[0] for subject in left]
        assert f"log.clear.control.{NAME}" in said
        assert "log.clear.control.hub" in said


async def test_attack_a_member_puts_the_erased_body_on_the_bus_again(small_network: Published, tmp_path: Path) -> None:
    ours = small_network.admit(NAME)
    async with at_work(tmp_path, small_network, NAME) as stations:
        first = ours.say(secret_need())
        await stations.publish(first)
        await stations.publish(ours.order(ADDRESS, [first.hash]))
        await until(lambda: settled(stations, NAME, 2))
        size = small_network.writer.state.size
        event = outgoing(first)
        bus = await stations.member(NAME)
        await bus.publish_batch([Outgoing(event.subject, event.body, {**event.headers, MESSAGE_ID: "again"})])
        later = ours.say(need("Later"), id="n2")
        await stations.publish(later)
        await until(lambda: settled(stations, NAME, 3))
        assert small_network.writer.state.size == size + 1
        with small_network.engine.begin() as connection:
            assert all(SECRET.encode() not in bytes(body) for body in connection.scalars(select(tables.bodies.c.body)))
        assert SECRET.encode() not in b"".join((await everything_in(stations, subjects.LOG_STREAM)).values())


async def test_what_was_published_before_a_crash_is_removed_after_it(small_network: Published, tmp_path: Path) -> None:
    ours = small_network.admit(NAME)
    async with at_work(tmp_path, small_network, NAME) as stations:
        first = ours.say(secret_need())
        await stations.publish(first)
        await stations.publish(ours.order(ADDRESS, [first.hash]))
        await until(lambda: settled(stations, NAME, 2) and carried_out(small_network))
        again = BusErasing(reading(small_network.engine), stations.bus)
        before = await everything_in(stations, subjects.LOG_STREAM)
        with small_network.engine.begin() as connection:
            connection.execute(tables.cursors.delete().where(tables.cursors.c.name == CURSOR))
        await again.remove(stations.feed.position)
        assert await everything_in(stations, subjects.LOG_STREAM) == before
        assert carried_out(small_network)


async def test_the_author_asks_who_has_obeyed(small_network: Published, tmp_path: Path) -> None:
    ours, theirs = small_network.admit(NAME), small_network.admit("fr-office")
    async with at_work(tmp_path, small_network, NAME, "fr-office") as stations:
        first = ours.say(secret_need())
        said = ours.order(ADDRESS, [first.hash])
        await stations.publish(first, said)
        await until(lambda: settled(stations, NAME, 2))
        bus, other = await stations.member(NAME), await stations.member("fr-office")
        answer = orjson.loads(await bus.request(subjects.ask(NAME, "erasures"), b'{"start":0}', timeout=60))
        [order] = answer["erasures"]
        assert (order["order"], order["record"], order["missing"]) == (b64url(said.hash), ADDRESS, [])
        assert [each["org"] for each in order["confirmed"]] == ["hub"]
        await stations.publish(theirs.erased(said.hash, order["index"]))
        await until(lambda: settled(stations, "fr-office", 1))
        asked = await bus.request(subjects.ask(NAME, "erasures"), b'{"start":0}', timeout=60)
        assert [each["org"] for each in orjson.loads(asked)["erasures"][0]["confirmed"]] == ["hub", "fr-office"]
        nothing = await other.request(subjects.ask("fr-office", "erasures"), b'{"start":0}', timeout=60)
        assert orjson.loads(nothing) == {"erasures": [], "next": None}
