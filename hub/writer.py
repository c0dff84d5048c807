"""The hub's one writer: it judges batches in their order and commits each in one transaction."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, select

from hub import tables
from hub.author import Author
from hub.clock import utc_now
from hub.decide import Decider, Outcome
from hub.destroying import gone, write_erasures
from hub.disputes import dispute, dispute_former
from hub.entries import Entry, Erasure, Read
from hub.erased_again import apply_again
from hub.erased_list import ErasedList
from hub.history import load_state
from hub.holding import Holding
from hub.log_state import LogState
from hub.lost_log import Former
from hub.next_log import check_first, first_copies
from hub.reads import keys_in, read_message
from hub.relog import Copy, Relogger
from hub.store import store_for
from hub.view_lines import fold, many_wait
from hub.view_stating import CURSOR as STATED_CURSOR
from hub.view_stating import Stating
from schemas.problems import Problem
from wire.actions import (
    Admitted,
    BadAction,
    ErasureOrdered,
    KeyReplaced,
    KeyRevoked,
    OfOrganization,
    apply,
    check,
    open_action,
    statement_name,
)
from wire.database import reading
from wire.examine import Message
from wire.keys import SigningKey
from wire.registry import HUB, REGISTRY, Revocation
from wire.seal import Sealed, timestamp
from wire.tidying import tidy
from wire.trust import Trust
from wire.view_digest import STATED

INTAKE_CURSOR = "intake"
BUSY_MILLISECONDS = 250  # how long the intake may wait for a reader who is in the way


@dataclass(frozen=True)
class Stand:
    """How far the log goes for one organization; `missing` = later events are held, waiting for the next one."""

    sequence: int
    head: bytes
    index: int
    forked: bool
    missing: bool


@dataclass(frozen=True)
class Committed:
    """What one transaction changed, how the log stands after it, and where everybody stands who was heard."""

    outcome: Outcome
    size: int
    stands: dict[str, Stand]


class Writer:
    """Not for use from two threads at once. After an error the state is read from the database again."""

    def __init__(self, engine: Engine, trust: Trust, author: Author, erased: ErasedList | None = None) -> None:
        self._engine = engine
        self._trust = trust
        self._author = author
        self.holding = Holding()
        self.erased = erased or ErasedList()
        with engine.begin() as connection:
            self._store = store_for(connection.dialect)
            self.state: LogState = load_state(connection, trust)
            if many_wait(connection):
                fold(connection)
            apply_again(connection, self.erased)
        self._stating = Stating()

    @property
    def packed_keys(self) -> bytes:
        """All keys ever registered, 32 bytes each, for the examiners."""
        return b"".join(key.raw for key in tuple(self.state.registry.keys.values()))

    @property
    def signing_key(self) -> SigningKey:
        """The key that the hub signs with now."""
        return self._author.key_at(self.state)

    def commit(
        self, batch: Sequence[tuple[Message, Read]], *, position: int | None = None, once_refused: bool = False
    ) -> Committed:
        """Judge a batch, `once_refused` or new, and write what follows; `position` on the bus is done with it."""
        with self._transaction() as connection:
            decider = self._decider(connection)
            for message, read in batch:
                decider.take(message, read, once_refused=once_refused)
            self._write(connection, decider.outcome)
            dispute_former(connection, self.state, decider.outcome.heard)
            if position is not None:
                self._store.write_cursor(connection, INTAKE_CURSOR, position)
        for organization in decider.outcome.heard:
            speaker = self.state.speakers.get(organization)
            if speaker is not None and self.holding.holds(organization):
                self.holding.forget_before(organization, speaker.sequence)
        return self._committed(decider.outcome)

    def register(self, body: bytes) -> Committed:
        """Verify an action of the roots, log it and apply it; BadAction if it must not be."""
        with self._transaction() as connection:
            decider = self._decider(connection)
            if REGISTRY not in self.state.speakers:
                self.state.begin_chain(REGISTRY, self._trust.digest)
            place = self.state.next_place(REGISTRY)
            action = open_action(body, self.state.registry, sequence=place.sequence, previous=place.previous)
            check(action, self.state.registry)
            check_first(action, self.state.registry)
            name = statement_name(action)
            sealed = self._author.register(self.state, action.action, name, body)
            erasure = _judged(decider, body, sealed) if isinstance(action, ErasureOrdered) else None
            entry = decider.append(sealed, name, f"liaison.{action.action}")
            apply(action, self.state.registry, index=entry.index, statement=entry.hash)
            self._author.key_at(self.state)  # or else nothing could be said after this
            if erasure is not None:
                decider.erase(erasure)
            if isinstance(action, OfOrganization):
                self._follow(connection, action, entry)
                decider.outcome.heard.add(action.organization)
            self._write(connection, decider.outcome)
            if isinstance(action, KeyRevoked):
                revocation = Revocation(action.key, action.last_good_sequence, entry.index)
                dispute(connection, self.state.speakers[action.organization].number, revocation)
        return self._committed(decider.outcome)

    def relog(self, copies: Sequence[Copy]) -> None:
        """Log copies of entries again, at their own places; LogDamaged if one does not fit. The view is left as it is.

        Once all are back, it must be rebuilt.
        """
        with self._transaction() as connection:
            self._relog(connection, copies)

    def begin_next(self, body: bytes, former: Sequence[Former]) -> Committed:
        """Begin the next log in an empty database, with what the roots decided and the registry's former statements.

        `rehearse` has judged it. The hub's first word in it, the view, ends it: all of that, or nothing.
        """
        with self._transaction() as connection:
            if self.state.size:
                raise BadAction(
                    f"the database has a log of {self.state.size} entries; a next one begins in an empty one"
                )
            self._relog(connection, first_copies(self.state, self._author, self._trust, body, former))
            self._author.key_at(self.state)  # or else nothing could be said after this
            return self._state_view(connection)

    def _relog(self, connection: Connection, copies: Sequence[Copy]) -> None:
        decider = self._decider(connection)

        def read(message: Message) -> Read:
            return read_message(message, self._trust.network, keys_in(self.packed_keys))

        relogger = Relogger(self.state, self._trust.digest, decider, read)
        for copy in copies:
            relogger.take(copy)
        for speaker in self.state.speakers.values():
            self._store.write_speaker(connection, speaker, None)
        self._store.write_log(connection, decider.outcome.entries, {})
        self._store.write_tiles(connection, self.state.tree)

    def keep_view(self) -> Committed | None:
        """Fold the view's lines when many wait, and state the view when that is due; to be called now and then."""
        with reading(self._engine).connect() as connection:
            due, many = self._stating.is_due(connection), many_wait(connection)
        if due:
            return self.state_view()
        if many:
            with self._transaction() as connection:
                fold(connection)
        return None

    def state_view(self) -> Committed:
        """State the view as it is at the log's present size, in the hub's own chain."""
        with self._transaction() as connection:
            return self._state_view(connection)

    def _state_view(self, connection: Connection) -> Committed:
        stated = self._stating.stated(connection)
        decider = self._decider(connection)
        name = f"view-{stated.size}"
        decider.append(self._author.state(self.state, STATED, name, stated.members()), name, STATED)
        self._write(connection, decider.outcome)
        self._store.write_cursor(connection, STATED_CURSOR, self.state.size)
        return self._committed(decider.outcome)

    def _follow(self, connection: Connection, action: OfOrganization, entry: Entry) -> None:
        """Begin the chain of who was admitted; a fork ends with new keys."""
        if isinstance(action, Admitted):
            self._store.write_speaker(connection, self.state.begin_chain(action.organization, entry.hash), None)
        elif isinstance(action, KeyReplaced):
            speaker = self.state.speakers[action.organization]
            speaker.forked = False
            self._store.write_speaker(connection, speaker, None)

    def stand(self, organization: str) -> Stand | None:
        """Where an organization stands; None before it was admitted. For the writer's own thread."""
        speaker = self.state.speakers.get(organization)
        if speaker is None:
            return None
        missing = self.holding.holds(organization)
        return Stand(speaker.sequence, speaker.head, speaker.last_index, speaker.forked, missing)

    def _committed(self, outcome: Outcome) -> Committed:
        stands = {name: stand for name in outcome.heard if (stand := self.stand(name)) is not None}
        return Committed(outcome, self.state.size, stands)

    def tidy(self) -> bool:
        """After an erasure: leave nothing of it in the database's files; false if a reader was in the way.

        To be called between commits until it is true.
        """
        return tidy(self._engine, BUSY_MILLISECONDS)

    def confirm_owed(self) -> None:
        """Say of orders that were found and obeyed only at start that they are; once the whole log is back."""
        table = tables.erasures
        with self._transaction() as connection:
            query = select(table.c.index, table.c.hash, table.c.org, table.c.record).order_by(table.c.index)
            owed = connection.execute(query.where(table.c.done_at.is_(None))).all()
            if not owed or HUB not in self.state.speakers:
                return
            decider = self._decider(connection)
            for index, digest, org, record in owed:
                decider.erase(Erasure(index, bytes(digest), org, record, []))
            self._write(connection, decider.outcome)

    def _write(self, connection: Connection, outcome: Outcome) -> None:
        self._store.write(connection, outcome, self.state.speakers, utc_now())
        if outcome.entries:
            self._store.write_tiles(connection, self.state.tree)
        destroyed = write_erasures(connection, outcome)
        if destroyed:
            # Before the commit: no crash may leave a destroyed body that a restored database could bring back.
            self.erased.add(gone(connection, destroyed))

    def _decider(self, connection: Connection) -> Decider:
        def lookup(org: int, sequence: int) -> tuple[bytes, bytes] | None:
            log = tables.log
            query = select(log.c.hash, log.c.token).where(log.c.org == org, log.c.sequence == sequence)
            found = connection.execute(query).first()
            return None if found is None else (found.hash, found.token)

        def again(message: Message) -> Read:
            return read_message(message, self._trust.network, keys_in(self.packed_keys))

        return Decider(self.state, self.holding, self._author, lookup, again, connection, self.erased)

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        """A database transaction whose failure also undoes what was changed in memory."""
        try:
            with self._engine.begin() as connection:
                yield connection
        except BaseException:
            self.reload()
            raise

    def reload(self) -> None:
        """Forget what memory says and derive the state from the log."""
        self.holding = Holding()
        self._stating.forget()
        with self._engine.begin() as connection:
            self.state = load_state(connection, self._trust)

    def clock(self) -> str:
        """The hub's clock, as the tables write it."""
        return timestamp(utc_now())


def _judged(decider: Decider, body: bytes, sealed: Sealed) -> Erasure:
    judged = decider.judge_roots(body, sealed.hash)
    if isinstance(judged, Problem):
        raise BadAction(f"{judged.pointer}: {judged.message}")
    return judged
