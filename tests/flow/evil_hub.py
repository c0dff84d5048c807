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

from sqlalchemy import delete, insert, select

from hub import checkpoints, tables
from hub.body_tags import tag_of_body
from hub.damage import Damage
from hub.evidence import evidence_of
from hub.questions import Questions
from hub.tree import fill_tiles, load_tree
from schemas.release import CLEAR
from tests.flow.linked import Hub
from tests.signed_network import ROOT, TRUST, Roots, key_of
from tests.wire.audit.audits import audited, found
from tests.wire.audited_log import AuditedLog
from wire.actions import Action, sign_action
from wire.checkpoint import Checkpoint, sign_checkpoint
from wire.database import reading
from wire.registry import REGISTRY
from wire.trust import Trust


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
    """A hub's parts in the hands of somebody who also has the log's key, whose name is `log_key`."""

    log_key: str = "log"

    @property
    def trust(self) -> Trust:
        """The trust for its log."""
        return TRUST.following(self.writer.state.registry.log)

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
            signed = Checkpoint(self.trust.origin, size, load_tree(connection, size).root())
            note = sign_checkpoint(signed, key_of(self.log_key))
            checkpoints.keep(connection, signed, note, self.clock.text(), quorum=False)
        return note

    def complete(self, note: bytes, lines: list[str]) -> bytes:
        """Keep a checkpoint with its cosignatures; gives the note."""
        whole = note + "".join(lines).encode()
        with self.engine.begin() as connection:
            newest = checkpoints.newest(connection, quorum=False)
            assert newest is not None
            signed = Checkpoint(self.trust.origin, newest.size, newest.root)
            checkpoints.complete(connection, [(signed, whole, self.clock.text())])
        self._receipts.witnessed(signed.size)
        return whole

    def act(self, form: Callable[..., Action], **members: Any) -> tuple[int, bytes]:
        """Let the roots act; gives the index and the hash of the registry's statement."""
        speaker = self.writer.state.speakers[REGISTRY]
        place = Roots(TRUST, speaker.head, speaker.sequence).place()
        entry = self.writer.register(sign_action(form(**place, **members), [ROOT])).outcome.entries[0]
        return entry.index, entry.hash

    def receipt_with_proof(self, organization: str) -> bytes:
        """Answer an organization's question for its head."""
        return asyncio.run(self._receipts.answer(organization))

    def kept(self, size: int) -> bytes:
        """The checkpoint of this size."""
        with reading(self.engine).connect() as connection:
            signed = checkpoints.of_size(connection, size)
        assert signed is not None
        return signed.note

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
            newest = checkpoints.newest(connection, quorum=False)
            kept = [*checkpoints.listed(connection, 0, 1000), *([newest] if newest else [])]
        whole.notes = {row.size: row.note for row in kept}
        return found(audited(whole, directory, since=since, workers=1))

    def answer(self, organization: str, what: str, question: bytes) -> bytes:
        """Answer as hubs answer."""
        return Questions(reading(self.engine), self.size, Damage(self.directory)).answer(organization, what, question)


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
