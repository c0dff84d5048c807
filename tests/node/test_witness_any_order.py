"""Whatever is announced in whatever order, and wherever it crashes, whatever is settled: one history is cosigned."""

import asyncio
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import select

from node import tables
from node.log_reader import Unreadable
from node.settings import DATABASE_FILE
from node.signed_checkpoint import NotCosigned
from tests.node.logs import LogEnd, Watched
from wire.keys import SigningKey
from wire.merkle import consistency_proof

CRASHES = (
    "node.witness.cosign", "node.witness_file.replace_durably", "node.store.log.LogStore.take",
    "node.store.proven.note_proven", "node.store.proven.go_back", "node.store.log.LogStore.note_astray",
)  # fmt: skip
which = st.sampled_from((0, 1))


class Killed(BaseException):
    """What a kill -9 is to the code that it hits."""


def killed(*_: object, **__: object) -> None:
    raise Killed


class AnyOrder(RuleBasedStateMachine):
    """An evil hub with two histories, announcements of any size of either, crashes, restored databases."""

    @initialize()
    def begin(self) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="any-order-"))
        self.watched = Watched(self.directory)
        self.watched.log.take_outbox(self.watched.node)
        self.logs = [self.watched.log, self.watched.log.twin()]
        self.issued: list[tuple[int, bytes]] = []
        self.crash = ""
        self.copy_the_database()

    def teardown(self) -> None:
        if hasattr(self, "watched"):
            self.watched.close()
            shutil.rmtree(self.directory)

    def log(self, number: int) -> LogEnd:
        return self.logs[number % len(self.logs)]

    @rule(number=which, entries=st.integers(1, 9))
    def grow(self, number: int, entries: int) -> None:
        self.log(number).grow(entries, f"branch{number % len(self.logs)}")

    @rule(number=which, entries=st.integers(0, 5))
    def show(self, number: int, entries: int) -> None:
        """The hub turns to one of the two histories, which has grown, and announces it."""
        self.watched.log = self.log(number)
        self.grow(number, entries)
        self.announce(number, 0)

    @rule()
    def falls_silent(self) -> None:
        self.watched.log.silent = not self.watched.log.silent

    @rule(number=which, back=st.integers(0, 12))
    def announce(self, number: int, back: int) -> None:
        log = self.log(number)
        self._told(log.note(max(log.size - back, 1)))

    @rule(number=which, back=st.integers(0, 12))
    def hand_in(self, number: int, back: int) -> None:
        log = self.log(number)
        size = max(log.size - back, 1)
        kept = self.watched.witness.largest()
        old = min(kept.size if kept else 0, size)
        path = consistency_proof(old, size, log.subtree)
        self._attempt(self.watched.witness.add_checkpoint(old, path, log.note(size)))

    @rule(number=which)
    def forge(self, number: int) -> None:
        self._told(self.log(number).note(key=SigningKey.generate()))

    @rule()
    def ask(self) -> None:
        self._attempt(self.watched.witness.ask_newest())

    @rule()
    def settle(self) -> None:
        """A person believes everything, and settles what stands."""
        store = self.watched.node.log
        standing = [each.number for each in store.alarms() if each.settled is None]
        store.settle(standing, "It is well.", "2026-11-24T12:00:00.000Z")

    @rule()
    def come_back(self) -> None:
        """The hub keeps to the history that the node knows, longer than any that it has shown: then it is cosigned."""
        agreeing = [each for each in self.logs if self._agrees_with_the_node(each)]
        if not agreeing:
            return
        log = agreeing[0]
        log.grow(1 + max(each.size for each in self.logs) - log.size, f"branch{self.logs.index(log)}")
        self.watched.log, log.silent, self.crash = log, False, ""
        for _ in range(3):  # what was read of the other history may have to be found out first
            self.settle()
            self.ask()
        cosigned = self.watched.witness.largest()
        assert cosigned is not None
        assert cosigned.size == log.size

    def _agrees_with_the_node(self, log: LogEnd) -> bool:
        """Whether it has what the node has cosigned, and what it has verified since."""
        table, cosigned = tables.checkpoints, self.watched.witness.largest()
        with self.watched.node.engine.connect() as connection:
            known = connection.execute(select(table.c.size, table.c.root).where(table.c.verified.is_(True))).all()
        trees = [(size, root) for size, root in known] + ([(cosigned.size, cosigned.root)] if cosigned else [])
        return all(size <= log.size and log.checkpoint(size).root == root for size, root in trees)

    @rule(place=st.sampled_from(CRASHES))
    def will_crash(self, place: str) -> None:
        self.crash = place

    @rule()
    def restart(self) -> None:
        self.watched.restart()

    @rule()
    def copy_the_database(self) -> None:
        self.watched.node.engine.dispose()
        for path in self.watched.directory.glob(f"{DATABASE_FILE}*"):
            shutil.copy(path, self.directory / path.name)
        self.watched.restart()

    @rule()
    def restore_the_database(self) -> None:
        self.watched.node.engine.dispose()
        for path in self.watched.directory.glob(f"{DATABASE_FILE}*"):
            path.unlink()
        for path in self.directory.glob(f"{DATABASE_FILE}*"):
            shutil.copy(path, self.watched.directory / path.name)
        self.watched.restart()

    def _told(self, note: bytes) -> None:
        self._attempt(self.watched.witness.consider(note))

    def _attempt(self, work: Any) -> None:
        before = self.watched.witness.largest()
        with pytest.MonkeyPatch.context() as patch:
            if self.crash:
                patch.setattr(self.crash, killed)
            try:
                done = asyncio.run(work)
            except Killed:
                self.crash = ""
                done = None
                patch.undo()
                self.watched.restart()
            except (Unreadable, NotCosigned):
                done = None
        if done is None:
            return
        after = self.watched.witness.largest()
        assert after is not None
        assert before is None or before.size <= after.size
        self.issued.append((after.size, after.root))

    @invariant()
    def all_that_was_cosigned_is_of_one_history(self) -> None:
        if not hasattr(self, "issued"):
            return
        sizes = [size for size, _ in self.issued]
        assert sizes == sorted(sizes)
        assert any(
            all(size <= log.size and log.checkpoint(size).root == root for size, root in self.issued)
            for log in self.logs
        )


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=20, stateful_step_count=25, deadline=None)
