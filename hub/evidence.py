"""Evidence put together from the hub's tables: an event, its proof, and how its keys follow from trust.json."""

import hashlib
from collections.abc import Sequence

from sqlalchemy import Connection, select

from hub import checkpoints, tables
from hub.addresses import has_address
from hub.body_tags import has_hash
from hub.checkpoints import Signed
from hub.log_proofs import NotCovered, proof_under
from hub.tree import tree_in
from schemas.statement import CONTROL
from wire.evidence import EXCLUDED, GONE, MARKING, Evidence, PathStatement
from wire.merkle import Subtree, inclusion_proof
from wire.registry import HUB, REGISTRY, Registry

_L, _B, _X, _O, _R = tables.log.c, tables.bodies.c, tables.exclusions.c, tables.organizations.c, tables.records.c


def evidence_of(
    connection: Connection,
    registry: Registry,
    organization: str,
    sequence: int,
    markings: Sequence[str],
    *,
    whole: bool,
) -> bytes | None:
    """Give the evidence of a statement, None if the log has none such; NotCovered before the first checkpoint on it.

    The body is in it if its marking is one of `markings`; that of an event left out of the view only if `whole`.
    """
    query = (
        select(_L.index.label("place"), _L.token, _L.marking, _B.body, _X.index.label("excluded"))
        .join(tables.organizations, _O.org == _L.org)
        .outerjoin(tables.bodies, _B.index == _L.index)
        .outerjoin(tables.exclusions, _X.index == _L.index)
        .where(_O.organization == organization, _L.sequence == sequence)
    )
    row = connection.execute(query).first()
    if row is None:
        return None
    signed = _covering(connection, row.place)
    subtree = tree_in(connection, signed.size)
    absent = GONE if row.body is None else ""
    if row.marking not in markings:
        absent = MARKING
    elif row.excluded is not None and not whole:
        absent = EXCLUDED
    path = tuple(
        PathStatement(place, token, body, _path(place, signed, subtree))
        for place, token, body in _key_statements(connection, registry, organization, signed.size)
    )
    shown = None if absent else bytes(row.body)
    proof = proof_under(connection, row.place, signed)
    return Evidence(bytes(row.token), shown, absent, proof, path).to_bytes()


def evidence_of_record(
    connection: Connection, registry: Registry, address: tuple[str, str, str], markings: Sequence[str], *, whole: bool
) -> bytes | None:
    """Give the evidence of a record's current statement; None if there is no such record to be seen."""
    query = (
        select(_L.sequence)
        .join(tables.records, _R.index == _L.index)
        .join(tables.organizations, _O.org == _R.org)
        .where(has_address(*address), _R.marking.in_(markings))
    )
    sequence = connection.scalar(query)
    if sequence is None:
        return None
    return evidence_of(connection, registry, address[1], sequence, markings, whole=whole)


def body_of(connection: Connection, datahash: bytes, markings: Sequence[str], *, whole: bool) -> bytes | None:
    """Give a body by its SHA-256; None if there is none, or none to be seen."""
    query = (
        select(_B.body, _L.marking, _X.index.label("excluded"))
        .join(tables.log, _L.index == _B.index)
        .outerjoin(tables.exclusions, _X.index == _B.index)
        .where(has_hash(connection, datahash), _L.marking.in_(markings))
    )
    for row in connection.execute(query):
        body = bytes(row.body)
        if hashlib.sha256(body).digest() == datahash and (whole or row.excluded is None):
            return body
    return None


def _covering(connection: Connection, index: int) -> Signed:
    found = checkpoints.first_covering(connection, index + 1) or checkpoints.newest(connection, quorum=False)
    if found is None or found.size <= index:
        raise NotCovered(f"no checkpoint covers entry {index} yet; ask again in a minute")
    return found


def _path(index: int, signed: Signed, subtree: Subtree) -> tuple[bytes, ...]:
    return tuple(inclusion_proof(index, signed.size, subtree))


def _key_statements(
    connection: Connection, registry: Registry, organization: str, size: int
) -> list[tuple[int, bytes, bytes]]:
    """Statements before `size` of the registry, and those with which the organization or the hub changed its key."""
    members = [registry.members[name] for name in {organization, HUB} if name in registry.members]
    # A rotation at index i begins a key at i + 1; what the roots began so is a statement of the registry anyway.
    began = [period.start - 1 for member in members for period in member.keys]
    query = (
        select(_L.index, _L.token, _B.body)
        .join(tables.organizations, _O.org == _L.org)
        .outerjoin(tables.bodies, _B.index == _L.index)
        .where(_L.index < size, _L.kind == CONTROL, (_O.organization == REGISTRY) | _L.index.in_(began))
        .order_by(_L.index)
    )
    return [(place, bytes(token), bytes(body or b"")) for place, token, body in connection.execute(query)]
