"""Tiles and bundles: one path for each tile, one width at each size, and a tree read back through them."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.shared_files import SHARED, needs_shared
from wire.merkle import EMPTY_ROOT, Frontier, inclusion_proof, leaf_hash, node_hash, tree_root, verify_inclusion
from wire.tiles import (
    MAX_ENTRY,
    MAX_NUMBER,
    WIDTH,
    BadTile,
    Tile,
    TileHashes,
    bundle,
    parse_bundle,
    parse_tile_path,
    perfect_root,
    subtree_of,
    tile_path,
    tiles_of,
    width_in,
)

SIZES = [0, 1, 2, 255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537, 70_000]
COUNTED = 1_500
LEAVES = [leaf_hash(str(number).encode()) for number in range(COUNTED)]


def plain_tiles(size: int) -> set[Tile]:
    """All tiles of a tree as the specification describes them: full ones, and the partial rest of each level."""
    found, level = set(), 0
    while size // 256**level:
        hashes = size // 256**level
        found |= {Tile(level, number, 256) for number in range(hashes // 256)}
        if hashes % 256:
            found.add(Tile(level, hashes // 256, hashes % 256))
        level += 1
    return found


def perfect(level: int, number: int) -> bytes:
    if level == 0:
        return LEAVES[number]
    return node_hash(perfect(level - 1, 2 * number), perfect(level - 1, 2 * number + 1))


def tiles_of_leaves(size: int) -> dict[Tile, bytes]:
    """Every tile of the first `size` leaves, by what the specification says is in it."""
    return {
        tile: b"".join(perfect(8 * tile.level, tile.number * 256 + place) for place in range(tile.width))
        for tile in plain_tiles(size)
    }


@pytest.mark.parametrize(
    ("number", "path"),
    [
        (0, "000"), (7, "007"), (999, "999"), (1000, "x001/000"), (1_234_067, "x001/x234/067"),
        (999_999, "x999/999"), (1_000_000, "x001/x000/000"), (MAX_NUMBER - 1, "x036/x028/x797/x018/x963/967"),
    ],
)  # fmt: skip
def test_a_tile_has_the_path_of_the_specification(number: int, path: str) -> None:
    assert tile_path(number) == path
    assert tile_path(number, 7) == f"{path}.p/7"
    assert parse_tile_path(path) == (number, 256)
    assert parse_tile_path(f"{path}.p/7") == (number, 7)


@given(st.integers(0, MAX_NUMBER - 1), st.integers(1, WIDTH))
def test_every_path_is_read_back(number: int, width: int) -> None:
    assert parse_tile_path(tile_path(number, width)) == (number, width)


@pytest.mark.parametrize(
    "path",
    [
        "", "0", "00", "0000", "x000", "x000/001", "x000/000", "x1/234", "x001/23", "x001/2345", "x001/x234", "001/234",
        "X001/234", "x001//234", "/001", "001/", "x001/234/", "-01", "+01", " 001", "001 ", "001\n", "٠٠١", "00１",
        "1e3", "0x1", "..", "../001", "x001/../002", "001.p", "001.p/", "001.p/0", "001.p/00", "001.p/07", "001.p/256",
        "001.p/257", "001.p/999", "001.p/1000", "001.p/-1", "001.p/+1", "001.p/1/", "001.p/1.p/1", "001.P/1", "001p/1",
        "001.p/1\n", "001%2ep/1", "x001/234.p/", "x036/x028/x797/x018/x963/968", "x999/" * 12 + "999",
        "x000/" * 40 + "000", "0" * 10_000, "x001/" * 100_000 + "000",
    ],
)  # fmt: skip
def test_any_other_spelling_of_a_path_is_refused(path: str) -> None:
    with pytest.raises(BadTile):
        parse_tile_path(path)


@given(st.text("x0123./pP ", max_size=20))
def test_whatever_is_accepted_as_a_path_is_how_that_path_is_written(path: str) -> None:
    try:
        number, width = parse_tile_path(path)
    except BadTile:
        return
    assert tile_path(number, width) == path


@pytest.mark.parametrize(("number", "width"), [(-1, 1), (0, 0), (0, -1), (0, 257), (MAX_NUMBER, 256)])
def test_there_is_no_path_for_a_tile_that_cannot_be(number: int, width: int) -> None:
    with pytest.raises(BadTile):
        tile_path(number, width)


@pytest.mark.parametrize("size", SIZES)
def test_the_tiles_of_a_tree_are_those_of_the_specification(size: int) -> None:
    found = list(tiles_of(size))
    assert len(found) == len(set(found))
    assert set(found) == plain_tiles(size)
    assert all(width_in(*tile[:2], size) == tile.width for tile in found)


@given(st.sampled_from(SIZES) | st.integers(0, 3_000), st.sampled_from(SIZES) | st.integers(0, 3_000))
def test_the_new_tiles_of_a_grown_tree_are_those_that_the_smaller_one_lacks(one: int, two: int) -> None:
    start, size = sorted((one, two))
    assert set(tiles_of(size, start)) == plain_tiles(size) - plain_tiles(start)


def test_a_tree_that_shrinks_has_no_new_tiles() -> None:
    for size, start in ((4, 5), (4, -1)):
        with pytest.raises(ValueError, match="cannot have grown"):
            list(tiles_of(size, start))


def test_the_largest_tree_has_tiles_at_eight_levels_and_ends() -> None:
    size = 2**63 - 1
    newest = list(tiles_of(size, size - 1))
    assert newest[0] == Tile(0, MAX_NUMBER - 1, 255)
    assert width_in(7, 0, size) == 127
    assert width_in(8, 0, size) == 0
    assert tile_path(newest[0].number, newest[0].width) == "x036/x028/x797/x018/x963/967.p/255"


@given(st.lists(st.binary(max_size=40), max_size=WIDTH))
def test_a_bundle_is_read_back(entries: list[bytes]) -> None:
    assert parse_bundle(bundle(entries), len(entries)) == entries


def test_an_entry_may_be_empty_or_as_long_as_its_length_can_say_and_no_longer() -> None:
    entries = [b"", b"x" * MAX_ENTRY]
    assert parse_bundle(bundle(entries), 2) == entries
    with pytest.raises(BadTile, match="at most 65535"):
        bundle([b"x" * (MAX_ENTRY + 1)])


def test_a_bundle_has_at_most_as_many_entries_as_a_tile_has_hashes() -> None:
    assert len(parse_bundle(bundle([b"a"] * WIDTH), WIDTH)) == WIDTH
    with pytest.raises(BadTile, match="at most 256"):
        bundle([b"a"] * (WIDTH + 1))


def test_a_truncated_or_lengthened_bundle_or_one_of_another_width_is_refused() -> None:
    data = bundle([b"one", b"", b"three"])
    for cut in range(len(data)):
        with pytest.raises(BadTile):
            parse_bundle(data[:cut], 3)
    for more in (b"\x00", b"\x00\x00", b"\x00\x01x", b"\xff\xff"):
        with pytest.raises(BadTile):
            parse_bundle(data + more, 3)
    for width in (0, 1, 2, 4, 256):
        with pytest.raises(BadTile):
            parse_bundle(data, width)


@given(st.binary(max_size=60), st.integers(0, 6))
def test_whatever_is_read_as_a_bundle_is_written_so(data: bytes, width: int) -> None:
    try:
        entries = parse_bundle(data, width)
    except BadTile:
        return
    assert len(entries) == width
    assert bundle(entries) == data


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 600, 1_024, 1_500])
def test_roots_and_proofs_are_read_from_tiles_alone(size: int) -> None:
    tiles, growing = tiles_of_leaves(size), Frontier()
    for leaf in LEAVES[:size]:
        growing.append(leaf)
    read = subtree_of(size, lambda level, number, width: tiles[Tile(level, number, width)])
    assert tree_root(size, read) == growing.root()
    for index in {0, size // 2, size - 1, min(255, size - 1), min(256, size - 1)}:
        proof = inclusion_proof(index, size, read)
        assert verify_inclusion(LEAVES[index], index, size, proof, growing.root())


def test_a_full_tile_serves_in_place_of_a_partial_one_and_is_read_once() -> None:
    """The specification lets a log delete a partial tile once the full one is there."""
    tiles, asked = tiles_of_leaves(512), []

    def read(level: int, number: int, width: int) -> bytes:
        asked.append((level, number, width))
        return tiles[Tile(level, number, 256 if level == 0 else 2)]

    hashes = TileHashes(300, read)
    small = Frontier()
    for leaf in LEAVES[:300]:
        small.append(leaf)
    assert tree_root(300, hashes.subtree) == tree_root(300, hashes.subtree) == small.root()
    assert sorted(asked) == sorted(set(asked))


@pytest.mark.parametrize("kept", [0, 1, 31, 32, 32 * 43, 32 * 44 - 1])
def test_a_tile_that_is_too_short_is_refused(kept: int) -> None:
    tiles = tiles_of_leaves(300)

    def read(level: int, number: int, width: int) -> bytes:
        tile = tiles[Tile(level, number, width)]
        return tile[:kept] if (level, number) == (0, 1) else tile

    with pytest.raises(BadTile, match="tile 0/1 is too short for a tree of 300"):
        tree_root(300, subtree_of(300, read))


@pytest.mark.parametrize(("level", "number"), [(0, 300), (0, 10**9), (8, 1), (9, 0), (64, 0), (0, -1), (-1, 0)])
def test_a_subtree_beyond_the_tree_is_refused_though_a_tile_might_have_it(level: int, number: int) -> None:
    with pytest.raises(BadTile, match="a tree of 300 leaves has no"):
        subtree_of(300, lambda _level, _number, _width: EMPTY_ROOT * 256)(level, number)


@pytest.mark.parametrize("count", [1, 2, 4, 128, 256])
def test_the_root_over_a_power_of_two_of_hashes_is_that_of_their_subtree(count: int) -> None:
    growing = Frontier()
    for leaf in LEAVES[:count]:
        growing.append(leaf)
    assert perfect_root(b"".join(LEAVES[:count])) == growing.root()


@pytest.mark.parametrize("size", [0, 1, 31, 33, 63, 3 * 32, 255 * 32, 256 * 32 + 1])
def test_what_is_no_power_of_two_of_hashes_has_no_root(size: int) -> None:
    with pytest.raises(BadTile, match="no power of two"):
        perfect_root(bytes(size))


def vectors() -> Any:
    return json.loads((SHARED / "vectors" / "extracted" / "tlog_tiles_layout.json").read_text())


@needs_shared
def test_paths_and_widths_are_those_of_the_published_examples() -> None:
    found = vectors()
    assert {number: tile_path(int(number)) for number in found["path"]} == found["path"]
    for name in ("size_70000", "size_256"):
        tiles = list(tiles_of(int(name.removeprefix("size_"))))
        expected = dict(found[name])
        for level in range(3):
            full = [tile for tile in tiles if tile.level == level and tile.width == WIDTH]
            partial = [tile.width for tile in tiles if tile.level == level and tile.width < WIDTH]
            assert len(full) == expected.pop(f"full_level{level}", 0)
            assert partial == [width for width in [expected.pop(f"partial_level{level}_width", 0)] if width]
        assert expected == {}
