"""Makes checkpoints, announces them, and collects the witnesses' cosignatures until there is a quorum."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

import structlog
from sqlalchemy import Engine

from hub import checkpoints
from hub.last_checkpoint import LastCheckpoint
from hub.writer import Writer
from wire import subjects
from wire.bus import Bus, BusError, Incoming
from wire.checkpoint import Checkpoint, Witnesses, sign_checkpoint
from wire.keys import SigningKey
from wire.notes import BadNote, Signature, VerifierKey, parse_signature
from wire.trust import Trust

INTERVAL_SECONDS = 1.0  # contract: at most one checkpoint a second, at least one a minute while there is input
AGAIN_SECONDS = 10.0
MAX_PENDING = 16
MAX_PAYLOAD = 4096

_log = structlog.get_logger()
_T = TypeVar("_T")


@dataclass
class _Pending:
    """A checkpoint whose cosignatures are being collected; `witnesses` are those of the log at its size."""

    checkpoint: Checkpoint
    note: bytes
    at: str
    witnesses: Witnesses
    verifiers: dict[tuple[str, bytes], tuple[VerifierKey, str]]
    cosignatures: dict[str, Signature] = field(default_factory=dict)
    announced: float = 0.0
    unwritten: bool = False

    @property
    def complete(self) -> bool:
        return len(self.cosignatures) >= self.witnesses.quorum

    def cosigned_note(self) -> bytes:
        lines = (self.cosignatures[organization].line for organization in sorted(self.cosignatures))
        return self.note + "".join(lines).encode()


class Witnessing:
    """`on_quorum(size)` is told whenever a newer checkpoint has a quorum; `size` is that of the newest one."""

    def __init__(
        self, trust: Trust, key: SigningKey, engine: Engine, writer: Writer, thread: ThreadPoolExecutor, bus: Bus,
        last: LastCheckpoint, on_quorum: Callable[[int], None],
    ) -> None:  # fmt: skip
        self._trust = trust
        self._key = key
        self._engine = engine
        self._writer = writer
        self._thread = thread
        self._bus = bus
        self._on_quorum = on_quorum
        self._pending: dict[int, _Pending] = {}
        self._last = 0
        self._outside = last
        self.size = 0

    async def start(self) -> None:
        """Take up where the hub stopped, and listen to witnesses."""
        await self._in_thread(self._resume)
        if self.size:
            self._on_quorum(self.size)
        await self._bus.subscribe("witness.*", self._cosignature)

    async def run(self) -> None:
        """Make checkpoints until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(INTERVAL_SECONDS)
            if self._writer.state.tree.size > self._last:
                pending = await self._in_thread(self._make)
                await self._took(pending)
                await self._announce(pending, loop.time())
            await self._in_thread(self._write_late)
            newest = self._pending.get(self._last)
            if newest is not None and not newest.complete and loop.time() - newest.announced > AGAIN_SECONDS:
                await self._announce(newest, loop.time())

    def _resume(self) -> None:
        with self._engine.connect() as connection:
            found = checkpoints.newest(connection, quorum=True)
            last = checkpoints.newest(connection, quorum=False)
        self.size = found.size if found else 0
        if last is not None and (last.quorum or last.size == self._writer.state.tree.size):
            self._last = last.size
            if not last.quorum:
                self._keep_pending(Checkpoint(self._trust.origin, last.size, last.root), last.note, last.at)

    def _make(self) -> _Pending:
        """In the writer's thread: log, tree and registry stand still meanwhile. Kept before anybody hears of it."""
        tree = self._writer.state.tree
        checkpoint = Checkpoint(self._trust.origin, tree.size, tree.root())
        note, at = sign_checkpoint(checkpoint, self._key), self._writer.clock()
        pending = self._keep_pending(checkpoint, note, at)
        # The file first: a database that knows of a checkpoint beside no file is one that was restored.
        self._outside.write(note)
        with self._engine.begin() as connection:
            checkpoints.keep(connection, checkpoint, note, at, quorum=pending.complete)
        self._last = checkpoint.size
        return pending

    def _keep_pending(self, checkpoint: Checkpoint, note: bytes, at: str) -> _Pending:
        witnesses = self._writer.state.registry.witnesses(self._trust.network)
        known = {(key.name, key.key_id): (key, organization) for key, organization in witnesses.verifiers().items()}
        pending = self._pending[checkpoint.size] = _Pending(checkpoint, note, at, witnesses, known)
        for old in sorted(self._pending)[:-MAX_PENDING]:
            del self._pending[old]
        return pending

    async def _announce(self, pending: _Pending, now: float) -> None:
        pending.announced = now
        try:
            await self._bus.publish(subjects.CHECKPOINTS, pending.note)
        except BusError as error:
            _log.info("checkpoint.waits", size=pending.checkpoint.size, reason=str(error))

    async def _cosignature(self, incoming: Incoming) -> None:
        organization = incoming.subject.split(".")[1]
        if len(incoming.body) > MAX_PAYLOAD:
            return
        try:
            size, _, line = incoming.body.decode().partition("\n")
            pending = self._pending.get(int(size) if size.isascii() and size.isdigit() and len(size) < 20 else -1)
            signature = parse_signature(line.removesuffix("\n"))
        except (BadNote, UnicodeDecodeError) as error:
            _log.info("cosignature.refused", organization=organization, reason=str(error))
            return
        if pending is None:
            return  # too late, or for a checkpoint of before a restart
        key, witness = pending.verifiers.get((signature.name, signature.key_id), (None, ""))
        if key is None or witness != organization or not key.verify(pending.checkpoint.text, signature.raw):
            _log.warning("cosignature.refused", organization=organization, size=pending.checkpoint.size)
            return
        if organization not in pending.cosignatures:
            pending.cosignatures[organization] = signature
            await self._took(pending)

    async def _took(self, pending: _Pending) -> None:
        size = pending.checkpoint.size
        if not pending.complete:
            return
        if size <= self.size:
            pending.unwritten = True
            return
        self.size = size
        await self._in_thread(self._write, [pending])
        try:
            await self._bus.publish(subjects.CHECKPOINTS, pending.cosigned_note())
        except BusError as error:
            _log.info("checkpoint.waits", size=size, reason=str(error))
        self._on_quorum(size)

    def _write(self, completed: list[_Pending]) -> None:
        rows = [(each.checkpoint, each.cosigned_note(), each.at) for each in completed]
        with self._engine.begin() as connection:
            checkpoints.complete(connection, rows)

    def _write_late(self) -> None:
        late = [pending for pending in list(self._pending.values()) if pending.unwritten]
        if late:
            self._write(late)
            for pending in late:
                pending.unwritten = False

    async def _in_thread(self, work: Callable[..., _T], *arguments: object) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *arguments)
