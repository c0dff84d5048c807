"""What the node keeps of the log that it reads and witnesses; every batch is one transaction."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import NamedTuple

from sqlalchemy import Engine, bindparam, delete, insert, select, update

from node import tables
from node.alarms import Finding, Name
from node.log_fold import ChainEnd, RegistryEntry
from node.store import alarms, next_log, proven
from node.store.delivery_times import WITNESSED, Span, note_reached
from node.store.note import Note, no_note
from wire.database import reading
from wire.merkle import HASH_SIZE, Frontier
from wire.notes import VerifierKey
from wire.trust import Trust

KEPT_CHECKPOINTS = 2000
_CHUNK = 500
_PLACE = (
    update(tables.statements)
    .where(tables.statements.c.sequence == bindparam("own"))
    .values({"index": bindparam("place")})
)


class Position(NamedTuple):
    """How far the log is read; `own` is the last sequence read in our name, `promised` the last one with a receipt.

    `target` is the size of the newest checkpoint known of, `promised_index` the index that the receipt told (-1: none).
    """

    size: int
    roots: bytes
    own: int
    target: int
    trouble: str | None
    promised: int
    promised_index: int
    receipt: bytes | None

    def frontier(self) -> Frontier:
        """The tree that was read."""
        return Frontier(self.size, [self.roots[at : at + HASH_SIZE] for at in range(0, len(self.roots), HASH_SIZE)])


class Mine(NamedTuple):
    """One of our statements, as a log that holds it must show it; `promised` is the index that a receipt told."""

    sequence: int
    hash: bytes
    token: bytes
    promised: int | None


class Seen(NamedTuple):
    """A checkpoint that the log has signed. `verified`: its root is that of the entries read here."""

    size: int
    root: bytes
    note: bytes
    verified: bool
    quorum: bool


class Tree(NamedTuple):
    """The largest tree that this node has cosigned, with the log's signed note."""

    size: int
    root: bytes
    note: bytes
    at: str


class LogStore:
    """Written by the running node only; commands read, and settle alarms."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._reading = reading(engine)

    def position(self) -> Position:
        """Give how far the log is read."""
        with self._reading.connect() as connection:
            return Position(*connection.execute(tables.log_position.select()).one()[1:])

    def registry(self) -> list[RegistryEntry]:
        """Give the registry's statements that were read."""
        table = tables.registry_statements
        with self._reading.connect() as connection:
            return [RegistryEntry(*row) for row in connection.execute(table.select().order_by(table.c.index))]

    def mine(self, sequences: Iterable[int]) -> dict[int, Mine]:
        """Give our statements of these sequences, those that there are."""
        said = tables.statements
        wanted = sorted(set(sequences))
        query = select(said.c.sequence, said.c.hash, said.c.token, said.c.promised)
        found: dict[int, Mine] = {}
        with self._reading.connect() as connection:
            for start in range(0, len(wanted), _CHUNK):
                for row in connection.execute(query.where(said.c.sequence.in_(wanted[start : start + _CHUNK]))):
                    found[row.sequence] = Mine(*row)
        return found

    def mine_at(self, index: int) -> Mine | None:
        """Give our statement that was read at this index."""
        said = tables.statements
        query = select(said.c.sequence, said.c.hash, said.c.token, said.c.promised).where(said.c.index == index)
        with self._reading.connect() as connection:
            row = connection.execute(query).first()
        return None if row is None else Mine(*row)

    def take(
        self, tree: Frontier, own: int, registry: Sequence[RegistryEntry], places: Sequence[tuple[int, int]],
        findings: Sequence[Finding], at: str, ended: Sequence[Name] = (), ends: Mapping[str, ChainEnd] | None = None,
    ) -> list[Finding]:  # fmt: skip
        """Write what a batch of entries has brought: all of it or nothing. Gives those findings that are new.

        `places` are (sequence, index) of our statements, `own` the last sequence in our name; alarms of the names in
        `ended` are over (their evidence stays in its file), and come before the findings.
        """
        with self._engine.begin() as connection:
            connection.execute(
                update(tables.log_position).values(size=tree.size, roots=b"".join(tree.roots), own=own, trouble=None)
            )
            next_log.note_ends(connection, ends or {})
            if registry:
                connection.execute(insert(tables.registry_statements), [asdict(each) for each in registry])
            if places:
                connection.execute(_PLACE, [{"own": sequence, "place": index} for sequence, index in places])
            if ended:
                connection.execute(delete(tables.alarms).where(tables.alarms.c.name.in_(map(str, ended))))
            return [each for each in findings if alarms.raise_alarm(connection, each, at)]

    def on(self, trust: Trust) -> Trust:
        """Give the trust for the log that is read now, in the place of the first one if that was lost."""
        logs = self.next_logs()
        return trust.following(VerifierKey.parse(logs[-1].vkey)) if logs else trust

    def lost(self, trust: Trust) -> tuple[VerifierKey, ...]:
        """Give the logs in whose place the one is that is read now."""
        logs = [trust.first_log, *(VerifierKey.parse(each.vkey) for each in self.next_logs())]
        return tuple(logs[:-1])

    def next_logs(self) -> list[next_log.NextLog]:
        """Give the logs that the roots have put in the place of lost ones, in order."""
        with self._reading.connect() as connection:
            return next_log.next_logs(connection)

    def chain_ends(self) -> dict[str, ChainEnd]:
        """Give where each organization's chain ends, as far as the log was read."""
        with self._reading.connect() as connection:
            return next_log.chain_ends(connection)

    def note_trouble(self, trouble: str | None) -> None:
        """Say why reading does not get on."""
        with self._engine.begin() as connection:
            connection.execute(update(tables.log_position).values(trouble=trouble))

    def seen(self, size: int) -> Seen | None:
        """Give the checkpoint of this size that the log has signed, if it is known here."""
        return self._checkpoint(tables.checkpoints.c.size == size, largest=False)

    def largest(self) -> Seen | None:
        """Give the largest checkpoint that the log has signed."""
        return self._checkpoint(largest=True)

    def newest_with_quorum(self) -> Seen | None:
        """Give the largest checkpoint that was seen with a quorum."""
        return self._checkpoint(tables.checkpoints.c.quorum.is_(True), largest=True)

    def covering(self, size: int) -> Seen | None:
        """Give the smallest verified checkpoint of at least this size."""
        table = tables.checkpoints
        return self._checkpoint(table.c.size >= size, table.c.verified.is_(True), largest=False)

    def _checkpoint(self, *conditions: object, largest: bool) -> Seen | None:
        table = tables.checkpoints
        order = table.c.size.desc() if largest else table.c.size
        with self._reading.connect() as connection:
            row = connection.execute(table.select().where(*conditions).order_by(order).limit(1)).first()  # type: ignore[arg-type]
        return None if row is None else Seen(*row)

    def note_seen(self, size: int, root: bytes, note: bytes) -> None:
        """Keep a checkpoint of a size that was not known."""
        table, position = tables.checkpoints, tables.log_position
        oldest = select(table.c.size).order_by(table.c.size.desc()).offset(KEPT_CHECKPOINTS).limit(1)
        with self._engine.begin() as connection:
            connection.execute(insert(table).values(size=size, root=root, note=note, verified=False, quorum=False))
            connection.execute(delete(table).where(table.c.size <= oldest.scalar_subquery()))
            connection.execute(update(position).where(position.c.target < size).values(target=size))

    def note_verified(self, size: int) -> None:
        """Say that a checkpoint's root is that of the entries read here."""
        table = tables.checkpoints
        with self._engine.begin() as connection:
            connection.execute(update(table).where(table.c.size == size).values(verified=True))
            proven.note_proven(connection, size)

    def note_quorum(self, size: int, note: bytes) -> None:
        """Keep a checkpoint with the cosignatures of a quorum."""
        table = tables.checkpoints
        with self._engine.begin() as connection:
            connection.execute(update(table).where(table.c.size == size).values(quorum=True, note=note))

    def note_astray(self) -> None:
        """Say that what was read is no tree that the log has signed."""
        with self._engine.begin() as connection:
            proven.note_astray(connection)

    def go_back(self) -> int | None:
        """Forget what was read astray, once the alarms about it are settled; gives up to where the log is read then."""
        with self._reading.connect() as connection:
            if not proven.is_astray(connection) or alarms.stopped_by(connection) is not None:
                return None
        with self._engine.begin() as connection:
            return proven.go_back(connection)

    def cosigned(self) -> Tree | None:
        """Give the largest checkpoint that this node has cosigned."""
        with self._reading.connect() as connection:
            row = connection.execute(tables.cosigned.select()).first()
        return None if row is None else Tree(*row[1:])

    def cosign(self, tree: Tree) -> None:
        """Write what is about to be cosigned."""
        table = tables.cosigned
        with self._engine.begin() as connection:
            if connection.execute(update(table).values(tree._asdict())).rowcount == 0:
                connection.execute(insert(table).values(one=1, **tree._asdict()))

    def sound(self, finding: Finding, at: str) -> bool:
        """Write an alarm; tells whether it is new."""
        with self._engine.begin() as connection:
            return alarms.raise_alarm(connection, finding, at)

    def alarms(self) -> list[alarms.Raised]:
        """Give all alarms, oldest first."""
        with self._reading.connect() as connection:
            return alarms.all_alarms(connection)

    def standing(self) -> set[str]:
        """Name the alarms that stand."""
        with self._reading.connect() as connection:
            return alarms.standing(connection)

    def settle(self, numbers: Iterable[int], reason: str, at: str, note: Note = no_note) -> None:
        """Write that a person has looked at these alarms, and why the node may go on."""
        with self._engine.begin() as connection:
            alarms.settle(connection, numbers, reason, at)
            note(connection)

    def settled(self) -> int:
        """Tell how many alarms were ever settled."""
        with self._reading.connect() as connection:
            return alarms.number_settled(connection)

    def stopped(self) -> Name | None:
        """Name an alarm because of which nothing is cosigned, if one stands."""
        with self._reading.connect() as connection:
            return alarms.stopped_by(connection)

    def deliver(self, sequence: int, at: str | None = None) -> int | None:
        """Take out of the outbox what a quorum proves to be logged, up to `sequence`; tells how many. `at` is now.

        None: nothing is taken, as an alarm stands that makes the hub's word about our own statements worthless.
        """
        queue, relay = tables.outbox, tables.relay
        with self._engine.begin() as connection:
            if alarms.doubted(connection):
                return None
            before = connection.execute(select(relay.c.witnessed)).scalar_one()
            if at is not None:
                note_reached(connection, WITNESSED, [Span(before + 1, sequence, at)])
            connection.execute(update(relay).where(relay.c.witnessed < sequence).values(witnessed=sequence))
            return connection.execute(delete(queue).where(queue.c.sequence <= sequence)).rowcount
