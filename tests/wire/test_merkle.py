"""The Merkle tree: RFC 6962's own words as a model, every proof of every small tree, and nothing else accepted."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.shared_files import SHARED, needs_shared
from wire.merkle import (
    EMPTY_ROOT,
    MAX_PROOF,
    Frontier,
    consistency_proof,
    frontier,
    inclusion_proof,
    leaf_hash,
    node_hash,
    perfect_root,
    tree_root,
    verify_consistency,
    verify_inclusion,
)

MOST = 70
LEAVES = [leaf_hash(str(number).encode()) for number in range(1_200)]


def split(size: int) -> int:
    """The largest power of two below `size`, counted up."""
    power = 1
    while power * 2 < size:
        power *= 2
    return power


@cache
def root_of(start: int, end: int) -> bytes:
    """MTH of RFC 6962, 2.1, as it is written there."""
    if start == end:
        return hashlib.sha256(b"").digest()
    if end - start == 1:
        return LEAVES[start]
    middle = start + split(end - start)
    return hashlib.sha256(b"\x01" + root_of(start, middle) + root_of(middle, end)).digest()


def path_of(index: int, start: int, end: int) -> list[bytes]:
    """PATH of RFC 6962, 2.1.1."""
    if end - start == 1:
        return []
    middle = start + split(end - start)
    if index < middle:
        return [*path_of(index, start, middle), root_of(middle, end)]
    return [*path_of(index, middle, end), root_of(start, middle)]


def subproof(old: int, start: int, end: int, whole: bool) -> list[bytes]:
    """SUBPROOF of RFC 6962, 2.1.2; `old` is an absolute place."""
    if old == end:
        return [] if whole else [root_of(start, end)]
    middle = start + split(end - start)
    if old <= middle:
        return [*subproof(old, start, middle, whole), root_of(middle, end)]
    return [*subproof(old, middle, end, False), root_of(start, middle)]


def subtree(level: int, number: int) -> bytes:
    return root_of(number << level, number + 1 << level)


def damaged(hashes: Sequence[bytes]) -> Iterator[list[bytes]]:
    """The same proof with a bit changed in any hash, one left out, one twice, two exchanged, one cut short or more."""
    for place, found in enumerate(hashes):
        flipped = bytes([found[0] ^ 1]) + found[1:]
        yield [*hashes[:place], flipped, *hashes[place + 1 :]]
        yield [*hashes[:place], *hashes[place + 1 :]]
        yield [*hashes[:place], found, *hashes[place:]]
        yield [*hashes[:place], found[:-1], *hashes[place + 1 :]]
        yield [*hashes[:place], found + b"\x00", *hashes[place + 1 :]]
    for place, (one, two) in enumerate(pairwise(hashes)):
        yield [*hashes[:place], two, one, *hashes[place + 2 :]]
    yield [*hashes, EMPTY_ROOT]
    yield [EMPTY_ROOT, *hashes]


@pytest.mark.parametrize("power", range(11))
def test_the_root_of_a_perfect_tree_is_that_of_the_rfc(power: int) -> None:
    assert perfect_root(LEAVES[: 1 << power]) == root_of(0, 1 << power)


@pytest.mark.parametrize("size", [0, 3, 6, 1023])
def test_a_perfect_tree_of_another_number_of_leaves_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match=f"{size} leaves"):
        perfect_root(LEAVES[:size])


@pytest.mark.parametrize("size", range(MOST + 1))
def test_root_and_frontier_of_every_small_tree_are_those_of_the_rfc(size: int) -> None:
    growing = Frontier()
    for leaf in LEAVES[:size]:
        growing.append(leaf)
    read = frontier(size, subtree)
    assert growing.root() == read.root() == tree_root(size, subtree) == root_of(0, size)
    assert growing.roots == read.roots
    assert Frontier(size, growing.roots).root() == root_of(0, size)


@pytest.mark.parametrize("size", range(1, MOST + 1))
def test_every_inclusion_proof_of_every_small_tree_is_that_of_the_rfc_and_verifies(size: int) -> None:
    root = root_of(0, size)
    for index in range(size):
        proof = inclusion_proof(index, size, subtree)
        assert proof == path_of(index, 0, size)
        assert verify_inclusion(LEAVES[index], index, size, proof, root)


@pytest.mark.parametrize("new", range(MOST + 1))
def test_every_consistency_proof_of_every_small_tree_is_that_of_the_rfc_and_verifies(new: int) -> None:
    for old in range(new + 1):
        proof = consistency_proof(old, new, subtree)
        assert proof == ([] if old == 0 else subproof(old, 0, new, True))
        assert verify_consistency(old, new, root_of(0, old), root_of(0, new), proof)


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 7, 8, 9, 16, 21, 33, 64, 65])
def test_no_other_inclusion_proof_leaf_index_size_or_root_is_accepted(size: int) -> None:
    root = root_of(0, size)
    for index in range(size):
        proof = path_of(index, 0, size)
        for other in damaged(proof):
            assert not verify_inclusion(LEAVES[index], index, size, other, root)
        assert not verify_inclusion(LEAVES[index + 1], index, size, proof, root)
        assert not verify_inclusion(LEAVES[index], index, size, proof, root_of(0, size + 1))
        for wrong in {-1, *range(size + 2)} - {index}:
            assert not verify_inclusion(LEAVES[index], wrong, size, proof, root)


def test_a_size_under_which_a_proof_of_another_size_verifies_has_the_same_path() -> None:
    """The path does not say the size: the checkpoint does, under a signature; what must fit is the path's shape."""
    for size in range(1, 40):
        for index in range(size):
            proof, root = path_of(index, 0, size), root_of(0, size)
            for other in range(1, 80):
                if verify_inclusion(LEAVES[index], index, other, proof, root):
                    sides = [_sides(index, each) for each in (size, other)]
                    assert sides[0] == sides[1]


def _sides(index: int, size: int) -> list[bool]:
    """On which side the sibling is, from the leaf up."""
    start, end, found = 0, size, []
    while end - start > 1:
        middle = start + split(end - start)
        found.append(index < middle)
        start, end = (start, middle) if index < middle else (middle, end)
    return found[::-1]


@pytest.mark.parametrize("new", [1, 2, 3, 4, 6, 7, 8, 9, 16, 17, 33])
def test_no_other_consistency_proof_or_root_is_accepted(new: int) -> None:
    for old in range(new + 1):
        proof, roots = consistency_proof(old, new, subtree), (root_of(0, old), root_of(0, new))
        for other in damaged(proof):
            assert not verify_consistency(old, new, *roots, other)
        assert not verify_consistency(old, new, roots[0], root_of(0, new + 1), proof) or old == 0
        assert not verify_consistency(old, new, root_of(0, old + 1), roots[1], proof)
        for wrong in set(range(1, new + 1)) - {old}:
            assert not verify_consistency(wrong, new, *roots, proof)


def test_what_is_consistent_with_nothing_has_the_root_of_nothing() -> None:
    assert verify_consistency(0, 0, EMPTY_ROOT, EMPTY_ROOT, [])
    assert verify_consistency(0, 5, EMPTY_ROOT, root_of(0, 5), [])
    assert not verify_consistency(0, 5, root_of(0, 1), root_of(0, 5), [])
    assert not verify_consistency(0, 0, EMPTY_ROOT, root_of(0, 1), [])
    assert not verify_consistency(0, 0, root_of(0, 1), root_of(0, 1), [])
    assert not verify_consistency(0, 5, EMPTY_ROOT, root_of(0, 5), [root_of(0, 5)])


def test_two_trees_of_one_size_are_consistent_only_with_one_root_and_no_proof() -> None:
    root = root_of(0, 6)
    assert verify_consistency(6, 6, root, root, [])
    assert not verify_consistency(6, 6, root, root_of(0, 5), [])
    assert not verify_consistency(6, 6, root, root, [root])


@pytest.mark.parametrize("power", [1, 2, 4, 8, 16, 32, 64])
def test_a_power_of_two_is_not_consistent_with_more_without_a_proof(power: int) -> None:
    assert not verify_consistency(power, power + 1, root_of(0, power), root_of(0, power), [])
    assert not verify_consistency(power, 2 * power, root_of(0, power), root_of(0, power), [])


def test_a_tree_that_shrinks_is_never_consistent() -> None:
    assert not verify_consistency(6, 5, root_of(0, 6), root_of(0, 5), consistency_proof(5, 6, subtree))
    assert not verify_consistency(-1, 5, EMPTY_ROOT, root_of(0, 5), [])


def test_a_proof_of_more_hashes_than_a_tree_can_have_is_refused_before_it_is_hashed() -> None:
    endless = [EMPTY_ROOT] * (MAX_PROOF + 1)
    assert not verify_inclusion(LEAVES[0], 0, 2**70, endless, EMPTY_ROOT)
    assert not verify_consistency(1, 2**70, LEAVES[0], EMPTY_ROOT, endless)


def test_a_leaf_or_root_of_another_length_is_refused() -> None:
    assert not verify_inclusion(b"", 0, 1, [], b"")
    assert not verify_consistency(1, 1, b"", b"", [])


def test_a_leaf_is_never_taken_for_a_node_nor_a_node_for_a_leaf() -> None:
    """Second preimages: an entry that reads like two hashes has another hash than the node over them."""
    two = LEAVES[0] + LEAVES[1]
    assert leaf_hash(two) != node_hash(LEAVES[0], LEAVES[1]) == root_of(0, 2)
    assert not verify_inclusion(leaf_hash(two), 0, 1, [], root_of(0, 2))


@pytest.mark.parametrize(("index", "size"), [(0, 0), (-1, 4), (4, 4), (5, 4)])
def test_there_is_no_proof_for_a_leaf_that_is_not_there(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="no leaf"):
        inclusion_proof(index, size, subtree)


@pytest.mark.parametrize(("old", "new"), [(5, 4), (-1, 4), (1, 0)])
def test_there_is_no_consistency_proof_backwards(old: int, new: int) -> None:
    with pytest.raises(ValueError, match="cannot have grown"):
        consistency_proof(old, new, subtree)


@pytest.mark.parametrize(("size", "roots"), [(-1, []), (1, []), (0, [EMPTY_ROOT]), (3, [EMPTY_ROOT]), (1, [b"x"])])
def test_a_frontier_that_does_not_fit_its_size_is_refused(size: int, roots: list[bytes]) -> None:
    with pytest.raises(ValueError, match="perfect subtrees"):
        Frontier(size, roots)


def test_a_tree_of_fewer_leaves_than_none_is_refused() -> None:
    with pytest.raises(ValueError, match="perfect subtrees"):
        tree_root(-1, subtree)


def test_a_copy_of_a_frontier_grows_alone() -> None:
    one = frontier(5, subtree)
    other = one.copy()
    other.append(LEAVES[5])
    assert (one.size, one.root()) == (5, root_of(0, 5))
    assert (other.size, other.root()) == (6, root_of(0, 6))


@given(st.data())
def test_proofs_of_larger_trees_verify_and_bind_leaf_and_place(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, len(LEAVES)))
    index, other = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size - 1))
    proof = inclusion_proof(index, size, subtree)
    assert verify_inclusion(LEAVES[index], index, size, proof, root_of(0, size))
    assert verify_inclusion(LEAVES[other], other, size, proof, root_of(0, size)) == (other == index)
    old = data.draw(st.integers(0, size))
    steps = consistency_proof(old, size, subtree)
    assert verify_consistency(old, size, root_of(0, old), root_of(0, size), steps)


@given(st.integers(0, 2**63), st.integers(0, 2**63), st.lists(st.binary(min_size=32, max_size=32), max_size=80))
def test_invented_proofs_are_refused_whatever_the_sizes(one: int, two: int, proof: list[bytes]) -> None:
    assert not verify_inclusion(LEAVES[0], one, two, proof, LEAVES[1])
    assert not verify_consistency(one, two, LEAVES[0], LEAVES[1], proof)


def vectors() -> Any:
    return json.loads((SHARED / "vectors" / "extracted" / "rfc6962_roots.json").read_text())


@needs_shared
def test_roots_and_node_hashes_are_those_of_the_published_vectors() -> None:
    found = vectors()
    leaves = [leaf_hash(bytes.fromhex(entry)) for entry in found["leaf_inputs_hex"]]
    tree = Frontier()
    assert tree.root().hex() == found["root_by_size_hex"][0]
    for leaf, root in zip(leaves, found["root_by_size_hex"][1:], strict=True):
        tree.append(leaf)
        assert tree.root().hex() == root
    levels = [leaves]
    while len(levels[-1]) > 1:
        below = levels[-1]
        levels.append([node_hash(below[place], below[place + 1]) for place in range(0, len(below), 2)])
    assert [node.hex() for level in levels for node in level] == found["node_hashes_hex_by_level_flat"]
    for size, root in enumerate(found["root_by_size_hex"]):
        for index in range(size):
            proof = inclusion_proof(index, size, lambda level, number: levels[level][number])
            assert verify_inclusion(leaves[index], index, size, proof, bytes.fromhex(root))
