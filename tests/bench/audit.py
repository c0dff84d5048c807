"""How fast `liaison audit` proves a whole log again, against raw verification on all cores in the same run."""

import os
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from tests.bench.limit import signed_parts, verifications_per_second
from tests.signed_network import TRUST, key_of
from tests.wire.audited_log import AuditedLog
from wire.audit.run import Audit, Wish
from wire.examine import Message
from wire.keys import SigningKey
from wire.log_source import DirectoryLog
from wire.merkle import Frontier, leaf_hash

EVENTS = 100_000
ORGANIZATIONS = tuple(f"org-{number:03d}" for number in range(50))
RECORDS = 400  # of each organization
CHECKPOINT_EVERY = 1_000
LIMIT_SAMPLE, LIMIT_ROUNDS = 2_000, 20


class _Log(AuditedLog):
    """Its root grows with it, where that of tests is computed anew so that they may change anything."""

    def root(self, size: int | None = None) -> bytes:
        tree = self.__dict__.setdefault("tree", Frontier())
        for entry in self.entries[tree.size :]:
            tree.append(leaf_hash(entry))
        return bytes(tree.root())


def measure_audit(events: int = EVENTS, workers: int | None = None) -> dict[str, object]:
    """Audit a log of so many events in a mirror directory: signatures, chains, bodies, seen, tiles, checkpoints."""
    log = _Log().begin(*ORGANIZATIONS)
    first = log.size
    for number in range(events):
        log.say(ORGANIZATIONS[number % len(ORGANIZATIONS)], id=f"n{number // len(ORGANIZATIONS) % RECORDS}")
        if number % CHECKPOINT_EVERY == CHECKPOINT_EVERY - 1:
            log.sign()
    log.sign()
    keys: dict[str, SigningKey] = {name: key_of(name) for name in ORGANIZATIONS}
    sample = range(first, min(log.size, first + LIMIT_SAMPLE))
    messages = [
        Message(ORGANIZATIONS[(at - first) % len(ORGANIZATIONS)], "need", log.entries[at], None) for at in sample
    ]
    parts = signed_parts(messages, keys)
    with tempfile.TemporaryDirectory(prefix="liaison-bench-") as folder, ProcessPoolExecutor(os.cpu_count()) as pool:
        source = DirectoryLog(log.write(Path(folder)))
        rounds = max(1, LIMIT_ROUNDS * len(parts) // LIMIT_SAMPLE)
        before = verifications_per_second(pool, parts, rounds)
        begun = time.perf_counter()
        report = Audit(source, TRUST, Wish(workers=workers), lambda _done, _total: None).run()
        seconds = time.perf_counter() - begun
        after = verifications_per_second(pool, parts, rounds)
    if report.findings.counts or report.told["signatures verified"] != log.size:
        raise SystemExit(f"the audit found something in an honest log, so the figures mean nothing:\n{report.text()}")
    rate, limit = log.size / seconds, (before + after) / 2
    print(f"audit {rate:,.0f}/s, limit {limit:,.0f}/s", file=sys.stderr, flush=True)
    return {
        "audit_entries_per_second": round(rate),
        "audit_over_verify_limit": round(rate / limit, 3),
        "audit_entries": log.size,
        "audit_seconds": round(seconds, 1),
    }
