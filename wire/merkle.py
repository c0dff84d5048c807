"""The Merkle tree of the log (RFC 6962, section 2.1): hashes, roots, inclusion and consistency proofs; no I/O.

A tree is read through a `Subtree`: a function from (level, number) to the hash of the perfect subtree of
2^level leaves that begins at leaf number · 2^level. Hashes are 32 raw bytes, sizes and indices count leaves.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence

HASH_SIZE = 32
EMPTY_ROOT = hashlib.sha256().digest()
MAX_PROOF = 63  # hashes, as in C2SP tlog-witness: enough for any tree of fewer than 2^62 leaves

Subtree = Callable[[int, int], bytes]


def leaf_hash(entry: bytes) -> bytes:
    """Hash of one log entry."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Frontier:
    """A growing tree reduced to the roots of its perfect subtrees, largest first: all that its root depends on."""

    __slots__ = ("_roots", "size")

    def __init__(self, size: int = 0, roots: Iterable[bytes] = ()) -> None:
        """ValueError unless there is one root of 32 bytes for each one-bit of `size`."""
        self.size = size
        self._roots = list(roots)
        if size < 0 or len(self._roots) != size.bit_count() or any(len(each) != HASH_SIZE for each in self._roots):
            raise ValueError(f"a tree of {size} leaves has {size.bit_count()} perfect subtrees of 32 bytes each")

    @property
    def roots(self) -> tuple[bytes, ...]:
        """The roots, to be kept and given to the constructor again."""
        return tuple(self._roots)

    def append(self, leaf: bytes) -> None:
        """Add a leaf by its hash."""
        size, node = self.size, leaf
        while size & 1:
            node = node_hash(self._roots.pop(), node)
            size >>= 1
        self._roots.append(node)
        self.size += 1

    def copy(self) -> "Frontier":
        """Give an independent copy."""
        return Frontier(self.size, self._roots)

    def root(self) -> bytes:
        """Root hash of the whole tree."""
        if not self._roots:
            return EMPTY_ROOT
        node = self._roots[-1]
        for left in reversed(self._roots[:-1]):
            node = node_hash(left, node)
        return node


def perfect_root(leaves: Sequence[bytes]) -> bytes:
    """Root hash of a perfect tree, all of whose leaf hashes are there; ValueError unless they are a power of two."""
    if len(leaves).bit_count() != 1:
        raise ValueError(f"{len(leaves)} leaves make no perfect tree")
    sha256, level = hashlib.sha256, leaves
    while len(level) > 1:
        level = [sha256(b"\x01" + level[at] + level[at + 1]).digest() for at in range(0, len(level), 2)]
    return level[0]


def tree_root(size: int, subtree: Subtree) -> bytes:
    """Root hash of the first `size` leaves."""
    return frontier(size, subtree).root()


def frontier(size: int, subtree: Subtree) -> Frontier:
    """Give the frontier of the first `size` leaves; ValueError for fewer than none."""
    roots, start = [], 0
    for level in range(size.bit_length() - 1, -1, -1) if size > 0 else ():
        if size >> level & 1:
            roots.append(subtree(level, start >> level))
            start += 1 << level
    return Frontier(size, roots)


def inclusion_proof(index: int, size: int, subtree: Subtree) -> list[bytes]:
    """Audit path of the leaf at `index` in the tree of `size` leaves, leaf's sibling first."""
    if not 0 <= index < size:
        raise ValueError(f"there is no leaf {index} in a tree of {size}")
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(_range_hash(middle, end, subtree))
            end = middle
        else:
            path.append(_range_hash(start, middle, subtree))
            start = middle
    return path[::-1]


def consistency_proof(old: int, new: int, subtree: Subtree) -> list[bytes]:
    """Proof that the tree of `old` leaves is the beginning of that of `new`; empty for 0 and for equal sizes."""
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {new} leaves cannot have grown from one of {old}")
    if old in (0, new):
        return []
    proof: list[bytes] = []
    start, end, whole = 0, new, True
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            proof.append(_range_hash(middle, end, subtree))
            end = middle
        else:
            proof.append(_range_hash(start, middle, subtree))
            start, whole = middle, False
    if not whole:
        proof.append(_range_hash(start, end, subtree))
    return proof[::-1]


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether the leaf hash stands at `index` in the tree of `size` leaves with this root (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size or not _well_formed([leaf, root, *proof]):
        return False
    position, last, node = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if position & 1 or position == last:
            node = node_hash(sibling, node)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and node == root


def verify_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the tree of `old` leaves is the beginning of that of `new` (RFC 9162, 2.1.4.2)."""
    if not 0 <= old <= new or not _well_formed([old_root, new_root, *proof]):
        return False
    if old == new:
        return not proof and old_root == new_root and (old > 0 or old_root == EMPTY_ROOT)
    if old == 0:
        return not proof and old_root == EMPTY_ROOT
    hashes = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    if not hashes:
        return False
    position, last = old - 1, new - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    before = after = hashes[0]
    for node in hashes[1:]:
        if last == 0:
            return False
        if position & 1 or position == last:
            before, after = node_hash(node, before), node_hash(node, after)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            after = node_hash(after, node)
        position, last = position >> 1, last >> 1
    return last == 0 and before == old_root and after == new_root


def _range_hash(start: int, end: int, subtree: Subtree) -> bytes:
    """Hash over the leaves from `start` to before `end`, where `start` is aligned to the size of the range."""
    parts = []
    while start < end:
        level = (end - start).bit_length() - 1
        parts.append(subtree(level, start >> level))
        start += 1 << level
    node = parts[-1]
    for left in reversed(parts[:-1]):
        node = node_hash(left, node)
    return node


def _split(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << (size - 1).bit_length() - 1


def _well_formed(hashes: Sequence[bytes]) -> bool:
    return len(hashes) <= MAX_PROOF + 2 and all(len(each) == HASH_SIZE for each in hashes)
