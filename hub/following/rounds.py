"""Following itself: look for a newer checkpoint, go there in steps that are verified whole, fetch what came late.

A round, in these steps, of which a block each:
 1 the newest checkpoint, as the log signed it, and not older than what was taken · 2 the next checkpoint to stop at ·
 3 every entry up to there · 4 its root, quorum and exclusions, and only then the commit · 5 bodies still to come
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from pathlib import Path
from typing import Any, Final, TypeVar

import structlog

from hub.following.refusal import LogRefused, keep_evidence
from hub.following.source import Reader
from hub.following.state import State
from hub.following.writing import FollowingWriter
from hub.last_checkpoint import LastCheckpoint
from wire.checkpoint import Checkpoint, open_checkpoint
from wire.encoding import b64url
from wire.log_source import LogError, LogSource, PartMissing
from wire.next_log import log_of, origin_of
from wire.notes import BadNote
from wire.seal import timestamp
from wire.trust import BadTrust, Trust, parse_trust

POLL_SECONDS: Final = 1.0
AGAIN_SECONDS: Final = 5.0
STEP: Final = 4_096  # entries after which a kept checkpoint is stopped at on the way
LATE_BODIES: Final = 200
LATE_ROUNDS: Final = 30  # rounds after which bodies are asked for again

_log = structlog.get_logger()
_T = TypeVar("_T")
# Told the checkpoints that statements say to have seen (with an index), the log's size, and whether what readers were
# shown before is not to be kept.
Taken = Callable[[dict[str, int], int, bool], None]


class Follower:
    """`taken` is called on the event loop after each step. What is refused ends it."""

    def __init__(
        self, source: LogSource, reader: Reader, writer: FollowingWriter, thread: ThreadPoolExecutor, trust: Trust,
        directory: Path, state: State, taken: Taken,
    ) -> None:  # fmt: skip
        self._source = source
        self._reader = reader
        self._writer = writer
        self._thread = thread
        self._trust = trust
        self._directory = directory
        self._take_log(trust.following(writer.state.registry.log))
        self._state = state
        self._taken = taken
        self._rounds = 0
        self._asked_to = -1  # index of the last entry whose late body was asked for

    async def run(self) -> None:
        """Follow until cancelled; after a refusal only wait, so that what was verified goes on being served."""
        while not self._state.refusal:
            wait = POLL_SECONDS if await self.try_round() else AGAIN_SECONDS
            await asyncio.sleep(0 if self._state.refusal else wait)
        await asyncio.Event().wait()

    async def try_round(self) -> bool:
        """Do one round; what goes wrong is told, and said in the state. Whether everything was there."""
        try:
            await self.round()
        except (LogError, BadTrust) as error:
            await self._in_thread(self._writer.abandon)
            self._state.trouble = f"{str(error).rstrip('.')}."
            _log.warning("following.waits", reason=str(error), log_size=self._writer.state.size)
            return False
        except LogRefused as error:
            await self._in_thread(self._writer.abandon)
            now = timestamp(self._state.now())
            path = await self._in_thread(keep_evidence, self._directory, error, self._state.hub, now)
            self._state.refusal = f"{error}; evidence: {path.name}"
            _log.error("following.refused", reason=str(error), evidence=str(path), log_size=self._writer.state.size)
            return False
        except BaseException:
            await asyncio.shield(self._in_thread(self._writer.abandon))
            raise
        self._state.trouble = ""
        return True

    async def round(self) -> None:
        """Take everything up to the newest checkpoint; LogError if it cannot be had now, LogRefused if it is wrong."""
        # 1
        if not self._rounds:
            await asyncio.to_thread(self._check_network)
        if not self._writer.state.size:
            self._take_log(await asyncio.to_thread(log_of, self._source, self._trust))
        note = await asyncio.to_thread(self._source.checkpoint)
        newest = self._opened(note)
        await self._in_thread(self._check_grown, newest, note)
        self._state.target = max(newest.size, self._state.size)
        self._state.heard = self._state.now()
        while self._writer.state.size < newest.size:
            # 2
            stop, signed = await asyncio.to_thread(self._next_stop, newest, note)
            # 3
            start, keys = self._writer.state.size, lambda: self._writer.packed_keys
            async with aclosing(self._reader.pieces(start, stop, keys)) as pieces:
                async for first, entries in pieces:
                    await self._in_thread(self._writer.take, first, entries)
                    self._state.heard = self._state.now()
            # 4
            step = await self._in_thread(self._writer.finish, signed)
            await self._in_thread(self._outside.write, signed)
            self._state.size = stop
            self._taken(step.seen, stop, step.changed)
        # 5
        await self._late_bodies()
        self._rounds += 1

    def _check_network(self) -> None:
        theirs = parse_trust(self._source.trust())
        if theirs.to_bytes() != self._trust.to_bytes():
            raise BadTrust(
                f"{self._source.name} shows the trust.json of {theirs.network} with other roots or another log than "
                "this hub began with: it is another network, or not the hub that you mean"
            )

    def _take_log(self, trust: Trust) -> None:
        """Follow this log: the network's first, or the one in its place that a new directory begins with."""
        self._log = trust.log_verifier
        self._outside = LastCheckpoint(self._directory, trust)

    def _opened(self, note: bytes) -> Checkpoint:
        origin = origin_of(note)
        if origin not in ("", self._log.name):
            raise LogRefused(
                "another-log", f"a checkpoint of {origin[:300]}",
                f"one of {self._log.name}, which is followed here. If the roots have decided that the log was lost "
                "(log.replaced), this directory stays as it is: stop it, and follow the next log into a new one, "
                "liaison-hub follow NEW-DIR HUB --trust trust.json", note=note, before=self._outside.note(),
            )  # fmt: skip
        try:
            return open_checkpoint(note, self._log).checkpoint
        except BadNote as error:
            raise LogRefused("checkpoint-forged", str(error), "a note that the log signed", note=note) from None

    def _check_grown(self, newest: Checkpoint, note: bytes) -> None:
        """The log may only grow beyond what was taken, here or before this database was restored."""
        size, root = self._writer.state.size, self._writer.state.tree.root()
        before = self._outside.read()
        last = self._outside.note()
        if newest.size < max(size, before.size if before else 0):
            found = f"a checkpoint of {newest.size} entries"
            raise LogRefused("rolled-back", found, f"at least the {size} taken before", note=note, before=last)
        if newest.size == size and newest.root != root:
            raise LogRefused(
                "another-history", f"root {b64url(newest.root)} at {size} entries", f"{b64url(root)}, as taken before",
                note=note, before=last,
            )  # fmt: skip

    def _next_stop(self, newest: Checkpoint, note: bytes) -> tuple[int, bytes]:
        """Where to go next. What was taken before a database was restored comes first: it must be there still."""
        size, before = self._writer.state.size, self._outside.read()
        if before is not None and size < before.size <= newest.size:
            return before.size, self._outside.note()
        if newest.size - size <= STEP:
            return newest.size, note
        for kept in self._source.checkpoint_sizes(size):
            if kept >= newest.size:
                break
            if kept - size >= STEP:
                return kept, self._kept(kept)
        return newest.size, note

    def _kept(self, size: int) -> bytes:
        note = self._source.checkpoint_at(size)
        if note is None:
            raise PartMissing(f"{self._source.name} lists a checkpoint of {size} entries and does not have it")
        if self._opened(note).size != size:
            raise LogRefused("checkpoint-forged", "a checkpoint of another size", f"one of {size}", note=note)
        return note

    async def _late_bodies(self) -> None:
        if self._rounds % LATE_ROUNDS:
            return
        waiting = await self._in_thread(self._writer.awaited, self._asked_to, LATE_BODIES)
        # Some may never come: the next time it is the turn of those after them.
        self._asked_to = waiting[-1][0] if len(waiting) == LATE_BODIES else -1
        if waiting:
            messages = await self._reader.bodies([token for _, token in waiting])
            found = [(index, m) for (index, _), m in zip(waiting, messages, strict=True) if m.body is not None]
            await self._in_thread(self._writer.take_bodies, found)
            self._taken({}, self._writer.state.size, bool(found))
        self._state.awaited = await self._in_thread(self._writer.count_awaited)

    async def _in_thread(self, work: Callable[..., _T], *arguments: Any) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *arguments)
