"""The regional hub's one writer: what was judged from one checkpoint to the next is written in one transaction.

So whatever is in the database has been verified whole: root, quorum, exclusions, stated views. Killed or refused on
the way, it is as if that step had never begun.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, Engine, delete, func, insert, select, update

from hub import checkpoints, tables
from hub.body_tags import tag_of
from hub.clock import utc_now
from hub.destroying import gone, write_erasures
from hub.disputes import dispute, dispute_former
from hub.entries import Read
from hub.erased_again import apply_again
from hub.erased_list import ErasedList
from hub.following.choice import Choice
from hub.following.exclusions import Exclusions
from hub.following.folding import fold_again, records_of
from hub.following.judging import Judge, Taken
from hub.following.refusal import LogRefused
from hub.following.source import Shown
from hub.following.tables import awaited
from hub.history import load_state
from hub.node_states import REGIONAL
from hub.orders import Orders
from hub.reads import keys_in, read_message
from hub.store import Store, store_for
from hub.tree import names_tree
from hub.view_digest import Digests
from hub.view_lines import fold, many_wait
from hub.writer import BUSY_MILLISECONDS
from wire.audit.registry import RegistryFold
from wire.checkpoint import Checkpoint, open_checkpoint
from wire.database import reading
from wire.encoding import b64url
from wire.examine import Message
from wire.notes import BadNote
from wire.registry import HUB
from wire.seal import timestamp
from wire.tidying import tidy
from wire.trust import Trust
from wire.view_digest import STATED, BadStatement, open_stated

CURSOR: Final = REGIONAL  # the size of the last checkpoint taken; that it is there says that this hub hears no nodes


@dataclass
class Step:
    """From one checkpoint towards the next: its transaction, and what it has brought so far."""

    connection: Connection
    store: Store
    exclusions: Exclusions
    registry: RegistryFold
    seen: dict[str, int]
    changed: bool = False  # what readers were shown before is not to be kept


class FollowingWriter:
    """For one thread. After an error the step must be abandoned."""

    def __init__(self, engine: Engine, trust: Trust, choice: Choice, erased: ErasedList) -> None:
        self._engine = engine
        self._trust = trust
        self._choice = choice
        self._erased = erased
        self._digests = Digests()
        self._step: Step | None = None
        with engine.begin() as connection:
            apply_again(connection, erased)
            store_for(connection.dialect).write_cursor(connection, CURSOR, 0)
        self.reload()

    def reload(self) -> None:
        """Read the state from the database."""
        with self._engine.begin() as connection:
            self.state = load_state(connection, self._trust)

    @property
    def packed_keys(self) -> bytes:
        """All keys registered so far, 32 bytes each, for the examiners."""
        return b"".join(key.raw for key in tuple(self.state.registry.keys.values()))

    def take(self, first: int, entries: Sequence[Shown]) -> None:
        """Judge and write the entries from index `first` on; LogRefused for what cannot stand there."""
        step = self._step or self._begin()
        step.exclusions.look_ahead(entries, first)
        judge = self._judge(step)
        for each in entries:
            said = each.read.examined.said
            if said is not None and said.organization == HUB and said.type == STATED:
                # What is stated is compared with the view as it is just before.
                self._write(step, judge.taken)
                self._compare_view(step, each.message)
                judge = self._judge(step)
            judge.take(each)
        self._write(step, judge.taken)

    def finish(self, note: bytes) -> Step:
        """Verify that the log was signed and cosigned as it is now, and commit; gives what the step brought."""
        step = self._step or self._begin()
        checkpoint = self._verified(note)
        step.exclusions.end()
        connection = step.connection
        checkpoints.keep(connection, checkpoint, note, timestamp(utc_now()), quorum=True)
        step.store.write_cursor(connection, CURSOR, checkpoint.size)
        if many_wait(connection):
            fold(connection)
        connection.commit()
        connection.close()
        self._step = None
        return step

    def abandon(self) -> None:
        """Undo a step that was not finished."""
        if self._step is not None:
            self._step.connection.rollback()
            self._step.connection.close()
            self._step = None
            self._digests = Digests()
            self.reload()

    def count_awaited(self) -> int:
        """Give how many bodies are still to come."""
        with reading(self._engine).connect() as connection:
            return connection.scalar(select(func.count()).select_from(awaited)) or 0

    def awaited(self, after: int, limit: int) -> list[tuple[int, bytes]]:
        """Give entries after an index whose bodies are still to come, oldest first: index and token."""
        log, table = tables.log.c, awaited.c
        query = select(log.index, log.token).join(awaited, table.index == log.index).where(log.index > after)
        with reading(self._engine).connect() as connection:
            rows = connection.execute(query.order_by(log.index).limit(limit))
            return [(index, bytes(token)) for index, token in rows]

    def take_bodies(self, found: Sequence[tuple[int, Message]]) -> None:
        """Take bodies that came late; their hashes were compared. LogRefused if one should have been left out."""
        with self._engine.begin() as connection:
            store = store_for(connection.dialect)
            for index, message in found:
                read = self._read(message)
                self._take_body(connection, index, message, read)
            numbers = records_of(connection, [index for index, _ in found])
            fold_again(connection, store, self.state.registry, numbers)

    def tidy(self) -> None:
        """After an erasure: leave nothing of it in the database's files, as soon as no reader is in the way."""
        tidy(self._engine, BUSY_MILLISECONDS)

    def _begin(self) -> Step:
        connection = self._engine.connect()
        connection.begin()

        def holds(index: int) -> bool:
            bodies = tables.bodies.c
            return connection.scalar(select(bodies.index).where(bodies.index == index)) is not None

        registry = RegistryFold(self._trust)
        registry.registry = self.state.registry
        self._step = Step(connection, store_for(connection.dialect), Exclusions(self.state.size, holds), registry, {})
        return self._step

    def _judge(self, step: Step) -> Judge:
        taken = Taken()
        orders = Orders(step.connection, self._erased, taken.entries)

        def named(seen: str) -> bool:
            step.store.write_tiles(step.connection, self.state.tree)
            return names_tree(step.connection, seen, self.state.size)

        return Judge(self.state, step.registry, self._choice, orders, step.exclusions, self._read, named, taken)

    def _read(self, message: Message) -> Read:
        return read_message(message, self._trust.network, keys_in(self.packed_keys))

    def _write(self, step: Step, taken: Taken) -> None:
        connection = step.connection
        for stated in taken.exclusions:
            stated.org = self._organization_of(connection, stated.index, taken)
        step.store.write(connection, taken, self.state.speakers, utc_now())
        step.store.write_tiles(connection, self.state.tree)
        if taken.awaited:
            connection.execute(insert(awaited), [{"index": index} for index in taken.awaited])
        for org, revocation in taken.disputed:
            dispute(connection, org, revocation)
        dispute_former(connection, self.state, taken.heard)
        late = [index for index in step.exclusions.late if index < self.state.size]
        if late:
            step.exclusions.late.clear()
            self._digests = Digests()  # they count on records that never go back to an earlier statement
            fold_again(connection, step.store, self.state.registry, records_of(connection, late))
        self._erase(connection, step, taken)
        forget = [each.index for each in taken.exclusions]
        forget += [named.index for erasure in taken.erasures for named in erasure.statements]
        if forget:
            connection.execute(delete(awaited).where(awaited.c.index.in_(forget)))
        for seen, index in taken.seen.items():
            step.seen.setdefault(seen, index)

    def _erase(self, connection: Connection, step: Step, taken: Taken) -> None:
        destroyed = write_erasures(connection, taken)
        if destroyed:
            # Before the commit: no crash may leave a destroyed body that a restored database could bring back.
            self._erased.add(gone(connection, destroyed))
            step.changed = True
        hub = self.state.speakers.get(HUB)
        table = tables.erasures
        for each in taken.confirmations:
            if hub is not None and each.org == hub.number:
                done = update(table).where(table.c.index == each.order, table.c.done_at.is_(None))
                connection.execute(done.values(done_at=each.index))

    def _organization_of(self, connection: Connection, index: int, taken: Taken) -> int:
        fresh = next((entry.org for entry in taken.entries if entry.index == index), None)
        if fresh is not None:
            return fresh
        return connection.scalar(select(tables.log.c.org).where(tables.log.c.index == index)) or 0

    def _compare_view(self, step: Step, message: Message) -> None:
        """The hub states its view in the entry after it: at that size, ours must be the same."""
        size = self.state.size
        try:
            stated = open_stated(message.body or b"")
        except BadStatement as error:
            raise LogRefused("view-wrong", str(error), "nonce, root, rows, size and state", index=size) from None
        if stated.size != size:
            raise LogRefused("view-wrong", f"a view of {stated.size} entries", f"one of {size}", index=size)
        ours = self._digests.state(step.connection)
        expected = (ours.size, self.state.tree.root(), ours.rows, ours.state)
        if (stated.size, stated.root, stated.rows, stated.state) != expected:
            raise LogRefused(
                "view-wrong", f"{stated.rows} records, state {b64url(stated.state)}",
                f"{ours.rows} records, state {b64url(ours.state)}, as the statements give", index=size,
                token=message.token,
            )  # fmt: skip

    def _verified(self, note: bytes) -> Checkpoint:
        registry = self.state.registry
        if registry.held is not None:
            raise LogRefused(
                "registry-refused", f"a checkpoint of {self.state.size} entries, of which the first is log.replaced",
                "the registry's former statements behind it", note=note,
            )  # fmt: skip
        witnesses, log = registry.witnesses(self._trust.network), self._trust.following(registry.log).log_verifier
        try:
            found = open_checkpoint(note, log, witnesses)
        except BadNote as error:
            raise LogRefused("checkpoint-forged", str(error), "a note that the log signed", note=note) from None
        here = (self.state.size, self.state.tree.root())
        if (found.checkpoint.size, found.checkpoint.root) != here:
            signed = f"{found.checkpoint.size} entries with root {b64url(found.checkpoint.root)}"
            raise LogRefused(
                "another-history", f"a signed checkpoint of {signed}",
                f"{here[0]} entries with root {b64url(here[1])}, which all that was shown gives", note=note,
                root=here[1], before=self._last_note(),
            )  # fmt: skip
        if not found.has_quorum:
            raise LogRefused(
                "no-quorum", f"{len(found.cosigners)} cosignatures", f"{found.quorum} of the witnesses'", note=note
            )
        return found.checkpoint

    def _last_note(self) -> bytes:
        with reading(self._engine).connect() as connection:
            found = checkpoints.newest(connection, quorum=True)
        return b"" if found is None else found.note

    def _take_body(self, connection: Connection, index: int, message: Message, read: Read) -> None:
        said = read.examined.said
        assert said is not None, "it is in the log"  # noqa: S101
        table = awaited.c
        waited = connection.execute(delete(awaited).where(table.index == index)).rowcount
        if not waited or message.body is None:
            return  # erased, or left out, meanwhile
        if read.examined.exclusion is not None:
            found = f"entry {index} in the view"
            raise LogRefused("shown-invalid", found, f"it left out as {read.examined.exclusion.reason}", index=index)
        if self._choice.holds(said.kind, said.organization, read.facets):
            row = {"index": index, "tag": tag_of(said.datahash), "body": message.body}
            connection.execute(insert(tables.bodies).values(row))
