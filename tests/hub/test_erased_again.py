"""Applied anew, an erasure changes nothing more; and every proof is still valid after it."""

import hashlib

from sqlalchemy import select

from hub import tables
from hub.erased_again import apply_again
from hub.erased_list import ErasedList
from hub.log_checks import check_bundle
from hub.tree import tree_in
from schemas.statement import parse_statement
from tests.hub.batches import everything, restarted
from tests.hub.erasing import order, say
from tests.hub.published import Published
from tests.signed_network import TRUST, need
from wire import jws
from wire.encoding import from_b64url
from wire.merkle import (
    Frontier,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    verify_consistency,
    verify_inclusion,
)
from wire.tidying import is_untidy


def test_a_second_time_changes_nothing(network: Published) -> None:
    order(network, say(network))
    assert network.writer.tidy()
    before = everything(network.engine)
    for _ in range(2):
        with network.engine.begin() as connection:
            apply_again(connection, ErasedList())
    assert not is_untidy(network.engine), "nothing was destroyed again"
    restarted(network.engine)
    assert everything(network.engine) == before


def test_every_proof_stays_valid(network: Published) -> None:
    first = say(network)
    for number in range(5):
        say(network, f"x{number}", record=need(f"Need {number}"))
    second = say(network, action="revised")
    old, old_root = network.writer.state.size, network.writer.state.tree.root()
    order(network, first, second)
    size = network.writer.state.size
    log, bodies = tables.log.c, tables.bodies
    with network.engine.begin() as connection:
        query = select(log.index, log.token, bodies.c.body).outerjoin(bodies, bodies.c.index == log.index)
        rows = [(index, bytes(token), body) for index, token, body in connection.execute(query.order_by(log.index))]
        assert [token for _, token, _ in rows] == check_bundle(connection, 0, size)
        tree = Frontier()
        for _, token, _ in rows:
            tree.append(leaf_hash(token))
        assert tree.root() == network.writer.state.tree.root()
        subtree = tree_in(connection, size)
        assert verify_consistency(old, size, old_root, tree.root(), consistency_proof(old, size, subtree))
        for index, token, _ in rows:
            path = inclusion_proof(index, size, subtree)
            assert verify_inclusion(leaf_hash(token), index, size, path, tree.root())
    assert [body for _, token, body in rows if _digest(token) in (first.hash, second.hash)] == [None, None]
    _check_chains([token for _, token, _ in rows], network)


def _digest(token: bytes) -> bytes:
    return hashlib.sha256(jws.take_apart(token, jws.EVENT).payload).digest()


def _check_chains(tokens: list[bytes], network: Published) -> None:
    """Every statement is signed, and names the one before it in its chain."""
    members = network.writer.state.registry.members
    heads = {name: member.admitted_by for name, member in members.items()} | {"registry": TRUST.digest}
    for token in tokens:
        parts = jws.take_apart(token, jws.EVENT)
        said = parse_statement(parts.payload)
        assert network.writer.state.registry.keys[parts.kid].verify(parts.signature, parts.signed)
        assert from_b64url(said.previous) == heads[said.organization]
        heads[said.organization] = _digest(token)
