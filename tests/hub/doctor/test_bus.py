"""The bus as the hub uses it: reached with its key, streams and consumer, and what waits for the intake."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from hub.doctor.bus import check_bus, judged_intake
from hub.intake import DURABLE
from hub.registrar import sole_owner
from hub.settings import Settings
from hub.streams import STREAMS
from tests.bus_fixture import events, running_bus
from wire import subjects
from wire.examination import Check, Result
from wire.keys import write_secret
from wire.nkeys import generate_nkey


def settings(directory: Path) -> Settings:
    return Settings(directory, "", "", 0)


async def checked(directory: Path) -> dict[str, Check]:
    with sole_owner(directory):
        return {each.name: each for each in await asyncio.to_thread(check_bus, directory, settings(directory))}


async def test_streams_and_consumer_are_looked_for_and_nothing_is_taken(tmp_path: Path) -> None:
    async with running_bus(tmp_path, "un-a") as network:
        write_secret(tmp_path / "keys" / "bus.nk", network.seeds["hub"])
        found = await checked(tmp_path)
        assert found["bus"].result is Result.PASS
        assert "stream EVENTS, stream LOG" in found["streams"].cause
        assert found["intake"].result is Result.NOT_CHECKED
        bus = await network.connect("hub")
        for plan in STREAMS:
            await bus.ensure_stream(plan)
        await bus.ensure_pull_consumer(subjects.EVENTS_STREAM, DURABLE)
        found = await checked(tmp_path)
        assert {each.result for each in found.values()} == {Result.PASS}
        node = await network.connect("un-a")
        await node.publish_batch(events(1, 3))
        waits = (await checked(tmp_path))["intake"]
        assert (waits.result, "Messages that wait: 3;" in waits.cause) == (Result.FAIL, True)  # nobody takes them here
        (tmp_path / "keys" / "bus.nk").unlink()
        write_secret(tmp_path / "keys" / "bus.nk", generate_nkey()[0])
        found = await checked(tmp_path)
        assert (found["bus"].result, found["streams"].result) == (Result.FAIL, Result.NOT_CHECKED)
        assert "uthorization" in found["bus"].detail
        assert found["bus"].cause == "The bus does not accept the hub's key."


def test_the_bus_of_a_stopped_hub_is_not_asked(tmp_path: Path) -> None:
    assert {each.result for each in check_bus(tmp_path, settings(tmp_path))} == {Result.NOT_CHECKED}


def consumer(last: str, waiting: int = 5) -> dict[str, Any]:
    floor = {"stream_seq": 10, "last_active": last}
    return {"num_pending": waiting, "num_ack_pending": 0, "ack_floor": floor, "ts": "2026-11-26T12:00:00.123456789Z"}


@pytest.mark.parametrize(
    ("found", "result"),
    [
        (consumer("2026-11-26T11:59:55.1Z"), Result.PASS),
        (consumer("2026-11-26T11:50:00Z"), Result.FAIL),
        (consumer("2026-11-26T11:50:00Z", 0), Result.PASS),
    ],
    ids=["taking", "standing", "nothing"],
)
def test_an_intake_is_judged_by_when_it_last_took_something(found: dict[str, Any], result: Result) -> None:
    assert judged_intake(found).result is result
