"""Receipts: cumulative, signed, remembered across restarts, and never too large for the bus."""

import asyncio
from pathlib import Path

import orjson
import pytest

from tests.bus_fixture import until
from tests.hub.batches import commit
from tests.hub.published import Published
from tests.hub.stations import at_work
from tests.hub.test_witnessing import Witness
from tests.signed_network import HUB_KEY, NETWORK, key_of, need, signed_anew
from wire import subjects
from wire.bus import MAX_PAYLOAD, BusAway
from wire.encoding import b64url
from wire.receipts import MAX_JUDGEMENTS, Receipt, open_receipt
from wire.tlog_proof import parse_proof


async def test_a_receipt_says_how_things_stand_even_to_who_never_spoke(
    small_network: Published, tmp_path: Path
) -> None:
    ours = small_network.admit("ke-nctc")
    async with at_work(tmp_path, small_network, "ke-nctc") as hub:
        receipt = open_receipt(await hub.receipts.answer("ke-nctc"), HUB_KEY.public, NETWORK, "ke-nctc")
        assert (receipt.logged.sequence, receipt.logged.index, receipt.next) == (0, -1, 1)
        assert receipt.logged.hash == b64url(ours.head)
        unknown = open_receipt(await hub.receipts.answer("fr-office"), HUB_KEY.public, NETWORK, "fr-office")
        assert (unknown.logged.sequence, unknown.next) == (0, 1)


async def test_what_was_judged_before_a_restart_is_still_told_after_it(
    small_network: Published, tmp_path: Path
) -> None:
    ours = small_network.admit("ke-nctc")
    commit(small_network.writer, ours.say(need(weight=1)), signed_anew(ours.say(), key_of("stranger")))
    async with at_work(tmp_path, small_network, "ke-nctc") as hub:
        receipt = open_receipt(await hub.receipts.answer("ke-nctc"), HUB_KEY.public, NETWORK, "ke-nctc")
    told = [(each.sequence, each.severity, each.reason) for each in receipt.judgements]
    assert told == [(1, "warning", "schema-invalid"), (2, "error", "unknown-key")]


async def test_a_receipt_fits_into_one_message_however_much_there_is_to_say(
    small_network: Published, tmp_path: Path
) -> None:
    ours = small_network.admit("ke-nctc")
    async with at_work(tmp_path, small_network, "ke-nctc") as hub:
        for number in range(MAX_JUDGEMENTS + 5):
            fields = {f"{place}{'é' * 600}": 1 for place in range(60)}
            body = orjson.dumps({"nonce": "A" * 22, "record": need(**fields)})
            await hub.publish(ours.say(body=body, id=f"n{number}"))
        await until(lambda: (receipt := hub.last("ke-nctc")) is not None and receipt.next == MAX_JUDGEMENTS + 6)
        token = await hub.receipts.answer("ke-nctc")
        receipt = open_receipt(token, HUB_KEY.public, NETWORK, "ke-nctc")
    assert len(token) < MAX_PAYLOAD
    assert receipt.judgements[-1].sequence == MAX_JUDGEMENTS + 5


async def test_a_node_is_told_that_something_before_its_events_is_missing(
    small_network: Published, tmp_path: Path
) -> None:
    ours = small_network.admit("ke-nctc")
    async with at_work(tmp_path, small_network, "ke-nctc") as hub:
        first, second = ours.say(), ours.say(action="revised")
        await hub.publish(second)
        await until(lambda: (receipt := hub.last("ke-nctc")) is not None and receipt.missing)
        receipt = hub.last("ke-nctc")
        assert receipt is not None
        assert receipt.next == 1
        await hub.publish(first)
        await until(lambda: (receipt := hub.last("ke-nctc")) is not None and receipt.next == 3)
        receipt = hub.last("ke-nctc")
        assert receipt is not None
        assert not receipt.missing


def opened(payload: bytes) -> Receipt:
    return open_receipt(payload, HUB_KEY.public, NETWORK, "ke-nctc")


async def test_a_quorum_that_comes_while_a_proof_is_sent_is_proven_too(
    small_network: Published, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = small_network.admit("ke-nctc")
    async with at_work(tmp_path, small_network, "ke-nctc") as hub:
        await Witness(await hub.member("ke-nctc"), "ke-nctc").start()
        carry, on_its_way, go = hub.bus.publish, asyncio.Event(), asyncio.Event()

        async def publish(subject: str, payload: bytes) -> None:
            if subject == subjects.receipts("ke-nctc") and opened(payload).proof:
                on_its_way.set()
                await go.wait()
            await carry(subject, payload)

        monkeypatch.setattr(hub.bus, "publish", publish)
        await hub.publish(ours.say(id="n1"))
        await until(on_its_way.is_set)
        first = hub.witnessing.size  # n1 is the last entry under it
        await hub.publish(ours.say(id="n2"))
        await until(lambda: hub.witnessing.size > first)
        hub.receipts.witnessed(hub.witnessing.size)  # as the witnessing tells it, at the latest by now
        go.set()

        def proven() -> list[int]:
            return [parse_proof(each.proof.encode()).index for each in hub.told["ke-nctc"] if each.proof]

        await until(lambda: proven()[-1:] == [first])
        assert proven()[0] == first - 1, "the first proof was on its way when the second quorum came"


async def test_what_the_bus_did_not_take_goes_out_when_it_is_back_and_is_not_tried_before(
    small_network: Published, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = small_network.admit("ke-nctc")
    async with at_work(tmp_path, small_network, "ke-nctc") as hub:
        await hub.member("ke-nctc")
        carry, back = hub.bus.publish, asyncio.Event()
        refused, waits = list[bytes](), list[float]()

        async def publish(subject: str, payload: bytes) -> None:
            if subject == subjects.receipts("ke-nctc") and not back.is_set():
                refused.append(payload)
                raise BusAway("away")
            await carry(subject, payload)

        async def wait_connected(seconds: float) -> bool:
            if refused:
                waits.append(seconds)
                await back.wait()
            return True

        monkeypatch.setattr(hub.bus, "publish", publish)
        monkeypatch.setattr(hub.bus, "wait_connected", wait_connected)
        await hub.publish(ours.say(id="n1"), ours.say(id="n2"))
        await until(lambda: bool(waits))
        assert len(refused) == 1
        back.set()

        def promised() -> list[int]:
            return sorted(sequence for each in hub.told["ke-nctc"] for sequence, _ in each.entries)

        await until(lambda: promised() == [1, 2])  # with the places in the log that the first receipt had promised
        assert len(refused) == 1
