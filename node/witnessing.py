"""Puts the witness of a node together: reader, stores, alarms and the bus, with one thread for the database."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import structlog

from node.alarms import Finding, keep_evidence
from node.cosigning import Cosigning, Line, asking
from node.going_over import go_over_to
from node.hub_key import HubKey
from node.keyring import load_keys
from node.log_reader import Ask, LogReader
from node.next_log import Beginning
from node.next_logs import NextLogs
from node.node import Node
from node.own_keys import JudgedKeys, judge_keys, keys_held
from node.registered_keys import KeysRegistered
from node.store import LogStore
from node.witness import Witness
from wire.enrolment import Admission
from wire.registry import Registry
from wire.seal import timestamp

_log = structlog.get_logger()


@dataclass(frozen=True)
class Witnessing:
    """A witness, what brings checkpoints to it, and the key of the hub as the log that it reads tells it."""

    witness: Witness
    cosigning: Cosigning
    hub_key: HubKey


class Bell:
    """Says an alarm in the log, and keeps its evidence in a file."""

    def __init__(self, directory: Path, store: LogStore, wall: Callable[[], datetime]) -> None:
        self._directory = directory
        self._wall = wall
        for raised in store.alarms():  # a crash may have come between database and file
            keep_evidence(directory, raised.finding, raised.at)

    def sound(self, findings: list[Finding]) -> None:
        """Take findings that are new."""
        for finding in findings:
            path = keep_evidence(self._directory, finding, timestamp(self._wall()))
            say = _log.error if finding.stops else _log.warning
            say("witness.alarm", alarm=str(finding.name), reason=finding.text, evidence=str(path))


def make_witness(
    node: Node, admission: Admission, ask: Ask, in_thread: Callable[..., Any],
    wall: Callable[[], datetime] = lambda: datetime.now(UTC),
    follow: Callable[[Registry], None] = lambda _registry: None,
) -> Witness:  # fmt: skip
    """Build the witness of a node; `ask` carries its questions to the hub, `in_thread` its work to the one thread.

    `follow` is given the registry as it stands after each step of what it reads.
    """
    directory, organization = node.settings.directory, admission.organization
    bell = Bell(directory, node.log, wall)
    keys = load_keys(directory, node.reading.in_use())  # other ones may be in use than when the node was built

    def judge(registered: Sequence[KeysRegistered]) -> JudgedKeys:
        return judge_keys(registered, node.admission() or admission, partial(keys_held, directory))

    inbox = node.inbox(admission)

    def look(start: int, tokens: Sequence[bytes], registry: Registry) -> None:
        inbox.take(start, tokens, registry)
        follow(registry)

    reader = LogReader(
        admission.trust, organization, keys.signing.public, node.log, ask, in_thread, bell.sound,
        lambda: timestamp(wall()), look, node.eraser.obey, judge,
    )  # fmt: skip

    def go_over(beginning: Beginning, cosigned: bytes | None, at: str) -> None:
        go_over_to(node, beginning, cosigned, at)

    next_logs = NextLogs(
        admission.trust, organization, node.log, node.outbox, ask, in_thread, bell.sound, wall, go_over
    )  # fmt: skip
    return Witness(
        admission.trust, organization, keys.witness, reader, node.log, directory, ask, in_thread, bell.sound, wall,
        next_logs,
    )  # fmt: skip


@asynccontextmanager
async def witnessing(node: Node, admission: Admission, bus: Line) -> AsyncIterator[Witnessing]:
    """Give the witness of a running node; its thread ends with the block."""
    with ThreadPoolExecutor(1, "witness") as thread:

        async def in_thread(work: Callable[..., Any], *arguments: Any) -> Any:
            return await asyncio.get_running_loop().run_in_executor(thread, work, *arguments)

        async def trouble(text: str | None) -> None:
            await in_thread(node.log.note_trouble, text)

        async def settled() -> int:
            return int(await in_thread(node.log.settled))

        hub_key = await asyncio.to_thread(HubKey.of, admission, node.log)
        witness = make_witness(node, admission, asking(bus, admission.organization), in_thread, follow=hub_key.follow)
        yield Witnessing(witness, Cosigning(admission.organization, bus, witness, trouble, settled), hub_key)
