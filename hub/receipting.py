"""Receipts: after each commit and for each head, a node is told how far its chain is logged and what was refused."""

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from typing import NamedTuple

import orjson
import structlog
from sqlalchemy import Engine, select

from hub import checkpoints, tables
from hub.decide import problem_documents
from hub.log_proofs import proof_under
from hub.writer import Committed, Stand
from schemas.statement import RESERVED_ORGS
from wire import subjects
from wire.bus import Bus, BusError
from wire.encoding import b64url
from wire.keys import SigningKey
from wire.receipts import MAX_ENTRIES, MAX_JUDGEMENTS, Judgement, Logged, Receipt, sign_receipt

MAX_JUDGEMENT_BYTES = 256 * 1024
AWAY_SECONDS = 60.0
PAUSE_SECONDS = 0.1  # so that a bulk load costs a node ten receipts a second, not one per batch

_log = structlog.get_logger()
# Size of the newest checkpoint with a quorum, index of the newest own statement below it, and its tlog-proof.
Proof = tuple[int, int, str]
Seen = Callable[[str], tuple[str, str]]  # organization → state word and reason, as the hub sees the node


class Told(NamedTuple):
    """What a node was told last: when (hub's clock), its state and reason, and the sequence that is awaited next."""

    at: str
    state: str
    reason: str
    next: int


class Receipts:
    """Keeps where everybody stands and sends what changed; a lost receipt is made good by the next."""

    def __init__(
        self, network: str, key: Callable[[], SigningKey], engine: Engine, bus: Bus, stands: dict[str, Stand],
        seen: Seen, clock: Callable[[], str],
    ) -> None:  # fmt: skip
        self._network = network
        self._key = key
        self._engine = engine
        self._bus = bus
        self._stands = stands
        self._seen = seen
        self._clock = clock
        self._entries: dict[str, list[tuple[int, int]]] = defaultdict(list)
        self._judgements: dict[str, deque[Judgement]] = {}
        self._due: set[str] = set()
        self._to_prove: set[str] = set()
        self._proven: dict[str, int] = {}
        self._witnessed = 0
        self._wake = asyncio.Event()
        self.told: dict[str, Told] = {}

    def committed(self, committed: Committed) -> None:
        """Note what a transaction changed; the receipts follow."""
        self._stands.update(committed.stands)
        for entry in committed.outcome.entries:
            if entry.organization in RESERVED_ORGS:
                continue
            self._entries[entry.organization].append((entry.sequence, entry.index))
            if entry.exclusion is not None:
                problems = problem_documents(entry.exclusion.problems)
                judged = self._judged(entry.organization)
                judged.append(_judgement(entry.sequence, "warning", str(entry.exclusion.reason), "", "", problems))
        for erasure in committed.outcome.erasures:
            # What was said of erased events quotes them: it is read again from where the quotations are gone.
            for organization in {each.subject.split("/")[1] for each in erasure.statements}:
                self._judgements.pop(organization, None)
        for refused in committed.outcome.quarantined:
            judged = self._judged(refused.message.organization)
            judged.append(
                _judgement(refused.sequence or 0, "error", refused.reason, refused.found, refused.expected, [])
            )
        self.ask_for(committed.outcome.heard)

    def witnessed(self, size: int) -> None:
        """Note that a checkpoint of this size has a quorum: whoever has something new below it gets the proof."""
        self._witnessed = size
        news = {name for name, stand in self._stands.items() if stand.index > self._proven.get(name, -1)}
        self._to_prove |= news - RESERVED_ORGS
        self.ask_for(news)

    def ask_for(self, organizations: set[str]) -> None:
        """Send these organizations a receipt soon."""
        self._due |= organizations - RESERVED_ORGS
        self._wake.set()

    async def answer(self, organization: str) -> bytes:
        """Give the signed receipt, with its proof, to a node that asks."""
        proof = await asyncio.to_thread(self._prove, organization)
        return self.receipt(organization, [], proof)

    def receipt(self, organization: str, entries: list[tuple[int, int]], proof: Proof | None = None) -> bytes:
        """Give the signed receipt as things stand."""
        witnessed, _, proven = proof or (self._witnessed, -1, "")
        stand = self._stands.get(organization)
        if stand is None:
            stand = Stand(0, bytes(32), -1, forked=False, missing=False)
        state, reason = self._seen(organization)
        self.told[organization] = Told(self._clock(), str(state), reason, stand.sequence + 1)
        receipt = Receipt(
            network=self._network,
            organization=organization,
            at=self._clock(),
            logged=Logged(sequence=stand.sequence, hash=b64url(stand.head), index=stand.index),
            next=stand.sequence + 1,
            missing=stand.missing,
            entries=entries,
            judgements=_newest(self._judged(organization)),
            state=state,
            reason=reason,
            checkpoint=witnessed,
            proof=proven,
        )
        return sign_receipt(receipt, self._key())

    async def run(self) -> None:
        """Send until cancelled."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while not await self._bus.wait_connected(AWAY_SECONDS):
                continue
            due, self._due = self._due, set()
            for organization in sorted(due):
                await self._send(organization)
            await asyncio.sleep(PAUSE_SECONDS)

    async def _send(self, organization: str) -> None:
        entries = self._entries.pop(organization, [])
        asked = organization in self._to_prove
        self._to_prove.discard(organization)  # now: a quorum that comes while this proof is sent asks for another
        proof = await asyncio.to_thread(self._prove, organization) if asked else None
        sent = 0
        try:
            while sent < max(len(entries), 1):
                part = entries[sent : sent + MAX_ENTRIES]
                await self._bus.publish(subjects.receipts(organization), self.receipt(organization, part, proof))
                sent += MAX_ENTRIES
            if proof is not None and proof[2]:
                self._proven[organization] = proof[1]
        except BusError as error:
            _log.info("receipts.wait", organization=organization, reason=str(error))
            self._entries[organization][:0] = entries[sent:]  # promises: who has them notices when they are broken
            if asked:
                self._to_prove.add(organization)
            self.ask_for({organization})

    def _prove(self, organization: str) -> Proof:
        log, names = tables.log, tables.organizations
        with self._engine.connect() as connection:
            signed = checkpoints.newest(connection, quorum=True)
            if signed is None:
                return 0, -1, ""
            mine = (names.c.organization == organization, log.c.index < signed.size)
            query = select(log.c.index).join(names, names.c.org == log.c.org).where(*mine)
            index = connection.scalar(query.order_by(log.c.sequence.desc()).limit(1))
            if index is None:
                return signed.size, -1, ""
            return signed.size, index, proof_under(connection, index, signed).to_bytes().decode()

    def _judged(self, organization: str) -> deque[Judgement]:
        if organization not in self._judgements:
            self._judgements[organization] = deque(self._past(organization), MAX_JUDGEMENTS)
        return self._judgements[organization]

    def _past(self, organization: str) -> list[Judgement]:
        kept, left_out, log, names = tables.quarantine, tables.exclusions, tables.log, tables.organizations
        refused = (
            select(kept.c.sequence, kept.c.reason, kept.c.found, kept.c.expected)
            .where(kept.c.bus_organization == organization)
            .order_by(kept.c.number.desc())
            .limit(MAX_JUDGEMENTS)
        )
        excluded = (
            select(log.c.sequence, left_out.c.reason, left_out.c.problems)
            .join(names, names.c.org == left_out.c.org)
            .join(log, log.c.index == left_out.c.index)
            .where(names.c.organization == organization)
            .order_by(left_out.c.index.desc())
            .limit(MAX_JUDGEMENTS)
        )
        with self._engine.connect() as connection:
            found = [_judgement(s or 0, "error", r, f, e, []) for s, r, f, e in connection.execute(refused)]
            found += [_judgement(s, "warning", r, "", "", orjson.loads(p)) for s, r, p in connection.execute(excluded)]
        return sorted(found, key=lambda judgement: judgement.sequence)


def _newest(judged: Iterable[Judgement]) -> list[Judgement]:
    """As many as fit into a message of the bus beside all else, oldest left out first."""
    kept: list[Judgement] = []
    total = 0
    for judgement in reversed(list(judged)):
        total += len(orjson.dumps(judgement.model_dump(mode="json")))
        if total > MAX_JUDGEMENT_BYTES:
            break
        kept.append(judgement)
    return kept[::-1]


def _judgement(
    sequence: int, severity: str, reason: str, found: str, expected: str, problems: list[dict[str, str]]
) -> Judgement:
    return Judgement(
        sequence=sequence, severity=severity, reason=reason, found=found, expected=expected, problems=problems
    )
