"""What whoever runs the bus can try, on a real one: it costs time, but no event is lost, altered or logged twice."""

from pathlib import Path

import pytest

from tests.bus_fixture import until
from tests.flow.on_the_bus import Carried, again, carried, lose_store
from tests.signed_network import HUB_KEY, NETWORK, key_of, signed_anew, statement_of
from wire.reasons import Reason
from wire.receipts import Receipt, open_receipt
from wire.seal import Sealed
from wire.subjects import receipts

A, B = "xa-centre", "xb-office"


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nodes ask again after a second and not after ten, so that nobody has to wait here."""
    monkeypatch.setattr("node.progress.STALLED_SECONDS", 1.0)
    monkeypatch.setattr("node.progress.RETRY_SECONDS", 1.0)
    monkeypatch.setattr("node.progress.SAME_NEXT_SECONDS", 1.0)
    monkeypatch.setattr("node.progress.PROOF_SECONDS", 1.0)
    monkeypatch.setattr("node.publish.HEAD_SECONDS", 1.0)


async def sent(network: Carried) -> int:
    """Have everything lie on the bus while no hub runs; gives how much that is."""
    await network.open_hub()
    network.serve()
    await network.all_delivered()
    await network.close_hub()
    await network.take_all()
    for name in network.nodes:
        network.say(name, 20)
    wanted = 20 * len(network.nodes)
    await until(lambda: _lies(network, wanted))
    return wanted


async def _lies(network: Carried, number: int) -> bool:
    return await network.stored() >= number


def is_whole(network: Carried) -> bool:
    """Whether the log holds exactly what the nodes have said, once, in their order."""
    return all(network.logged(name) == network.tokens(name) for name in network.nodes)


async def test_bus_loses_its_whole_store(tmp_path: Path) -> None:
    async with carried(tmp_path, A, B) as network:
        assert await sent(network) == 40
        store = tmp_path / "bus" / "jetstream"
        assert list(store.rglob("EVENTS"))
        await network.net.server.stop()
        lose_store(network.net)
        await network.net.server.start(network.net.accounts())
        assert not list(store.rglob("EVENTS")), "nothing of it is left"
        assert len(network.logged(A)) < len(network.tokens(A)), "and the log has not got it yet"
        await network.open_hub()
        await network.all_logged()
        await network.all_delivered()
        assert is_whole(network)
        assert [node.log.alarms() for node in network.nodes.values()] == [[], []]


async def test_bus_drops_repeats_reorders_and_delays(tmp_path: Path) -> None:
    async with carried(tmp_path, A, B) as network:
        await sent(network)
        taken = await network.take_all()
        dropped = taken[::4]
        late = [message for message in reversed(taken) if message not in dropped]
        await network.put_there([again(message) for message in [*late, *late]])
        came = [message.raw_header("Liaison-Token") for message in late]
        assert came != sorted(came, key=network.place), "in another order than they were said in"
        assert await network.stored() == 2 * len(late) == 60
        await network.open_hub()
        await network.all_logged()
        await network.all_delivered()
        assert is_whole(network), "what was dropped is sent again, what came twice is logged once"
        assert [message.raw_header("Liaison-Token") in network.published.logged() for message in dropped] == [True] * 10
        assert network.quarantined() == []


async def test_bus_loses_the_receipt_with_the_proof(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hub gives a proof once; a node that was just away asks for it, though nothing new is said any more."""
    async with carried(tmp_path, A) as network:
        hub = await network.open_hub()
        network.serve()
        await network.all_delivered()
        carry, lost = hub.bus.publish, list[Receipt]()

        async def publish(subject: str, payload: bytes) -> None:
            receipt = open_receipt(payload, HUB_KEY.public, NETWORK, A) if subject == receipts(A) else None
            if receipt is not None and receipt.proof and not lost:
                lost.append(receipt)
            else:
                await carry(subject, payload)

        monkeypatch.setattr(hub.bus, "publish", publish)
        network.say(A, 1, start=50)
        await network.all_delivered()
        assert [receipt.logged.sequence for receipt in lost] == [len(network.tokens(A))]


async def test_bus_alters_a_token(tmp_path: Path) -> None:
    async with carried(tmp_path, A, B) as network:
        await sent(network)
        taken = await network.take_all()
        victim = taken[5]
        token = victim.raw_header("Liaison-Token")
        header, _, signature = token.split(b".")
        said = Sealed(A, 1, "need", bytes(32), token, b"")
        payload = signed_anew(said, key_of("nobody"), marking="TLP:GREEN").token.split(b".")[1]
        forged = b".".join([header, payload, signature])
        await network.put_there([again(each, token=forged if each is victim else None) for each in taken])
        await network.open_hub()
        await network.all_logged()
        assert (str(Reason.BAD_SIGNATURE), forged) in network.quarantined(), "its bytes are kept"
        assert forged not in network.published.logged()
        await network.all_delivered()
        assert is_whole(network)


async def test_bus_alters_a_body(tmp_path: Path) -> None:
    """The statement is the author's, and is logged; the body is not, and is left out, which the author is told."""
    async with carried(tmp_path, A, B) as network:
        await sent(network)
        taken = await network.take_all()
        victim = taken[5]
        body = victim.body.replace(b"Document readers", b"Something else..")
        assert body != victim.body
        await network.put_there([again(each, body=body if each is victim else None) for each in taken])
        await network.open_hub()
        await network.all_logged()
        assert is_whole(network)
        token = victim.raw_header("Liaison-Token")
        index = network.published.logged().index(token)
        assert network.excluded() == [(index, str(Reason.BODY_MISMATCH))]
        [organization] = [name for name in network.nodes if token in network.tokens(name)]
        sequence = int(statement_of(token)["sequence"])
        reading = network.nodes[organization].reading
        await until(lambda: [(each.sequence, each.reason) for each in reading.judgements()] == [
            (sequence, str(Reason.BODY_MISMATCH))
        ])  # fmt: skip


async def test_bus_forges_and_replays(tmp_path: Path) -> None:
    """What an outsider could send who had every right on the bus; none of it is ever attributed to anybody."""
    async with carried(tmp_path, A, B) as network:
        await sent(network)
        taken = await network.take_all()
        await network.put_there([again(each) for each in taken])  # as they are: this time only a copy is kept
        await network.open_hub()
        await network.all_delivered()
        await network.close_hub()
        honest = network.published.logged()
        victim = [each for each in taken if each.subject == f"events.{A}.need"][5]
        said = Sealed(A, 9, "need", bytes(32), victim.raw_header("Liaison-Token"), victim.body)
        forged = signed_anew(said, key_of("outsider"), sequence="000000000022", id=f"{A}:000000000022").token
        elsewhere = signed_anew(
            said, network.nodes[A].keyring.signing, source=f"https://other.example/orgs/{A}",
            dataschema="https://other.example/schemas/need/1",
        ).token  # fmt: skip
        await network.put_there([
            again(victim, token=forged),
            again(victim, token=elsewhere),
            again(victim, subject=f"events.{B}.need"),
            again(victim),
        ])  # fmt: skip
        await network.open_hub()
        network.say(B, 1, start=50)
        await network.all_delivered()
        assert sorted(network.quarantined()) == sorted([
            (str(Reason.UNKNOWN_KEY), forged),
            (str(Reason.WRONG_NETWORK), elsewhere),
            (str(Reason.WRONG_SUBJECT), victim.raw_header("Liaison-Token")),
        ])  # fmt: skip
        assert network.published.logged()[: len(honest)] == honest
        assert len(network.published.logged()) == len(honest) + 1, "only what B says now"
        assert is_whole(network)
