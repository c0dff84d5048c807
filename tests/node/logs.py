"""A log's end for tests: real tokens, tree and checkpoints, answered as a hub answers; and what an evil one does."""

import asyncio
import base64
from collections.abc import Mapping, Sequence
from copy import copy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from node.alarms import Name
from node.node import Node, build, join
from node.store import Waiting
from node.witness import Witness
from node.witnessing import make_witness
from tests.node.nodes import NETWORK, ORG, HubEnd, make_node
from wire import jws
from wire.checkpoint import Checkpoint, cosign, sign_checkpoint
from wire.encoding import b64url
from wire.examine import statement_hash
from wire.key_sets import ENROLMENT_FILE
from wire.keys import SigningKey
from wire.merkle import consistency_proof, inclusion_proof, leaf_hash, node_hash, tree_root
from wire.receipts import Receipt, open_receipt
from wire.tlog_proof import make_proof


class LogEnd:
    """The log of a hub's end. It begins with what the registry has said; `size` is what it admits to have."""

    def __init__(self, end: HubEnd) -> None:
        self.end = end
        self.tokens: list[bytes] = []
        self.bodies: dict[int, bytes] = {}
        self.asked: list[str] = []
        self.own: list[Waiting] = []
        self.quorum = b""
        self.silent = False
        self._registered = 0
        self.take_registry()

    @property
    def size(self) -> int:
        return len(self.tokens)

    def take_registry(self) -> None:
        """Log what the registry has said since."""
        for sealed in self.end.registered[self._registered :]:
            self.bodies[self.size] = sealed.body
            self.tokens.append(sealed.token)
        self._registered = len(self.end.registered)

    def take_outbox(self, node: Node, *, leave_out: Sequence[int] = ()) -> None:
        """Log what the node has sealed and this log does not hold."""
        held = set(self.tokens)
        events = node.outbox.after(0, 100_000, 10**9)
        logged = [each for each in events if each.token not in held and each.sequence not in leave_out]
        self.own = [*self.own, *logged]
        for each in logged:
            if each.kind == "control":
                self.bodies[self.size] = each.body or b""
            self.tokens.append(each.token)

    def grow(self, number: int, seed: str = "x") -> None:
        """Log what others say."""
        self.tokens += [f"{seed}.{self.size + step}.z".encode() for step in range(number)]

    def twin(self) -> "LogEnd":
        """The same log, to be told otherwise from here on."""
        other = copy(self)
        other.tokens, other.bodies, other.asked = list(self.tokens), dict(self.bodies), []
        return other

    def subtree(self, level: int, number: int) -> bytes:
        if level == 0:
            return leaf_hash(self.tokens[number])
        return node_hash(self.subtree(level - 1, 2 * number), self.subtree(level - 1, 2 * number + 1))

    def checkpoint(self, size: int | None = None) -> Checkpoint:
        size = self.size if size is None else size
        return Checkpoint(self.end.trust.origin, size, tree_root(size, self.subtree))

    def note(self, size: int | None = None, key: SigningKey | None = None) -> bytes:
        """The checkpoint as the log signs it."""
        return sign_checkpoint(self.checkpoint(size), key or self.end.log_key)

    def cosigned(self, node: Node, size: int | None = None) -> bytes:
        """The checkpoint with the cosignature of this node's key, which is a quorum where it is alone."""
        line = cosign(self.checkpoint(size), NETWORK, node.settings.organization, node.keyring.witness, 1).line
        return self.note(size) + line.encode()

    def proof(self, index: int, checkpoint: bytes, size: int | None = None) -> str:
        """The tlog-proof of an entry."""
        size = self.size if size is None else size
        return make_proof(index, inclusion_proof(index, size, self.subtree), checkpoint).to_bytes().decode()

    def receipt(self, node: Node, token: bytes | None = None, *, cosigned: bool = True, proven: bool = True) -> bytes:
        """What the hub signs for a node whose last statement here is `token`, or the last one of its outbox."""
        last = token or node.outbox.after(0, 100_000, 10**9)[-1].token
        index = self.tokens.index(last)
        payload = jws.take_apart(last, jws.EVENT).payload
        note = self.cosigned(node) if cosigned else self.note()
        return self.end.receipt(
            int(orjson.loads(payload)["sequence"]), statement_hash(payload), index=index,
            proof=self.proof(index, note) if proven else "",
        )  # fmt: skip

    async def ask(self, what: str, question: bytes) -> bytes:
        """Answer as a hub does."""
        self.asked.append(what)
        if self.silent:
            return b'{"error":"not now"}'
        return self.answer(what, orjson.loads(question or b"{}"))

    def answer(self, what: str, asked: Mapping[str, Any]) -> bytes:
        if what == "checkpoint":
            return self.note() if asked else self.quorum
        if what == "head":
            last = self.own[-1]
            return self.end.receipt(last.sequence, last.hash, index=self.tokens.index(last.token))
        if what == "events":
            events = [
                {
                    "sequence": each.sequence, "index": self.tokens.index(each.token), "token": each.token.decode(),
                    "body": None if each.body is None else b64url(each.body),
                }
                for each in self.own
                if each.sequence >= asked["start"]
            ]  # fmt: skip
            return orjson.dumps({"events": events[:3]})
        if what == "proof":
            if asked["new"] > self.size:
                return b'{"error":"this log has not that many entries"}'
            path = consistency_proof(asked["old"], asked["new"], self.subtree)
            return orjson.dumps({"proof": [base64.b64encode(each).decode() for each in path]})
        assert what == "entries"
        start = asked["start"]
        tokens = self.tokens[start : start + 1000]
        bodies = {str(at): b64url(body) for at, body in self.bodies.items() if start <= at < start + len(tokens)}
        shown = [token.decode() for token in tokens]
        return orjson.dumps({"size": self.size, "start": start, "tokens": shown, "bodies": bodies})


class Watched:
    """A node that has joined, the log it is shown, and its witness, built anew by `restart` as after a crash."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory / "node"
        self.end = HubEnd()
        self.node = make_node(self.directory)
        join(self.node, self.end.admit((self.directory / ENROLMENT_FILE).read_bytes()))
        self.log = LogEnd(self.end)
        self.witness = self._witness()

    def _witness(self) -> Witness:
        async def ask(what: str, question: bytes) -> bytes:
            return await self.log.ask(what, question)

        async def in_thread(work: Any, *arguments: Any) -> Any:
            return work(*arguments)

        admission = self.node.admission()
        assert admission is not None
        return make_witness(self.node, admission, ask, in_thread, lambda: datetime(2026, 11, 24, 12, tzinfo=UTC))

    def restart(self) -> None:
        """End and begin anew: what was not stored is forgotten."""
        self.node.engine.dispose()
        self.node = build(self.directory)
        self.witness = self._witness()

    def consider(self, note: bytes | None = None) -> int | None:
        """Announce a checkpoint, the log's newest unless another is given; gives the size that was cosigned."""
        cosignature = asyncio.run(self.witness.consider(self.log.note() if note is None else note))
        return None if cosignature is None else cosignature.size

    def revoke(self) -> None:
        """Let the roots revoke the signing key of this node, and the node read it."""
        self.end.revoke(self.node.keyring.signing.public)
        self.log.take_registry()
        self.consider()

    def alarms(self) -> list[Name]:
        return [each.finding.name for each in self.node.log.alarms()]

    def evidence(self) -> list[dict[str, Any]]:
        """What lies in DIR/evidence."""
        return [orjson.loads(path.read_bytes()) for path in sorted((self.directory / "evidence").glob("*.json"))]

    def open(self, token: bytes) -> Receipt:
        """A receipt, verified."""
        return open_receipt(token, self.end.key.public, NETWORK, ORG)

    def close(self) -> None:
        self.node.engine.dispose()
