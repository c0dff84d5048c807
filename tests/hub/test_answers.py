"""Answers on a real bus: heads are believed if their node signed them, and questions get the hub's own word."""

import time
from pathlib import Path

import orjson

from hub.heads import note_heads
from tests.bus_fixture import until
from tests.hub.published import Published
from tests.hub.stations import Stations, at_work
from tests.signed_network import HUB_KEY, NETWORK, NOON, key_of
from wire import subjects
from wire.encoding import b64url
from wire.keys import SigningKey
from wire.receipts import Head, Receipt, open_receipt, sign_head
from wire.seal import timestamp


def head(organization: str, key: SigningKey, **changes: object) -> bytes:
    members = {
        "network": NETWORK, "organization": organization, "sequence": 7, "hash": b64url(bytes(32)),
        "software": "liaison-node 1", "clock": timestamp(NOON), **changes,
    }  # fmt: skip
    return sign_head(Head.model_validate(members), key)


async def ask_head(hub: Stations) -> Receipt:
    member = await hub.member("ke-nctc")
    answer = await member.request(subjects.ask("ke-nctc", "head"), b"", timeout=60)
    return open_receipt(answer, HUB_KEY.public, NETWORK, "ke-nctc")


async def test_a_head_that_its_node_signed_is_kept_and_answered_with_a_receipt(
    small_network: Published, tmp_path: Path
) -> None:
    small_network.admit("ke-nctc")
    async with at_work(tmp_path, small_network, "ke-nctc") as hub:
        member = await hub.member("ke-nctc")
        await member.publish(subjects.heads("ke-nctc"), head("ke-nctc", key_of("ke-nctc")))
        await until(lambda: hub.last("ke-nctc") is not None)
        found = hub.answers.take_heads()
        assert [(each["organization"], each["head_sequence"]) for each in found] == [("ke-nctc", 7)]
        assert hub.answers.take_heads() == []


async def test_a_head_that_another_signed_or_that_speaks_of_another_is_not_kept(
    small_network: Published, tmp_path: Path
) -> None:
    small_network.admit("ke-nctc")
    small_network.admit("fr-office")
    key = key_of("ke-nctc")
    async with at_work(tmp_path, small_network, "ke-nctc", "fr-office") as hub:
        member = await hub.member("ke-nctc")
        for forged in (
            head("ke-nctc", key_of("fr-office")), head("fr-office", key), head("ke-nctc", key, network="other.example"),
            b"", b"x" * 5000, b"\x00.\xff.", sign_head(Head.model_validate_json(_plain()), key)[:-4],
        ):  # fmt: skip
            await member.publish(subjects.heads("ke-nctc"), forged)
        await member.publish(subjects.heads("ke-nctc"), head("ke-nctc", key, sequence=8))
        await until(lambda: hub.last("ke-nctc") is not None)
        assert [each["head_sequence"] for each in hub.answers.take_heads()] == [8]


async def test_heads_are_believed_under_the_key_that_is_valid_now_and_no_other(
    small_network: Published, tmp_path: Path
) -> None:
    old, ours = key_of("ke-nctc"), small_network.admit("ke-nctc")
    small_network.deliver(ours.rotate())
    async with at_work(tmp_path, small_network, "ke-nctc") as hub:
        member = await hub.member("ke-nctc")
        await member.publish(subjects.heads("ke-nctc"), head("ke-nctc", old, sequence=9))
        await member.publish(subjects.heads("ke-nctc"), head("ke-nctc", ours.key, sequence=8))
        await until(lambda: hub.last("ke-nctc") is not None)
        assert [each["head_sequence"] for each in hub.answers.take_heads()] == [8]


def _plain() -> bytes:
    return orjson.dumps(
        {"network": NETWORK, "organization": "ke-nctc", "sequence": 1, "hash": "A" * 43, "software": "", "clock": ""}
    )


async def test_a_clock_that_cannot_be_read_or_is_centuries_off_does_no_harm(
    small_network: Published, tmp_path: Path
) -> None:
    small_network.admit("ke-nctc")
    async with at_work(tmp_path, small_network, "ke-nctc") as hub:
        member = await hub.member("ke-nctc")
        for clock in ("", "yesterday", "9999-12-31T23:59:59.999Z", "2026-11-23T12:00:00"):
            await member.publish(subjects.heads("ke-nctc"), head("ke-nctc", key_of("ke-nctc"), clock=clock))
        await member.publish(subjects.heads("ke-nctc"), head("ke-nctc", key_of("ke-nctc"), sequence=9))
        heads: list[dict[str, object]] = []

        def came() -> bool:
            heads.extend(hub.answers.take_heads())
            return bool(heads) and heads[-1]["head_sequence"] == 9

        await until(came)
        note_heads(small_network.engine, heads)


async def test_ping_is_answered_and_what_is_not_known_is_said_so(small_network: Published, tmp_path: Path) -> None:
    small_network.admit("ke-nctc")
    async with at_work(tmp_path, small_network, "ke-nctc") as hub:
        member = await hub.member("ke-nctc")
        pong = orjson.loads(await member.request(subjects.ask("ke-nctc", "ping"), b"", timeout=60))
        assert pong["network"] == NETWORK
        other = orjson.loads(await member.request(subjects.ask("ke-nctc", "moon"), b"", timeout=60))
        assert "does not answer 'moon'" in other["error"]


async def test_a_head_asked_for_says_what_the_bus_held_of_the_node_at_that_time(
    small_network: Published, tmp_path: Path
) -> None:
    ours = small_network.admit("ke-nctc")
    async with at_work(tmp_path, small_network, "ke-nctc") as hub:
        await hub.publish(*[ours.say(id=f"n{number}") for number in range(300)])
        receipt = await ask_head(hub)
        assert (receipt.logged.sequence, receipt.logged.hash) == (300, b64url(ours.head))


async def test_a_hub_that_has_just_begun_answers_at_once_when_nothing_waits(
    small_network: Published, tmp_path: Path
) -> None:
    ours = small_network.admit("ke-nctc")
    async with at_work(tmp_path, small_network, "ke-nctc") as hub:
        await hub.publish(ours.say())
        await until(lambda: hub.intake.position == 1)
    async with at_work(tmp_path, small_network, "ke-nctc") as hub:
        began = time.monotonic()
        assert (await ask_head(hub)).logged.sequence == 1
        assert time.monotonic() - began < 10
