"""Checkpoints on a real bus: made as the log grows, cosigned, kept with a quorum and over restarts."""

import time
from pathlib import Path

import orjson
import pytest
from sqlalchemy import delete, func, select, update

from hub import checkpoints, tables
from hub.log_checks import LogDamaged
from tests.bus_fixture import until
from tests.hub.batches import restarted
from tests.hub.published import Published
from tests.hub.stations import Stations, at_work
from tests.signed_network import NETWORK, TRUST, key_of
from wire import subjects
from wire.bus import Bus, Incoming
from wire.checkpoint import Checkpoint, Witnesses, cosign, open_checkpoint, sign_checkpoint
from wire.merkle import verify_consistency
from wire.notes import from_b64
from wire.tlog_proof import parse_proof, verify_proof


class Witness:
    """A witness that cosigns whatever it is shown: for what the hub makes of honest answers."""

    def __init__(self, bus: Bus, organization: str, key_name: str = "") -> None:
        self.bus = bus
        self.organization = organization
        self.key = key_of(key_name or f"{organization} witness")
        self.seen: list[bytes] = []
        self.silent = False

    async def start(self) -> "Witness":
        await self.bus.subscribe(subjects.CHECKPOINTS, self._take)
        assert await self.bus.confirm(60)
        return self

    async def _take(self, incoming: Incoming) -> None:
        self.seen.append(incoming.body)
        if not self.silent:
            await self.cosign(open_checkpoint(incoming.body, TRUST.log_verifier).checkpoint)

    async def cosign(self, checkpoint: Checkpoint) -> None:
        line = cosign(checkpoint, NETWORK, self.organization, self.key, int(time.time())).line
        await self.bus.publish(subjects.witness(self.organization), f"{checkpoint.size}\n{line}".encode())


def witnesses(network: Published) -> Witnesses:
    return network.writer.state.registry.witnesses(NETWORK)


async def ask(hub: Stations, what: str, organization: str = "ke-nctc", **asked: object) -> bytes:
    member = await hub.member(organization)
    return await member.request(subjects.ask(organization, what), orjson.dumps(asked), timeout=60)


async def test_a_checkpoint_reaches_its_quorum_and_is_announced_kept_and_told_in_a_receipt(
    network: Published, tmp_path: Path
) -> None:
    author = network.admit("ke-nctc")
    async with at_work(tmp_path, network, "ke-nctc") as hub:
        witness = await Witness(await hub.member("ke-nctc"), "ke-nctc").start()
        sealed = author.say()
        await hub.publish(sealed)
        await until(lambda: (hub.last("ke-nctc") or _none).proof != "")
        receipt = hub.last("ke-nctc")
        assert receipt is not None
        found = verify_proof(parse_proof(receipt.proof.encode()), sealed.token, TRUST.log_verifier, witnesses(network))
        assert found.has_quorum
        assert receipt.checkpoint == found.checkpoint.size == network.tail.size
        await until(lambda: any(b"/witness/ke-nctc" in note for note in witness.seen))
        with network.engine.connect() as connection:
            kept = checkpoints.newest(connection, quorum=True)
        assert kept is not None
        assert found.checkpoint.root == kept.root


class _None:
    proof = ""


_none = _None()


async def test_without_a_quorum_nothing_is_proven_and_with_one_more_witness_it_is(
    small_network: Published, tmp_path: Path
) -> None:
    first, second = small_network.admit("ke-nctc"), small_network.admit("fr-office")
    async with at_work(tmp_path, small_network, "ke-nctc", "fr-office") as hub:
        assert witnesses(small_network).quorum == 2
        one = await Witness(await hub.member("ke-nctc"), "ke-nctc").start()
        other = await Witness(await hub.member("fr-office"), "fr-office").start()
        other.silent = True
        await hub.publish(first.say())
        await hub.publish(second.say())
        await until(lambda: len(other.seen) >= 1 and small_network.tail.size == 5)
        await until(lambda: hub.witnessing._last == 5)
        assert hub.witnessing.size == 0
        assert b"no such checkpoint" in await ask(hub, "checkpoint")
        newest = open_checkpoint(await ask(hub, "checkpoint", newest=True), TRUST.log_verifier).checkpoint
        await other.cosign(newest)

        async def is_told() -> bool:
            return b"no such checkpoint" not in await ask(hub, "checkpoint")

        await until(is_told)
        assert hub.witnessing.size == 5
        found = open_checkpoint(await ask(hub, "checkpoint"), TRUST.log_verifier, witnesses(small_network))
        assert {"ke-nctc", "fr-office"} == set(found.cosigners)
        assert one.seen


async def test_cosignatures_that_do_not_verify_or_are_by_another_or_for_another_tree_do_not_count(
    small_network: Published, tmp_path: Path
) -> None:
    author = small_network.admit("ke-nctc")
    small_network.admit("fr-office")
    async with at_work(tmp_path, small_network, "ke-nctc", "fr-office") as hub:
        member = await hub.member("ke-nctc")
        await hub.publish(author.say())
        await until(lambda: hub.witnessing._last == 4)
        checkpoint = hub.witnessing._pending[4].checkpoint
        stranger = Witness(member, "ke-nctc", "somebody else")
        await stranger.cosign(checkpoint)  # another key
        borrowed = cosign(checkpoint, NETWORK, "fr-office", key_of("fr-office witness"), 5).line
        await member.publish(subjects.witness("ke-nctc"), f"4\n{borrowed}".encode())  # another's cosignature
        honest = Witness(member, "ke-nctc")
        await honest.cosign(checkpoint._replace(root=bytes(32)))  # another tree
        await honest.cosign(checkpoint._replace(size=99))  # one that was never announced
        for nonsense in (
            b"",
            b"4",
            b"x\ny",
            b"4\n\xff\xfe",
            b"9" * 9000,
            b"4\n\xe2\x80\x94 a b\n",
            "٤\n— a b".encode(),
        ):
            await member.publish(subjects.witness("ke-nctc"), nonsense)
        await honest.cosign(checkpoint)
        await until(lambda: bool(hub.witnessing._pending[4].cosignatures))
        assert {"ke-nctc"} == set(hub.witnessing._pending[4].cosignatures)
        assert hub.witnessing.size == 0


async def test_a_restarted_hub_goes_on_from_its_last_checkpoint_and_every_later_one_is_consistent(
    network: Published, tmp_path: Path
) -> None:
    author = network.admit("ke-nctc")
    async with at_work(tmp_path / "1", network, "ke-nctc") as hub:
        await Witness(await hub.member("ke-nctc"), "ke-nctc").start()
        await hub.publish(author.say())
        await until(lambda: hub.witnessing.size == 3)
    async with at_work(tmp_path / "2", network, "ke-nctc") as hub:
        assert hub.witnessing.size == 3
        await Witness(await hub.member("ke-nctc"), "ke-nctc").start()
        await hub.publish(author.say())
        await until(lambda: hub.witnessing.size == 4)
        answer = orjson.loads(await ask(hub, "proof", old=3, new=4))
    with network.engine.connect() as connection:
        old, new = checkpoints.of_size(connection, 3), checkpoints.of_size(connection, 4)
    assert old is not None
    assert new is not None
    assert verify_consistency(3, 4, old.root, new.root, [from_b64(each) for each in answer["proof"]])


async def test_a_hub_that_lost_entries_below_its_last_checkpoint_does_not_start(
    network: Published, tmp_path: Path
) -> None:
    author = network.admit("ke-nctc")
    async with at_work(tmp_path, network, "ke-nctc") as hub:
        await Witness(await hub.member("ke-nctc"), "ke-nctc").start()
        await hub.publish(author.say())
        await until(lambda: hub.witnessing.size == 3)
    with network.engine.begin() as connection:
        other = sign_checkpoint(Checkpoint(TRUST.origin, 3, bytes(32)), key_of("log"))
        connection.execute(update(tables.checkpoints).values(note=other))
    with pytest.raises(LogDamaged, match="not the one that was signed"):
        restarted(network.engine)
    with network.engine.begin() as connection:
        other = sign_checkpoint(Checkpoint(TRUST.origin, 9, bytes(32)), key_of("log"))
        connection.execute(update(tables.checkpoints).values(note=other, size=9))
    with pytest.raises(LogDamaged, match="entries are missing"):
        restarted(network.engine)
    with network.engine.begin() as connection:
        connection.execute(update(tables.checkpoints).values(note=b"nothing"))
    with pytest.raises(LogDamaged, match="no checkpoint of this log"):
        restarted(network.engine)
    with network.engine.begin() as connection:
        connection.execute(delete(tables.checkpoints))
    assert restarted(network.engine).state.size == 3


async def test_a_network_without_witnesses_has_checkpoints_that_nobody_cosigned(
    small_network: Published, tmp_path: Path
) -> None:
    async with at_work(tmp_path, small_network) as hub:
        await until(lambda: hub.witnessing.size == 1)
        with small_network.engine.connect() as connection:
            assert connection.scalar(select(func.count()).select_from(tables.checkpoints)) == 1
