"""A hub that cheats, made of a hub's own parts, and the honest nodes that watch it, with no bus between them.

Database, writer, answers, keys, nodes and witnesses are the real ones. The hub is evil because somebody who has all its
keys changes its database, or keeps two of them.
"""

import asyncio
import hashlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import delete, insert, select

from hub import checkpoints, tables
from hub.body_tags import tag_of_body
from hub.damage import Damage
from hub.evidence import evidence_of
from hub.questions import Questions
from hub.tree import fill_tiles, load_tree
from node.alarms import Name
from node.edit import Put
from node.witnessing import make_witness
from schemas.entry import parse_entry
from schemas.release import CLEAR
from tests.flow.linked import ORGANIZATIONS, Hub, NodeEnd, copy_network
from tests.signed_network import TRUST, key_of, need
from tests.wire.audit.audits import audited, found
from tests.wire.audited_log import AuditedLog
from wire.checkpoint import Checkpoint, sign_checkpoint
from wire.database import reading
from wire.receipts import open_receipt


@dataclass(frozen=True)
class Entry:
    """A row of the log with its body; `org` is the organization's number."""

    org: int
    kind: str
    marking: str
    sequence: int
    hash: bytes
    token: bytes
    body: bytes | None


Change = Callable[[list[Entry]], list[Entry]]


@dataclass
class EvilHub(Hub):
    """A hub's parts in the hands of somebody who also has the log's key."""

    def size(self) -> int:
        """How many entries its database has."""
        return len(self.entries())

    def entries(self) -> list[Entry]:
        """The log as it lies there."""
        log, kept = tables.log.c, tables.bodies.c
        query = select(log.org, log.kind, log.marking, log.sequence, log.hash, log.token, kept.body)
        joined = query.outerjoin(tables.bodies, kept.index == log.index).order_by(log.index)
        with reading(self.engine).connect() as connection:
            return [Entry(*row) for row in connection.execute(joined)]

    def change(self, change: Change) -> None:
        """Put another log in the place of this one, with a tree and proofs that fit it."""
        entries = change(self.entries())
        with self.engine.begin() as connection:
            for table in (tables.log, tables.bodies, tables.tiles, tables.checkpoints):
                connection.execute(delete(table))
            for index, entry in enumerate(entries):
                row = {name: getattr(entry, name) for name in ("org", "kind", "marking", "sequence", "hash", "token")}
                connection.execute(insert(tables.log).values(index=index, lastindex=-1, **row))
                if entry.body is not None:
                    kept = {"index": index, "tag": tag_of_body(entry.body), "body": entry.body}
                    connection.execute(insert(tables.bodies).values(kept))
            fill_tiles(connection)

    def number(self, organization: str) -> int:
        """The number of an organization in the tables."""
        return self.writer.state.speakers[organization].number

    def index_of(self, organization: str, sequence: int) -> int:
        """Where a statement stands."""
        places = [(entry.org, entry.sequence) for entry in self.entries()]
        return places.index((self.number(organization), sequence))

    def twin(self, name: str) -> "EvilHub":
        """A second database with the same past and the same keys, for another history."""
        place = self.directory.parent / name
        place.mkdir()
        for path in self.directory.glob("hub.sqlite*"):
            shutil.copy(path, place)
        return EvilHub(place, self.clock)

    def checkpoint(self) -> bytes:
        """Sign the tree as it lies there."""
        size = self.size()
        with self.engine.begin() as connection:
            signed = Checkpoint(TRUST.origin, size, load_tree(connection, size).root())
            note = sign_checkpoint(signed, key_of("log"))
            checkpoints.keep(connection, signed, note, self.clock.text(), quorum=False)
        return note

    def complete(self, note: bytes, lines: list[str]) -> bytes:
        """Keep a checkpoint with its cosignatures; gives the note."""
        whole = note + "".join(lines).encode()
        with self.engine.begin() as connection:
            newest = checkpoints.newest(connection, quorum=False)
            assert newest is not None
            signed = Checkpoint(TRUST.origin, newest.size, newest.root)
            checkpoints.complete(connection, [(signed, whole, self.clock.text())])
        self._receipts.witnessed(signed.size)
        return whole

    def receipt_with_proof(self, organization: str) -> bytes:
        """Answer an organization's question for its head."""
        return asyncio.run(self._receipts.answer(organization))

    def evidence(self, organization: str, sequence: int) -> bytes:
        """What an auditor fetches."""
        registry = self.writer.state.registry
        with reading(self.engine).connect() as connection:
            document = evidence_of(connection, registry, organization, sequence, [CLEAR], whole=True)
        assert document is not None
        return document

    def audited(self, directory: Path, since: bytes | None = None) -> dict[str, list[int | None]]:
        """What an audit of this log finds, by code; `since`: a checkpoint that the auditor has kept."""
        whole = AuditedLog(entries=[entry.token for entry in self.entries()])
        whole.bodies = {hashlib.sha256(each.body).digest(): each.body for each in self.entries() if each.body}
        with reading(self.engine).connect() as connection:
            kept = [row for quorum in (True, False) if (row := checkpoints.newest(connection, quorum=quorum))]
        whole.notes = {row.size: row.note for row in kept}
        return found(audited(whole, directory, since=since, workers=1))

    def answer(self, organization: str, what: str, question: bytes) -> bytes:
        """Answer as hubs answer."""
        return Questions(reading(self.engine), self.size, Damage(self.directory)).answer(organization, what, question)


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
        [path] = (self.directory / "evidence").glob("*.json")
        kept: dict[str, str] = orjson.loads(path.read_bytes())["evidence"]
        return kept


class Watched:
    """Three nodes that have said something, and their hub, whose log all have cosigned."""

    def __init__(self, template: Path, directory: Path) -> None:
        honest, ends, clock = copy_network(template, directory)
        honest.close()
        self.hub = EvilHub(directory, clock)
        ends[-1].join()
        names = zip(ORGANIZATIONS, ends, strict=True)
        self.nodes = [Watcher(end, self.hub, directory / name) for name, end in names]
        self._opened = [self.hub]
        self.step("n1")

    def twin(self, name: str) -> EvilHub:
        """A second history, closed with the first."""
        self._opened.append(self.hub.twin(name))
        return self._opened[-1]

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

    def node(self, organization: str) -> Watcher:
        """The node of an organization."""
        return self.nodes[ORGANIZATIONS.index(organization)]

    def close(self) -> None:
        """End everything."""
        for node in self.nodes:
            node.end.close()
        for hub in self._opened:
            hub.close()


def put_in_place(index: int, token: bytes) -> Change:
    """Another token where one stands."""
    return lambda log: [*log[:index], replace(log[index], token=token), *log[index + 1 :]]


def without(index: int) -> Change:
    """One entry less."""
    return lambda log: [*log[:index], *log[index + 1 :]]


def moved(index: int, to: int) -> Change:
    """An entry at another place."""

    def change(log: list[Entry]) -> list[Entry]:
        rest = [*log[:index], *log[index + 1 :]]
        return [*rest[:to], log[index], *rest[to:]]

    return change
