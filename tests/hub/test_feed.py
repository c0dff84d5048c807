"""The feed on a real bus: readers get every entry of the log, in its order, once, across restarts."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import orjson

from hub.feed import Feed
from hub.streams import STREAMS
from tests.bus_fixture import running_bus, until
from tests.hub.batches import commit, logged
from tests.hub.published import Published
from tests.hub.stations import Stations, at_work, serving
from tests.signed_network import need
from wire import subjects
from wire.bus import Bus, Incoming
from wire.bus_pull import Puller


async def on_the_bus(hub: Stations) -> list[dict[str, object]]:
    """All that lies in the stream of the log, in its order."""
    count = (await hub.bus.stream_state(subjects.LOG_STREAM)).messages
    await hub.bus.ensure_pull_consumer(subjects.LOG_STREAM, "test-reader")
    puller = Puller(hub.bus, subjects.LOG_STREAM, "test-reader")
    found: list[dict[str, object]] = []
    while len(found) < count:
        incoming = await puller.next(100, 2)
        found += [{**orjson.loads(each.body), "on": each.subject} for each in incoming]
    puller.close()
    return found


async def published(hub: Stations, size: int) -> None:
    async def there() -> bool:
        return (await hub.bus.stream_state(subjects.LOG_STREAM)).messages >= size

    await until(there)


async def test_readers_get_every_entry_in_order_with_its_body_unless_it_is_excluded(
    small_network: Published, tmp_path: Path
) -> None:
    ours = small_network.admit("ke-nctc")
    good, bad = ours.say(id="good"), ours.say(need(weight=1), id="bad")
    green, rotated = ours.say(id="green", marking="TLP:GREEN"), ours.rotate()
    committed = commit(small_network.writer, good, bad, green, rotated)
    small_network.tail.advance(committed.size)
    async with at_work(tmp_path, small_network, "ke-nctc") as hub:
        await published(hub, committed.size)
        events = await on_the_bus(hub)
    assert [event["index"] for event in events] == list(range(committed.size))
    by_id = {str(event["id"]): event for event in events}
    assert by_id["ke-nctc:000000000001"]["data"] == orjson.loads(good.body)
    assert by_id["ke-nctc:000000000001"]["token"] == good.token.decode()
    assert "data" not in by_id["ke-nctc:000000000002"]
    assert by_id["ke-nctc:000000000001"]["on"] == "log.clear.need.ke-nctc"
    assert by_id["ke-nctc:000000000003"]["on"] == "log.green.need.ke-nctc"
    assert by_id["ke-nctc:000000000004"]["on"] == "log.clear.control.ke-nctc"
    last: dict[object, object] = {}
    for event in events:
        assert event["lastindex"] == last.get(event["on"], -1)
        last[event["on"]] = event["index"]


async def test_what_is_for_named_readers_goes_out_encrypted_as_it_was_signed(
    small_network: Published, tmp_path: Path
) -> None:
    ours = small_network.admit("ke-nctc")
    small_network.admit("fr-office")
    amber, strict = ours.tell("fr-office", id="a1"), ours.tell("fr-office", id="s1", marking="TLP:AMBER+STRICT")
    in_clear = ours.say(need("The harbour"), id="c1", marking="TLP:AMBER")
    committed = commit(small_network.writer, amber, strict, in_clear)
    small_network.tail.advance(committed.size)
    async with at_work(tmp_path, small_network, "ke-nctc") as hub:
        await published(hub, committed.size)
        events = await on_the_bus(hub)
    by_id = {str(event["id"]): event for event in events}
    for number, on, sealed in ((1, "log.amber", amber), (2, "log.amber-strict", strict)):
        event = by_id[f"ke-nctc:{number:012d}"]
        assert event["on"] == f"{on}.need.ke-nctc"
        assert event["datacontenttype"] == "application/jose+json"
        assert event["data"] == orjson.loads(sealed.body)
    assert "data" not in by_id["ke-nctc:000000000003"]
    assert "harbour" not in str(events)


async def test_a_feed_that_begins_again_goes_on_where_the_stream_ends(small_network: Published, tmp_path: Path) -> None:
    ours = small_network.admit("ke-nctc")
    async with at_work(tmp_path, small_network, "ke-nctc") as hub:
        await hub.publish(*[ours.say(id=f"n{number}") for number in range(20)])
        await until(lambda: hub.sequence("ke-nctc") == 20)
        await published(hub, small_network.writer.state.size)
    async with at_work(tmp_path, small_network, "ke-nctc") as hub:
        await hub.publish(ours.say(action="revised"))
        await until(lambda: hub.sequence("ke-nctc") == 21)
        await published(hub, small_network.writer.state.size)
        indices = [event["index"] for event in await on_the_bus(hub)]
    assert indices == [index for index, _, _ in logged(small_network.engine)]


async def test_two_feeds_at_once_publish_nothing_twice(small_network: Published, tmp_path: Path) -> None:
    """So it is for a moment when one hub takes over from another: the stream takes a batch at its one place only."""
    ours = small_network.admit("ke-nctc")
    async with (
        at_work(tmp_path, small_network, "ke-nctc") as hub,
        serving(small_network, hub.net, await hub.net.connect("hub"), tmp_path),
    ):
        committed = commit(small_network.writer, *[ours.say(id=f"n{number}") for number in range(700)])
        small_network.tail.advance(committed.size)
        await published(hub, committed.size)
        assert [event["index"] for event in await on_the_bus(hub)] == list(range(committed.size))


class Hesitant:
    """A bus on which somebody else gets ahead between a feed's first question and its second."""

    def __init__(self, bus: Bus, ahead: Callable[[], Awaitable[None]]) -> None:
        self._bus = bus
        self._ahead = ahead
        self.overtaken = 0

    async def last_message(self, stream: str) -> Incoming | None:
        answer = await self._bus.last_message(stream)
        if not self.overtaken:
            self.overtaken += 1
            assert answer is None
            await self._ahead()
        return answer

    def __getattr__(self, name: str) -> Any:
        return getattr(self._bus, name)


async def test_a_feed_that_another_overtakes_as_it_begins_on_an_empty_stream_publishes_nothing_twice(
    small_network: Published, tmp_path: Path
) -> None:
    size = small_network.writer.state.size
    async with running_bus(tmp_path) as net:
        bus = await net.connect("hub")
        for plan in STREAMS:
            await bus.ensure_stream(plan)
        first: list[asyncio.Task[None]] = []

        async def other_feed() -> None:
            first.append(asyncio.create_task(Feed(small_network.engine, bus, small_network.tail).run()))
            await until(holds)

        async def holds() -> bool:
            return (await bus.stream_state(subjects.LOG_STREAM)).messages == size

        hesitant = Hesitant(bus, other_feed)
        second = Feed(small_network.engine, hesitant, small_network.tail)  # type: ignore[arg-type]
        running = asyncio.create_task(second.run())
        await until(lambda: second.position == size)
        assert hesitant.overtaken
        assert await holds()
        for task in (*first, running):
            task.cancel()
        await asyncio.gather(*first, running, return_exceptions=True)
