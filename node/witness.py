"""The node as a witness: it cosigns what has only grown and holds our statements, and else raises the alarm."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import structlog

from node.alarms import Finding
from node.log_fold import BadEntries
from node.log_reader import Ask, InThread, LogReader, Unreadable, parse_answer
from node.next_logs import NextLogs
from node.signed_checkpoint import NotCosigned, SignedCheckpoint, open_signed, other_entries, rolled_back, split_view
from node.store.log import LogStore, Seen, Tree
from node.witness_file import WitnessFile
from wire.canonical import canonical
from wire.checkpoint import cosign, open_checkpoint
from wire.keys import SigningKey
from wire.merkle import EMPTY_ROOT, verify_consistency
from wire.notes import BadNote, Signature, from_b64
from wire.receipts import Receipt
from wire.seal import timestamp
from wire.tlog_proof import TlogProof, parse_proof, verify_proof
from wire.trust import Trust

_log = structlog.get_logger()


class Cosignature(NamedTuple):
    """Our signature on the checkpoint of `size` entries."""

    size: int
    signature: Signature

    @property
    def payload(self) -> bytes:
        """As it is sent on witness.<org>."""
        return f"{self.size}\n{self.signature.line}".encode()


class Witness:
    """One for a directory. Whatever way a checkpoint comes, one lock and one path lead to a cosignature."""

    def __init__(
        self, trust: Trust, organization: str, key: SigningKey, reader: LogReader, store: LogStore, directory: Path,
        ask: Ask, in_thread: InThread, sound: Callable[[list[Finding]], None], wall: Callable[[], datetime],
        next_logs: NextLogs | None = None,
    ) -> None:  # fmt: skip
        self._first = trust
        self._organization = organization
        self._key = key
        self._reader = reader
        self._store = store
        self._directory = directory
        self._next_logs = next_logs
        self._ask = ask
        self._in_thread = in_thread
        self._sound = sound
        self._wall = wall
        self._lock = asyncio.Lock()
        self._proven = ""
        self._take_up()

    def _take_up(self) -> None:
        """Know which log is read now."""
        self._trust = self._store.on(self._first)
        self._file = WitnessFile(self._directory, self._trust, self._store.lost(self._first))

    async def _other_log(self, note: bytes) -> bool:
        """Whether the note is of a log that the roots have put in the place of this one, which is read from now on."""
        if self._next_logs is None or not self._next_logs.may_be(note, self._trust):
            return False
        async with self._lock:
            if not await self._next_logs.consider(note, self._trust, await self._in_thread(self.largest)):
                return False
            await self._in_thread(self._take_up)
            await self._in_thread(self._reader.begin_anew)
            self._proven = ""
        return True

    async def consider(self, note: bytes) -> Cosignature | None:
        """Cosign a checkpoint as it was announced; None for what is old, forged or alarming. Unreadable: try later."""
        await self._other_log(note)
        signed = self._signed(note)
        if signed is None:
            return None
        async with self._lock:
            return await self._consider(signed)

    async def ask_newest(self) -> Cosignature | None:
        """Ask the hub for the log's newest checkpoint and cosign it; one smaller than before is an alarm."""
        async with self._lock:
            await self._in_thread(self._reader.go_back)
        before: Seen | None = await self._in_thread(self._store.largest)
        answer = await self._ask("checkpoint", canonical({"newest": True}))
        if answer.startswith(b"{"):
            try:
                parse_answer(answer)
            except BadEntries as error:
                raise Unreadable(str(error)) from None
        if await self._other_log(answer):
            before = None
        signed = self._signed(answer)
        if signed is None:
            raise Unreadable("the hub's newest checkpoint is not signed by the log")
        if before is not None and signed.checkpoint.size < before.size:
            await self._in_thread(self._alarm, rolled_back(signed, before))
            return None
        async with self._lock:
            return await self._consider(signed)

    async def add_checkpoint(self, old: int, path: Sequence[bytes], note: bytes) -> Signature:
        """Cosign a checkpoint that was handed in as in C2SP tlog-witness; NotCosigned, with its status, otherwise."""
        signed = open_signed(note, self._trust)
        size, root = signed.checkpoint.size, signed.checkpoint.root
        if old > size:
            raise NotCosigned(400, f"the old size {old} is larger than the checkpoint's, {size}")
        async with self._lock:
            await self._in_thread(self._reader.go_back)
            before: Tree | None = await self._in_thread(self.largest)
            known, known_root = (before.size, before.root) if before else (0, EMPTY_ROOT)
            differs = await self._in_thread(self._differs, signed)
            if old != known:
                raise NotCosigned(409, "the old size is not that of the newest cosigned checkpoint", known)
            if before is not None and size == known and root != known_root:
                raise NotCosigned(409, "another tree of this size was cosigned", known)
            if differs or not verify_consistency(old, size, known_root, root, path):
                raise NotCosigned(422, "the proof does not show that the tree has grown from the one cosigned before")
            cosigned = await self._consider(signed)
        if cosigned is None:
            name = await self._in_thread(self._store.stopped)
            raise NotCosigned(422, f"not cosigned: {name or 'the log does not hold what this node has read'}")
        return cosigned.signature

    async def take_receipt(self, receipt: Receipt) -> None:
        """Count as delivered what the receipt's proof shows to be logged, under a quorum, in the tree that was read."""
        await self._in_thread(self._reader.check_promises)
        if receipt.proof in ("", self._proven):
            return
        try:
            proof = parse_proof(receipt.proof.encode())
        except (BadNote, UnicodeEncodeError) as error:
            _log.warning("receipt.proof_refused", reason=str(error))
            return
        signed = self._signed(proof.checkpoint)
        if signed is None:
            return
        async with self._lock:
            await self._in_thread(self._reader.go_back)
            if await self._begins_with_ours() and await self._consistent(signed):
                await self._in_thread(self._reader.check_promises)
                if await self._in_thread(self._deliver, proof, signed):
                    self._proven = receipt.proof  # what an alarm held back counts when it comes again

    def largest(self) -> Tree | None:
        """In the thread: the largest tree that was cosigned, by database or file; the larger one counts."""
        kept, outside = self._store.cosigned(), self._file.read()
        if kept is None or outside is None:
            return outside or kept
        return outside if outside.size > kept.size else kept

    async def _consider(self, signed: SignedCheckpoint) -> Cosignature | None:
        await self._in_thread(self._reader.go_back)
        if not await self._begins_with_ours() or not await self._consistent(signed):
            return None
        await self._in_thread(self._reader.check_promises)
        return await self._in_thread(self._cosign, signed)  # type: ignore[no-any-return]

    async def _begins_with_ours(self) -> bool:
        """Whether what was read begins with the tree cosigned last, which a restored database may not know."""
        before: Tree | None = await self._in_thread(self.largest)
        if before is None:
            return True
        signed = self._signed(before.note)
        return signed is not None and await self._consistent(signed)

    async def _consistent(self, signed: SignedCheckpoint) -> bool:
        """Whether the checkpoint is of the tree that is read here; the alarm is raised when it is not."""
        size, root = signed.checkpoint.size, signed.checkpoint.root
        seen: Seen | None = await self._in_thread(self._store.seen, size)
        if await self._in_thread(self._differs, signed):
            return False
        if seen is not None and seen.verified:
            return True
        if seen is None:
            await self._in_thread(self._store.note_seen, size, root, signed.bare)
        await self._reader.read_to(size)
        found, tree_root = await self._in_thread(self._tree)
        if found == size:
            if tree_root != root:
                await self._in_thread(self._store.note_astray)
                newest = await self._in_thread(self._store.covering, 0)
                await self._in_thread(self._alarm, other_entries(signed, tree_root, newest))
                return False
        elif not await self._has_grown_from(signed):
            return False
        await self._in_thread(self._store.note_verified, size)
        return True

    async def _has_grown_from(self, signed: SignedCheckpoint) -> bool:
        size, root = signed.checkpoint.size, signed.checkpoint.root
        later: Seen | None = await self._in_thread(self._store.covering, size)
        if later is None:
            raise Unreadable(f"the checkpoint of {size} entries cannot be judged before the log is read further")
        answer = await self._ask("proof", canonical({"old": size, "new": later.size}))
        try:
            path = [from_b64(each) for each in parse_answer(answer)["proof"]]
        except (BadEntries, BadNote, KeyError, TypeError, AttributeError) as error:
            raise Unreadable(f"the hub gave no proof from {size} to {later.size} entries: {error}") from None
        if verify_consistency(size, later.size, root, later.root, path):
            return True
        await self._in_thread(self._alarm, split_view(signed, later))
        return False

    def _tree(self) -> tuple[int, bytes]:
        tree = self._reader.tree()
        return tree.size, tree.root()

    def _differs(self, signed: SignedCheckpoint) -> bool:
        """Whether the log has signed another tree of the same size; that is an alarm."""
        for other in (self._store.seen(signed.checkpoint.size), self.largest()):
            if other is not None and other.size == signed.checkpoint.size and other.root != signed.checkpoint.root:
                self._alarm(split_view(signed, other))
                return True
        return False

    def _cosign(self, signed: SignedCheckpoint) -> Cosignature | None:
        """Store, then sign. Never a smaller tree than before, or another one of the same size."""
        checkpoint = signed.checkpoint
        self._note_quorum(signed)
        stopped = self._store.stopped()
        if stopped is not None:
            _log.warning("witness.stands_still", size=checkpoint.size, alarm=str(stopped))
            return None
        kept, outside = self._store.cosigned(), self._file.read()
        for before in (kept, outside):
            if before is None or before.size < checkpoint.size:
                continue
            if before.size > checkpoint.size or before.root != checkpoint.root:
                return None
        now = self._wall()
        tree = Tree(checkpoint.size, checkpoint.root, signed.bare, timestamp(now))
        # The database first: a file that is ahead of it then means that the database is an older one.
        if kept is None or kept.size < tree.size:
            self._store.cosign(tree)
        if outside is None or outside.size < tree.size:
            self._file.write(tree)
        signature = cosign(checkpoint, self._trust.network, self._organization, self._key, int(now.timestamp()))
        return Cosignature(checkpoint.size, signature)

    def _note_quorum(self, signed: SignedCheckpoint) -> bool:
        """Whether enough witnesses have cosigned, as the registry stood at that size."""
        try:
            witnesses = self._reader.witnesses_at(signed.checkpoint.size)
            found = open_checkpoint(signed.note, self._trust.log_verifier, witnesses)
        except BadNote as error:
            _log.warning("checkpoint.cosignature_refused", reason=str(error))
            return False
        if found.has_quorum:
            self._store.note_quorum(signed.checkpoint.size, signed.note)
        return found.has_quorum

    def _deliver(self, proof: TlogProof, signed: SignedCheckpoint) -> bool:
        """Whether all that it proves is delivered now."""
        mine = self._store.mine_at(proof.index)
        if mine is None:
            _log.warning("receipt.proof_refused", reason=f"entry {proof.index} is no statement of ours")
            return False
        try:
            verify_proof(proof, mine.token, self._trust.log_verifier, self._reader.witnesses_at(signed.checkpoint.size))
        except BadNote as error:
            _log.warning("receipt.proof_refused", reason=str(error))
            return False
        if not self._note_quorum(signed):
            return False
        number = self._store.deliver(mine.sequence, timestamp(self._wall()))
        if number:
            _log.info("outbox.delivered", events=number, up_to=mine.sequence, checkpoint=signed.checkpoint.size)
        return number is not None

    def _alarm(self, finding: Finding) -> None:
        if self._store.sound(finding, timestamp(self._wall())):
            self._sound([finding])

    def _signed(self, note: bytes) -> SignedCheckpoint | None:
        try:
            return open_signed(note, self._trust)
        except NotCosigned as error:
            _log.warning("checkpoint.refused", reason=str(error))
            return None
