"""Erasing: bodies are destroyed here at once, and an order tells everybody else; others' orders are obeyed likewise."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Protocol

import orjson
from sqlalchemy import Connection, Engine

from node.done import Done
from node.edit import MAX_REASON
from node.log_fold import LoggedOrder
from node.refusal import bad_reason, has_ended, signs_nothing
from node.sealing import Event, Sealer
from node.signing import SigningKeys
from node.store import Chain, Erasing, Statement, Writing
from node.store.note import Note, no_note
from schemas.statement import CONTROL
from wire.encoding import from_b64url
from wire.erasure import MAX_STATEMENTS, done_members, done_name, order_members, order_name
from wire.seal import control_body
from wire.tidying import is_untidy, note_untidy, tidy

ERASED, FORGOTTEN = "erased", "forgotten"
BUSY_MILLISECONDS, LATER_MILLISECONDS = 2000, 250  # how long editing may wait for a reader who is in the way


class Copies(Protocol):
    """A place where bodies of others are kept here: an inbox, a cache."""

    def destroy(self, connection: Connection, organization: str, statements: Sequence[bytes]) -> int:
        """Destroy copies of bodies, in the open transaction; tell how many there were.

        Only of these statements that are this organization's own: an order may name others', and then has no effect.
        """


class Eraser:
    """Every call is one transaction. `copies` are the places where bodies of others are kept."""

    def __init__(
        self,
        engine: Engine,
        keys: SigningKeys,
        copies: Sequence[Copies] = (),
        clock: Callable[[], datetime] | None = None,
    ) -> None:
        self._engine = engine
        self._keys = keys
        self._copies = copies
        self._clock = clock or (lambda: datetime.now(UTC))

    def erase(self, kind: str, record_id: str, reason: str = "", note: Note = no_note) -> Done:
        """Destroy all bodies of a record here, and order it of everybody else; Refusal if there is nothing to erase.

        `reason` is kept here only. What was never sealed is simply forgotten. `note` writes who did it with it.
        """
        if len(reason) > MAX_REASON:
            raise bad_reason(0, MAX_REASON, len(reason))
        address = (kind, record_id)
        with Writing.begin(self._engine) as writing:
            if writing.chain.alarm is not None:
                raise signs_nothing(writing.chain.alarm, writing.chain.alarm_text)
            store = Erasing(writing)
            held, kept = store.held(address), writing.kept([address]).get(address)
            if not held and (kept is None or kept.state == ERASED):
                raise has_ended(kind, record_id, kept.state if kept else None)
            orders = _Seals(writing, self._keys.sealer(writing), self._clock()).orders(address, held)
            for statement, number in orders:
                store.note_order(statement.sequence, address, number, reason)
            if held or store.said_about(address):
                store.destroy(address, [sequence for sequence, _ in held])
            else:
                store.forget(address)
            note_untidy(writing.connection)
            note(writing.connection)
        tidy(self._engine, BUSY_MILLISECONDS)
        return Done(kind, record_id, ERASED if held else FORGOTTEN, orders[-1][0].sequence if orders else None)

    def obey(self, order: LoggedOrder) -> bool:
        """Destroy what an order in the log names and is held here; tells whether there was anything.

        For another organization's bodies the confirmation is sealed in the same transaction; while nothing may be
        signed it is owed, and sealed with the next order. This node's own bodies can be here again after a restore.
        """
        with Writing.begin(self._engine) as writing:
            store = Erasing(writing)
            if order.organization == writing.chain.organization:
                found = _destroy_own(store, order)
            else:
                found = sum(
                    each.destroy(writing.connection, order.organization, order.statements) for each in self._copies
                )
                if found:
                    store.note_obeyed(order.index, order.hash)
            if found:
                note_untidy(writing.connection)
            self._confirm(writing, store)
        if found:
            tidy(self._engine, BUSY_MILLISECONDS)
        return bool(found)

    @property
    def untidy(self) -> bool:
        """Whether something that was erased still lies in the files: a reader, or the process's end, was in the way."""
        return is_untidy(self._engine)

    def tidy(self) -> bool:
        """Try again to leave no trace of what was erased; to be called until it is true."""
        return tidy(self._engine, LATER_MILLISECONDS)

    def _confirm(self, writing: Writing, store: Erasing) -> None:
        if writing.chain.network is None or writing.chain.alarm is not None:
            return
        seals = _Seals(writing, self._keys.sealer(writing), self._clock())
        for index, digest in store.owed():
            store.note_confirmed(index, seals.done(index, digest).sequence)


def order_anew(body: bytes, renamed: Mapping[bytes, bytes]) -> bytes:
    """Give an order's body for statements that were sealed anew: by their old hash, what they are called now."""
    said = orjson.loads(body)
    hashes = map(from_b64url, said["statements"])
    return control_body(order_members(said["record"], [renamed.get(each, each) for each in hashes]))


class _Seals:
    """Seals events without a record, and appends them to the chain and the outbox."""

    def __init__(self, writing: Writing, sealer: Sealer, now: datetime) -> None:
        self._writing = writing
        self._sealer = sealer
        self._now = now

    def orders(self, address: tuple[str, str], held: Sequence[tuple[int, bytes]]) -> list[tuple[Statement, int]]:
        """Seal the orders for these statements; gives each with the number of statements that it names."""
        kind, record_id = address
        record = f"{kind}/{self._writing.chain.organization}/{record_id}"
        found = []
        for place in range(0, len(held), MAX_STATEMENTS):
            hashes = [digest for _, digest in held[place : place + MAX_STATEMENTS]]
            name = order_name(self._writing.chain.sequence + 1)
            found.append(
                (self._seal("erasure.ordered", name, control_body(order_members(record, hashes))), len(hashes))
            )
        return found

    def done(self, index: int, order: bytes) -> Statement:
        """Seal the confirmation of an order."""
        return self._seal("erasure.done", done_name(index), control_body(done_members(order)))

    def _seal(self, action: str, name: str, body: bytes) -> Statement:
        chain: Chain = self._writing.chain
        statement = self._sealer.seal(chain, Event(CONTROL, name, action, "TLP:CLEAR", body), self._now)
        self._writing.append([statement])
        return statement


def _destroy_own(store: Erasing, order: LoggedOrder) -> int:
    number = 0
    for address, sequences in store.own_among(order.statements).items():
        number += store.destroy_bodies(sequences)
        if store.shows(address) in sequences:
            store.destroy(address, ())
            number += 1
    return number
