"""Honest nodes with their witnesses, shown the log of one hub or another; and how their evidence is read.

No bus: a test carries every message. Nodes, witnesses and stores are the real ones.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson

from node.alarms import Name
from node.edit import Put
from node.witnessing import make_witness
from schemas.entry import parse_entry
from schemas.release import CLEAR
from tests.flow.evil_hub import EvilHub
from tests.flow.linked import ORGANIZATIONS, NodeEnd, copy_network
from tests.signed_network import HUB_KEY, TRUST, need
from wire.checkpoint import Checkpoint, open_checkpoint
from wire.receipts import Receipt, open_receipt


class Watcher:
    """A node, and its witness, which is shown the log of one hub or another."""

    def __init__(self, end: NodeEnd, hub: EvilHub, directory: Path) -> None:
        self.end, self.node, self.hub, self.directory = end, end.node, hub, directory
        admission = end.node.admission()
        assert admission is not None

        async def ask(what: str, question: bytes) -> bytes:
            return self.hub.answer(end.organization, what, question)

        async def here(work: Callable[..., Any], *arguments: Any) -> Any:
            return work(*arguments)

        self.witness = make_witness(end.node, admission, ask, here)
        self._hub_key = admission.hub_key

    def say(self, record_id: str, title: str = "Readers") -> None:
        """Publish a need."""
        entry = {"kind": "need", "id": record_id, "marking": CLEAR, **need(title)}
        self.node.editor.apply([Put(parse_entry(entry))])

    def look(self, hub: EvilHub, note: bytes | None = None) -> str | None:
        """Be shown a hub's newest checkpoint, or another one; gives the cosignature, None if it is refused."""
        self.hub = hub
        cosignature = asyncio.run(self.witness.consider(hub.checkpoint() if note is None else note))
        return None if cosignature is None else cosignature.signature.line

    def take(self, receipt: bytes) -> None:
        """Take a receipt as the relay and the witness do."""
        self.end.enter(receipt, answer=True)
        opened = open_receipt(receipt, self._hub_key, TRUST.network, self.end.organization)
        asyncio.run(self.witness.take_receipt(opened))

    def token(self, sequence: int) -> bytes:
        """What this node has said."""
        return self.node.log.mine([sequence])[sequence].token

    def delivered(self) -> int:
        """How many of its statements it holds to be delivered."""
        return self.node.outbox.relay().witnessed

    def alarms(self) -> list[Name]:
        """What it has raised the alarm about."""
        return [each.finding.name for each in self.node.log.alarms()]

    def evidence(self) -> dict[str, str]:
        """What lies in DIR/evidence about its one alarm."""
        return self.evidence_of("")

    def evidence_of(self, name: str) -> dict[str, str]:
        """What lies there about its one alarm of this name."""
        [path] = (self.directory / "evidence").glob(f"{name}*.json")
        kept: dict[str, str] = orjson.loads(path.read_bytes())["evidence"]
        return kept


class Watched:
    """Three nodes that have said something, and their hub, whose log all have cosigned."""

    def __init__(self, template: Path, directory: Path) -> None:
        honest, ends, clock = copy_network(template, directory)
        honest.close()
        self.hub = EvilHub(directory, clock)
        fresh = not ends[-1].joined
        if fresh:
            ends[-1].join()
        names = zip(ORGANIZATIONS, ends, strict=True)
        self.nodes = [Watcher(end, self.hub, directory / name) for name, end in names]
        self._opened = [self.hub]
        if fresh:
            self.step("n1")

    def twin(self, name: str) -> EvilHub:
        """A second history, closed with the first."""
        return self.opened(self.hub.twin(name))

    def opened(self, hub: EvilHub) -> EvilHub:
        """Take another hub, closed with the first."""
        self._opened.append(hub)
        return hub

    def carry(self, *nodes: Watcher, to: EvilHub | None = None) -> None:
        """Bring what these nodes have said to a hub, and its receipts back."""
        hub = to or self.hub
        for node in nodes or self.nodes:
            while messages := node.end.send(100):
                hub.take(messages)
        for organization, receipt in hub.receipts:
            self.node(organization).end.enter(receipt)
        hub.receipts.clear()

    def witnessed(self) -> int:
        """Have all nodes asked for their cosignatures; gives how many have signed, and announces a quorum."""
        note = self.hub.checkpoint()
        lines = [line for node in self.nodes if (line := node.look(self.hub, note)) is not None]
        if len(lines) == len(self.nodes):
            whole = self.hub.complete(note, lines)
            for node in self.nodes:
                node.look(self.hub, whole)
                node.take(self.hub.receipt_with_proof(node.end.organization))
        return len(lines)

    def step(self, record_id: str) -> None:
        """Everybody says something, and an honest hub logs it."""
        for node in self.nodes:
            node.say(record_id)
        self.carry()
        assert self.witnessed() == len(self.nodes)

    def says(self, organization: str, record_id: str, title: str = "Readers") -> int:
        """An organization says something, the hub logs it and gives its receipt; gives the index."""
        node = self.node(organization)
        node.say(record_id, title)
        self.carry(node)
        return self.hub.size() - 1

    def node(self, organization: str) -> Watcher:
        """The node of an organization."""
        return self.nodes[ORGANIZATIONS.index(organization)]

    def close(self) -> None:
        """End everything."""
        for node in self.nodes:
            node.end.close()
        for hub in self._opened:
            hub.close()


def signed_by_the_log(note: str | bytes) -> Checkpoint:
    """What a note says, verified as anybody can who has trust.json."""
    return open_checkpoint(note.encode() if isinstance(note, str) else note, TRUST.log_verifier).checkpoint


def signed_by_the_hub(receipt: str, organization: str) -> Receipt:
    """What a receipt says, verified as anybody can who has the log."""
    return open_receipt(receipt.encode(), HUB_KEY.public, TRUST.network, organization)


def two_histories(evidence: dict[str, str]) -> tuple[Checkpoint, Checkpoint]:
    """The two notes that an alarm has kept, both with the log's signature, and not of one history."""
    first, second = sorted(signed_by_the_log(note) for name, note in evidence.items() if name.startswith("note"))
    assert first.root != second.root
    return first, second
