"""What an organization, or anybody, can do on the bus: speak, ask and read in its own name, and nothing else."""

import asyncio
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.bus_fixture import BusNetwork, running_bus, until
from wire.bus import Bus, BusError, Incoming, NoResponder, Outgoing
from wire.nkeys import generate_nkey

OTHERS = ["events.un-b.need", "heads.un-b", "witness.un-b", "ask.un-b.head"]
HUBS = ["receipts.un-b", "receipts.un-a", "checkpoints", "log.clear.need.un-b", "log.green.need.un-b"]
API = [
    ("STREAM.DELETE.EVENTS", b""),
    ("STREAM.DELETE.LOG", b""),
    ("STREAM.PURGE.EVENTS", b""),
    ("STREAM.INFO.EVENTS", b""),
    ("STREAM.LIST", b""),
    ("STREAM.UPDATE.EVENTS", b'{"name":"EVENTS","subjects":["x"]}'),
    ("STREAM.CREATE.THEIRS", b'{"name":"THEIRS","subjects":["log.>"]}'),
    ("STREAM.MSG.GET.EVENTS", b'{"seq":1}'),
    ("STREAM.MSG.DELETE.EVENTS", b'{"seq":1}'),
    ("DIRECT.GET.EVENTS", b'{"seq":1}'),
    ("CONSUMER.DELETE.EVENTS.intake", b""),
    ("CONSUMER.RESET.EVENTS.intake", b""),
    ("CONSUMER.MSG.NEXT.EVENTS.intake", b'{"batch":10}'),
    (
        "CONSUMER.CREATE.EVENTS.intake",
        b'{"stream_name":"EVENTS","config":{"durable_name":"intake","filter_subject":"events.un-a.>"}}',
    ),
]
REFUSED_REPLY = "$JS.ACK.EVENTS.intake.1.1.1.1.0"  # the server itself drops what has such a reply
REPLIES = [*OTHERS, *HUBS, *(f"$JS.API.{what}" for what, _ in API), "$SYS.REQ.SERVER.PING"]


async def state_of(hub: Bus) -> dict[str, Any]:
    """Streams and consumers with their configuration, contents and positions."""
    found: dict[str, Any] = {}
    for entry in (await hub.api("STREAM.LIST", {}))["streams"]:
        name = entry["config"]["name"]
        consumers = (await hub.api(f"CONSUMER.LIST.{name}", {}))["consumers"]
        subjects = (await hub.api(f"STREAM.INFO.{name}", {"subjects_filter": ">"}))["state"].get("subjects", {})
        kept = ("config", "delivered", "ack_floor", "created")
        found[name] = (
            entry["config"],
            subjects,
            [{part: consumer[part] for part in kept} for consumer in consumers],
        )
    return found


async def sent_by(network: BusNetwork, name: str) -> int:
    """How many messages the server has read from the connection of this name."""
    async with httpx2.AsyncClient(trust_env=False, timeout=60) as client:
        answer = await client.get(f"http://127.0.0.1:{network.server.monitor_port}/connz")
    return sum(int(one["in_msgs"]) for one in answer.json()["connections"] if one.get("name") == name)


class Ears:
    """Everything that one connection hears."""

    def __init__(self) -> None:
        self.heard: list[Incoming] = []

    async def listen(self, bus: Bus, subject: str = ">") -> "Ears":
        await bus.subscribe(subject, self._hear)
        return self

    async def _hear(self, incoming: Incoming) -> None:
        self.heard.append(incoming)

    @property
    def subjects(self) -> set[str]:
        return {incoming.subject for incoming in self.heard if not incoming.subject.startswith("_INBOX.")}


async def attack(network: BusNetwork, attacker: Bus, name: str, messages: list[tuple[str, bytes, str]]) -> None:
    """Send all of it, and prove that the server has read it."""
    before = await sent_by(network, name)
    for subject, payload, reply in messages:
        await attacker.publish(subject, payload, reply=reply)
    assert await attacker.confirm(60)
    await until(lambda: _reached(network, name, before + len(messages)))


async def _reached(network: BusNetwork, name: str, count: int) -> bool:
    return await sent_by(network, name) >= count


async def serve_asks(hub: Bus) -> list[str]:
    asked: list[str] = []

    async def answer(subject: str, payload: bytes, headers: Any) -> bytes:
        asked.append(subject)
        return b"answer"

    await hub.answer("ask.*.>", answer)
    assert await hub.confirm(60)
    return asked


async def test_a_member_speaks_asks_and_reads_in_its_own_name(tmp_path: Path) -> None:
    async with running_bus(tmp_path, "un-a") as network:
        hub, member = await network.hub(), await network.connect("un-a")
        asked, heads = await serve_asks(hub), await Ears().listen(hub, "heads.*")
        ears = await Ears().listen(member)
        assert (await member.publish_batch([Outgoing("events.un-a.need", b"1")])).stream == "EVENTS"
        await member.publish("heads.un-a", b"head")
        assert await member.request("ask.un-a.ping", b"", timeout=60) == b"answer"
        said = {"receipts.un-a", "checkpoints", "log.clear.need.x", "log.amber-strict.need.x"}
        for subject in said:
            await hub.publish(subject, b"from the hub")
        await until(lambda: said <= ears.subjects and heads.subjects == {"heads.un-a"})
        assert asked == ["ask.un-a.ping"]


async def test_a_member_cannot_speak_ask_or_cosign_in_another_name(tmp_path: Path) -> None:
    async with running_bus(tmp_path, "un-a", "un-b") as network:
        hub, attacker, victim = await network.hub(), await network.connect("un-a"), await network.connect("un-b")
        asked, at_hub, at_victim = await serve_asks(hub), await Ears().listen(hub), await Ears().listen(victim)
        before = await state_of(hub)
        at_hub.heard.clear()
        await attack(network, attacker, "un-a", [(subject, b"forged", "") for subject in OTHERS + HUBS])
        for subject in OTHERS:
            with pytest.raises(NoResponder):
                await attacker.request(subject, b"forged", timeout=60)
        batch = [
            Outgoing("events.un-a.need", b"1"),
            Outgoing("events.un-b.need", b"2"),
            Outgoing("events.un-a.need", b"3"),
        ]
        with pytest.raises(BusError):
            await attacker.publish_batch(batch, timeout=5)
        assert await hub.confirm(60)
        assert await victim.confirm(60)
        assert not [heard.subject for heard in at_hub.heard if heard.body == b"forged"]
        assert at_victim.subjects == set()
        assert asked == []
        assert await state_of(hub) == before


async def test_a_member_hears_nothing_that_is_meant_for_another(tmp_path: Path) -> None:
    async with running_bus(tmp_path, "un-a", "un-b") as network:
        hub, curious, victim = await network.hub(), await network.connect("un-a"), await network.connect("un-b")
        await serve_asks(hub)
        ears = await Ears().listen(curious)
        for subject in [*OTHERS, "receipts.un-b", "_INBOX.>", "$SYS.>", "$JS.>", "_R_.>"]:
            await ears.listen(curious, subject)
        at_victim = await Ears().listen(victim, "receipts.un-b")
        await victim.publish_batch([Outgoing("events.un-b.need", b"secret")])
        await victim.publish("heads.un-b", b"secret")
        await victim.request("ask.un-b.head", b"secret", timeout=60)
        await hub.publish("receipts.un-b", b"secret")
        await hub.publish("log.green.need.un-b", b"for members")  # the last thing sent, and it arrives
        await until(lambda: at_victim.subjects == {"receipts.un-b"} and "log.green.need.un-b" in ears.subjects)
        assert ears.subjects == {"log.green.need.un-b"}


async def test_a_member_cannot_touch_streams_and_consumers(tmp_path: Path) -> None:
    async with running_bus(tmp_path, "un-a", "un-b") as network:
        hub, attacker, victim = await network.hub(), await network.connect("un-a"), await network.connect("un-b")
        await victim.publish_batch([Outgoing("events.un-b.need", b"1")])
        before = await state_of(hub)
        attacks = [(f"$JS.API.{what}", body, attacker.new_inbox()) for what, body in API]
        attacks.append(("$JS.ACK.EVENTS.intake.1.1.1.1.0", b"+ACK", ""))
        await attack(network, attacker, "un-a", attacks)
        with pytest.raises(BusError, match="JetStream not enabled"):
            await attacker.stream_state("EVENTS")
        assert await state_of(hub) == before


async def test_replies_steered_at_others_and_at_the_server_change_nothing(tmp_path: Path) -> None:
    async with running_bus(tmp_path, "un-a", "un-b") as network:
        hub, attacker, victim = await network.hub(), await network.connect("un-a"), await network.connect("un-b")
        asked = await serve_asks(hub)
        await victim.publish_batch([Outgoing("events.un-b.need", b"1")])
        await hub.publish_batch([Outgoing("log.green.need.un-b", b"1")])
        at_hub, at_victim = await Ears().listen(hub), await Ears().listen(victim)
        before = await state_of(hub)
        steered = [
            (f"{said}.un-a{rest}", b"x", reply)
            for said, rest in (("events", ".need"), ("heads", ""), ("witness", ""), ("ask", ".ping"))
            for reply in [*REPLIES, REFUSED_REPLY]
        ]
        await attack(network, attacker, "un-a", steered)
        await until(lambda: asked.count("ask.un-a.ping") == len(REPLIES))
        assert await hub.confirm(60)
        assert await attacker.confirm(60)
        after = await state_of(hub)
        # Its own events are there: all that was sent arrived, and under its own name only.
        assert after["EVENTS"][1].pop("events.un-a.need") == len(REPLIES)
        assert after == before
        assert set(asked) == {"ask.un-a.ping"}
        assert at_victim.subjects == set()
        # What the test itself asked for is no trace of the attack.
        own = ("_R_.", "$JS.EVENT.", "$JS.API.STREAM.LIST", "$JS.API.STREAM.INFO", "$JS.API.CONSUMER.LIST")
        spoken = {subject for subject in at_hub.subjects if not subject.startswith(own)}
        assert spoken == {"events.un-a.need", "heads.un-a", "witness.un-a", "ask.un-a.ping"}


async def test_the_public_hears_what_is_clear_and_checkpoints_and_can_say_nothing(tmp_path: Path) -> None:
    async with running_bus(tmp_path, "un-a") as network:
        hub, member, public = await network.hub(), await network.connect("un-a"), await network.connect(None)
        asked, at_member = await serve_asks(hub), await Ears().listen(member)
        everything, allowed = await Ears().listen(public, ">"), await Ears().listen(public, "log.clear.>")
        for subject in ("log.green.>", "log.*.>", "receipts.*", "events.*.>", "$SYS.>"):
            await everything.listen(public, subject)
        await allowed.listen(public, "checkpoints")
        before = await state_of(hub)
        silenced = [
            *OTHERS,
            *HUBS,
            "ask.un-a.ping",
            "events.un-a.need",
            "log.clear.need.x",
            "$JS.API.STREAM.DELETE.LOG",
        ]
        await attack(network, public, "public", [(subject, b"forged", "") for subject in silenced])
        for subject in ("log.green.need.x", "log.amber.need.x", "receipts.un-a", "checkpoints", "log.clear.need.y"):
            await hub.publish(subject, b"from the hub")
        await until(lambda: allowed.subjects == {"checkpoints", "log.clear.need.y"})
        await until(lambda: len(at_member.heard) == 5)
        assert {heard.body for heard in (*allowed.heard, *at_member.heard)} == {b"from the hub"}
        assert everything.subjects == set()
        assert asked == []
        after = await state_of(hub)
        assert set(after["LOG"][1]) == {"log.green.need.x", "log.amber.need.x", "log.clear.need.y"}
        assert after["EVENTS"] == before["EVENTS"]


async def test_an_unknown_key_is_not_let_in(tmp_path: Path) -> None:
    async with running_bus(tmp_path, "un-a") as network:
        reasons: list[str] = []
        stranger = await Bus.connect(
            network.url, name="x", seed=generate_nkey()[0], wait=1, on_state=lambda _, reason: reasons.append(reason)
        )
        network.connections.append(stranger)
        await until(lambda: any("authorization violation" in reason.lower() for reason in reasons))
        assert not stranger.connected


async def test_one_member_cannot_use_up_the_connections_of_others(tmp_path: Path) -> None:
    async with running_bus(tmp_path, "un-a", "un-b") as network:
        # the twenty first: of those that come in the same instant, the server may let in one more than it counts
        crowd = await asyncio.gather(*(network.connect("un-a") for _ in range(20)))
        let_in: list[bool] = []
        refused: set[int] = set()

        def note(number: int, up: bool, reason: str) -> None:
            let_in.append(up)
            if "maximum account active connections exceeded" in reason:
                refused.add(number)

        for number in range(5):
            network.connections.append(
                await Bus.connect(
                    network.url,
                    name="un-a",
                    seed=network.seeds["un-a"],
                    on_state=partial(note, number),
                    wait=None,
                )
            )
        await until(lambda: len(refused) == 5)
        assert (await network.connect("un-b")).connected
        assert all(bus.connected for bus in crowd)
        assert not any(let_in)
