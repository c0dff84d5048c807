"""Proofs that an entry is in the log, under a checkpoint that witnesses have cosigned."""

from sqlalchemy import Connection

from hub import checkpoints
from hub.checkpoints import Signed
from hub.tree import tree_in
from wire.merkle import inclusion_proof
from wire.tlog_proof import TlogProof, make_proof


class NotCovered(ValueError):
    """No checkpoint with a quorum covers this entry yet."""


def proof_of(connection: Connection, index: int, *, first: bool = False) -> TlogProof:
    """Prove entry `index` under the newest checkpoint with a quorum, or the `first` one that covers it."""
    found = checkpoints.first_covering(connection, index + 1) if first else checkpoints.newest(connection, quorum=True)
    if found is None or found.size <= index:
        raise NotCovered(f"no checkpoint with a quorum covers entry {index} yet; ask again later")
    return proof_under(connection, index, found)


def proof_under(connection: Connection, index: int, signed: Signed) -> TlogProof:
    """Prove entry `index` under this checkpoint, which covers it."""
    path = inclusion_proof(index, signed.size, tree_in(connection, signed.size))
    return make_proof(index, path, signed.note)
