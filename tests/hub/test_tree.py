"""The log's tree in the database: tiles as the specification cuts them, whole after every commit, checked at start."""

import pytest
from sqlalchemy import Engine, delete, select, update

from hub import tables
from hub.log_checks import LogDamaged
from hub.tree import Tree, fill_tiles, load_tree, read_tile, tree_in
from hub.writer import Writer
from tests.hub.batches import restarted
from tests.hub.published import Published
from tests.signed_network import HUB_KEY
from wire.merkle import Frontier, consistency_proof, leaf_hash, tree_root, verify_consistency
from wire.tiles import BadTile, Tile, tiles_of


def tokens(engine: Engine) -> list[bytes]:
    with engine.connect() as connection:
        return [bytes(each) for each in connection.scalars(select(tables.log.c.token).order_by(tables.log.c.index))]


def expected_root(entries: list[bytes]) -> bytes:
    frontier = Frontier()
    for entry in entries:
        frontier.append(leaf_hash(entry))
    return frontier.root()


def test_the_tree_of_a_large_log_has_the_tiles_and_the_roots_that_a_plain_fold_gives() -> None:
    tree, frontier, kept, roots = Tree(), Frontier(), {}, {}
    for number in range(66_000):
        tree.append(b"%d" % number)
        frontier.append(leaf_hash(b"%d" % number))
        if number % 997 == 0 or number in (255, 256, 65_535, 65_536):
            roots[tree.size] = frontier.root()
            assert frontier.root() == tree.root()
            kept.update({(level, place): hashes for level, place, hashes in tree.take_changed()})
    kept.update({(level, place): hashes for level, place, hashes in tree.take_changed()})
    sizes = {(tile.level, tile.number): 32 * tile.width for tile in tiles_of(tree.size)}
    assert sizes == {place: len(hashes) for place, hashes in kept.items()}

    def read(level: int, number: int, width: int) -> bytes:
        return kept[level, number][: 32 * width]

    from wire.tiles import subtree_of

    for size, root in roots.items():
        assert tree_root(size, subtree_of(size, read)) == root
        proof = consistency_proof(size, tree.size, subtree_of(tree.size, read))
        assert verify_consistency(size, tree.size, root, tree.root(), proof)


def test_every_commit_leaves_the_tree_of_exactly_the_log(network: Published) -> None:
    for number in range(3):
        network.publish("need", id=f"n{number}")
        with network.engine.connect() as connection:
            size = network.writer.state.size
            assert expected_root(tokens(network.engine)) == tree_root(size, tree_in(connection, size))
            assert network.writer.state.tree.root() == load_tree(connection, size).root()


def test_a_commit_that_fails_leaves_the_tree_as_it_was(network: Published, monkeypatch: pytest.MonkeyPatch) -> None:
    network.publish("need")
    before = network.writer.state.tree.root()
    failed = []

    def fail(*_: object) -> None:
        failed.append(True)
        raise RuntimeError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(network.writer._store, "write_cursor", fail)
        with pytest.raises(RuntimeError, match="full"):
            network.writer.commit([], position=7)
    assert failed
    assert before == network.writer.state.tree.root()
    network.publish("need", id="n2")
    assert expected_root(tokens(network.engine)) == network.writer.state.tree.root()


def test_tiles_of_a_log_that_had_none_are_filled_in(network: Published) -> None:
    network.publish("need")
    root = network.writer.state.tree.root()
    with network.engine.begin() as connection:
        connection.execute(delete(tables.tiles))
        fill_tiles(connection)
    assert root == restarted(network.engine).state.tree.root()


def test_a_tile_that_is_too_short_is_named(network: Published) -> None:
    network.publish("need")
    with network.engine.connect() as connection, pytest.raises(BadTile, match="tile 0/0 has"):
        read_tile(connection, Tile(0, 0, 200))


def restart(network: Published) -> Writer:
    return restarted(network.engine)


def test_a_token_changed_in_the_database_stops_the_hub_with_the_evidence(network: Published) -> None:
    network.publish("need")
    network.publish("contact")
    network.publish("need", id="n2")
    with network.engine.begin() as connection:
        other = connection.scalar(select(tables.log.c.token).where(tables.log.c.index == 1))
        connection.execute(update(tables.log).where(tables.log.c.index == 2).values(token=other))
    with pytest.raises(LogDamaged, match="log entry 2 is not the one") as caught:
        restart(network)
    assert caught.value.evidence["index"] == 2
    assert b'"leaf_expected"' in caught.value.document()


def test_a_tree_changed_in_the_database_stops_the_hub(network: Published) -> None:
    network.publish("need")
    with network.engine.begin() as connection:
        hashes = bytearray(connection.scalar(select(tables.tiles.c.hashes)) or b"")
        hashes[0] ^= 1
        connection.execute(update(tables.tiles).values(hashes=bytes(hashes)))
    with pytest.raises(LogDamaged, match="log entry 0"):
        restart(network)


def test_a_tree_that_is_gone_stops_the_hub(network: Published) -> None:
    network.publish("need")
    with network.engine.begin() as connection:
        connection.execute(delete(tables.tiles))
    with pytest.raises(LogDamaged, match="not whole"):
        restart(network)


def test_the_hub_key_is_not_the_key_of_the_log(network: Published) -> None:
    from tests.signed_network import TRUST

    assert TRUST.log_key != HUB_KEY.public
    assert network.writer.state.registry.members["hub"].keys[0].key != TRUST.log_key
