"""Puts evidence together from a log of tests, as a hub does, and as a hub that lies would."""

from collections.abc import Iterable

from tests.wire.audited_log import AuditedLog
from wire.evidence import Evidence, PathStatement
from wire.merkle import inclusion_proof
from wire.tiles import TileHashes
from wire.tlog_proof import make_proof


def evidence_from(
    log: AuditedLog, index: int, *, size: int | None = None, absent: str = "", registry: Iterable[int] | None = None
) -> Evidence:
    """Evidence of an entry under a checkpoint (the newest unless told), with these registry statements (all)."""
    size = max(log.notes) if size is None else size
    subtree = TileHashes(size, log.tile).subtree
    chosen = log.key_statements(index) if registry is None else registry
    path = tuple(
        PathStatement(each, log.entries[each], log.body_of(each), tuple(inclusion_proof(each, size, subtree)))
        for each in chosen
        if each < size
    )
    proof = make_proof(index, inclusion_proof(index, size, subtree), log.notes[size])
    return Evidence(log.entries[index], None if absent else log.body_of(index), absent, proof, path)
