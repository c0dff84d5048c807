"""Editing: put, withdraw and confirm become sealed events in the outbox, or changes that wait for the join."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from itertools import islice

import orjson
from sqlalchemy import Engine

from node.changes import Change, Confirm, Put, Withdraw, address_of, identified, with_id
from node.commitments import FINDING, committed
from node.directory import Directory, Known, keys_of
from node.done import Beside, Done
from node.refusal import Refusal, bad_reason, has_ended, not_taken_back, signs_nothing
from node.release import check_release, stays_here
from node.sealing import Event, Sealer
from node.signing import SigningKeys
from node.store import InUse, Kept, Pending, Statement, Writing, due_of
from node.store.note import Note, no_note
from schemas.body import canonical, make_body, make_withdrawal
from schemas.entry import Entry
from schemas.release import FOR_NAMED
from schemas.sentences import sentence
from wire.enrolment import Admission
from wire.seal import nonce, timestamp

BATCH = 500
MAX_REASON = 1000
ENDED = ("withdrawn", "erased")
UNCHANGED, LOCAL, WAITING, DROPPED = "unchanged", "local", "waiting", "dropped"


Progress = Callable[[int], None]
Check = Callable[[Mapping[tuple[str, str], Kept]], None]


class Editor:
    """The only hand that changes records. Every call is one transaction; other processes may edit at the same time."""

    def __init__(
        self, engine: Engine, keys: SigningKeys, directory: Directory, clock: Callable[[], datetime] | None = None
    ) -> None:
        self._engine = engine
        self._keys = keys
        self._directory = directory
        self._clock = clock or (lambda: datetime.now(UTC))

    def apply(
        self, changes: Sequence[Change], *, replayed: tuple[str, int] | None = None, beside: Beside | None = None,
        check: Check | None = None, note: Note = no_note,
    ) -> list[Done]:  # fmt: skip
        """Make all of these changes, or none; Refusal says why not. `replayed`: (source, row) to remember with them.

        `check` is shown the records as they stand in the transaction, and may raise a Refusal. `note` writes in it who
        made the changes; not where they were made before (`beside`).
        """
        with Writing.begin(self._engine) as writing:
            known = None if beside is None else beside.before(writing)
            if known is not None:
                return known
            sealer, asked = self._keys.sealer(writing), [identified(change) for change in changes]
            step = _Step(writing, sealer, self._directory, self._clock(), asked)
            done = step.run(check)
            if replayed is not None:
                writing.note_replayed(*replayed)
            if beside is not None:
                beside.after(writing, done)
            note(writing.connection)
        return done

    def apply_many(
        self, changes: Iterable[Change], *, progress: Progress | None = None, size: int = BATCH, note: Note = no_note
    ) -> Iterator[Done]:
        """Make changes in transactions of `size`; `progress(number)` is told after each. Refusal ends it there.

        `note` writes in each who made the changes.
        """
        remaining = iter(changes)
        while batch := list(islice(remaining, size)):
            yield from self.apply(batch, note=note)
            if progress is not None:
                progress(len(batch))

    def join(self, admission: Admission, document: bytes, adopted: InUse | None = None, note: Note = no_note) -> int:
        """Begin the chain and seal, in order, what waited for it; tells how many events that were.

        `adopted` are keys that the roots registered in the place of those in use: they speak from now on.
        """
        network, head = admission.trust.network, admission.previous
        with Writing.begin(self._engine) as writing:
            note(writing.connection)
            again = writing.chain.network is not None
            if again:
                _check_same_network(writing, network)
                writing.renew_admission(document)
            else:
                writing.join(network, head, document)
            if adopted is not None:
                writing.use(adopted)
            if again:
                return 0
            sealer, number = self._keys.sealer(writing), 0
            while waiting := writing.take_pending(BATCH):
                _Step(writing, sealer, self._directory, self._clock(), []).seal_waiting(waiting)
                number += len(waiting)
        return number


class _Step:
    """The changes of one transaction, read first, then decided one by one, then written together."""

    def __init__(
        self, writing: Writing, sealer: Sealer, directory: Directory, now: datetime, changes: Sequence[Change]
    ) -> None:
        self._writing = writing
        self._sealer = sealer
        self._directory = directory
        self._now = now
        self._time = timestamp(now)
        self._changes = changes
        self._chain = writing.chain
        self._kept: dict[tuple[str, str], Kept] = {}
        self._touched: dict[tuple[str, str], Kept] = {}
        self._statements: list[Statement] = []
        self._pending: list[Pending] = []

    def run(self, check: Check | None = None) -> list[Done]:
        if self._chain.alarm is not None:
            raise signs_nothing(self._chain.alarm, self._chain.alarm_text)
        self._kept = self._writing.kept(address_of(change) for change in self._changes)
        if check is not None:
            check(self._kept)
        done = [self._decide(change) for change in self._changes]
        self._write()
        return done

    def seal_waiting(self, waiting: Sequence[Pending]) -> None:
        self._kept = self._writing.kept((change.kind, change.id) for change in waiting)
        for change in waiting:
            kept = self._kept[change.kind, change.id]
            self._keep(kept._replace(sequence=self._seal(change, ())))
        self._write()

    def _write(self) -> None:
        self._writing.append(self._statements)
        self._writing.wait_for_join(self._pending)
        self._writing.keep(self._touched.values())

    def _decide(self, change: Change) -> Done:
        kept = self._kept.get(address_of(change))
        if isinstance(change, Put):
            return self._put(change, kept)
        if kept is None or kept.state in ENDED:
            if isinstance(change, Withdraw) and change.quietly:
                return Done(change.kind, change.id, UNCHANGED, None)
            raise has_ended(change.kind, change.id, kept.state if kept else None)
        return self._withdraw(change, kept) if isinstance(change, Withdraw) else self._confirm(kept)

    def _put(self, change: Put, kept: Kept | None) -> Done:
        entry = self._committed(change.entry)
        kind, record_id, content = entry.kind, str(entry.id), canonical(entry.record)
        local = stays_here(entry)
        check_release(entry, self._chain.organization, self._members)
        source = change.source or (kept.source if kept else None)
        spoken = kept is not None and kept.spoken
        known = kept is not None and kept.state not in ENDED
        if known and kept is not None and (kept.marking, kept.content, kept.recipients) == (
            entry.marking, content, entry.recipients,
        ):  # fmt: skip
            if kept.source != source:
                self._keep(kept._replace(source=source))
            return Done(kind, record_id, UNCHANGED, kept.sequence)
        if local and known and kept is not None and kept.state == "current":
            raise not_taken_back(kind, record_id)
        state = "local" if local else "current"
        sequence = kept.sequence if kept else None
        now = Kept(
            kind, record_id, entry.marking, content, state, spoken, sequence, self._time, source, entry.recipients,
            None if local else due_of(kind, content, self._time),
        )  # fmt: skip
        if local:
            self._keep(now)
            return Done(kind, record_id, LOCAL, None)
        return self._say(now, "revised" if spoken else "published", content)

    def _committed(self, entry: Entry) -> Entry:
        kept = self._writing.sources(str(entry.id)) if entry.kind == FINDING else None
        entry, sources = committed(entry, kept)
        if sources is not None and sources != kept:
            self._writing.keep_sources(str(entry.id), sources)
        return entry

    def _withdraw(self, change: Withdraw, kept: Kept) -> Done:
        reason = change.reason.strip()
        if not 1 <= len(reason) <= MAX_REASON:
            raise bad_reason(1, MAX_REASON, len(reason))
        if kept.state == "local":
            if kept.spoken:
                self._keep(kept.at_its_end())
            else:
                self._touched.pop((kept.kind, kept.id), None)
                self._kept.pop((kept.kind, kept.id), None)
                self._writing.forget((kept.kind, kept.id))
            return Done(kept.kind, kept.id, DROPPED, None)
        return self._say(kept.at_its_end(changed=self._time), "withdrawn", orjson.dumps(reason))

    def _confirm(self, kept: Kept) -> Done:
        if kept.state == "local":
            raise Refusal(
                "not-found",
                sentence("{kind}/{id} is only kept here; there is nothing to confirm", kind=kept.kind, id=kept.id),
            )
        due = due_of(kept.kind, kept.content, self._time, confirmed=True)
        return self._say(kept._replace(changed=self._time, due=due), "confirmed", kept.content)

    def _say(self, kept: Kept, action: str, content: bytes) -> Done:
        change = Pending(kept.kind, kept.id, action, kept.marking, content)
        kept = kept._replace(spoken=True)
        if self._chain.network is None and kept.marking not in FOR_NAMED:
            self._pending.append(change)
            self._keep(kept)
            return Done(kept.kind, kept.id, WAITING, None)
        sequence = self._seal(change, kept.recipients)
        self._keep(kept._replace(sequence=sequence))
        return Done(kept.kind, kept.id, action, sequence)

    def _readers(self, change: Pending, recipients: tuple[str, ...]) -> dict[str, bytes]:
        """Give the keys that an event is encrypted to; none where its marking says who may read it."""
        if change.marking not in FOR_NAMED:
            return {}
        about = f"{change.kind}/{change.id}, marked {change.marking},"
        # What has become of its readers must not keep a record from ending, or from being said to be true still.
        lenient = change.action in {"withdrawn", "confirmed"}
        return keys_of(recipients, self._chain.organization, self._members, about=about, lenient=lenient)

    @cached_property
    def _members(self) -> Mapping[str, Known]:
        return self._directory.members()

    def _seal(self, change: Pending, recipients: tuple[str, ...]) -> int:
        said = orjson.loads(change.content)
        body = make_withdrawal(said, nonce()) if change.action == "withdrawn" else make_body(said, nonce())
        readers = self._readers(change, recipients)
        event = Event(change.kind, change.id, change.action, change.marking, body, readers)
        statement = self._sealer.seal(self._chain, event, self._now)
        self._chain = self._chain._replace(sequence=statement.sequence, head=statement.hash)
        self._statements.append(statement)
        return statement.sequence

    def _keep(self, kept: Kept) -> None:
        self._kept[kept.kind, kept.id] = self._touched[kept.kind, kept.id] = kept


def _check_same_network(writing: Writing, network: str) -> None:
    if writing.chain.network != network:
        raise Refusal(
            "wrong-network",
            sentence(
                "the node is in {network} already; it cannot join {another} too",
                network=writing.chain.network,
                another=network,
            ),
        )


__all__ = [
    "BATCH", "DROPPED", "ENDED", "LOCAL", "MAX_REASON", "UNCHANGED", "WAITING", "Change", "Confirm", "Done", "Editor",
    "Progress", "Put", "Withdraw", "with_id",
]  # fmt: skip
