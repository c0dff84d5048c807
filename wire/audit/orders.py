"""Orders to erase and confirmations of them, judged again from the log alone: which may have effect, and which not.

The rules are those of `wire.erasure`, which the hub runs too; here is what they need to know of the log so far.
"""

from collections.abc import Iterator
from typing import Any

from schemas.problems import Problem
from wire.audit.entries import Entry
from wire.encoding import b64url, from_b64url
from wire.erasure import DONE, ORDERED, Order, confirmation_fault, naming_fault, read_action, read_done, read_order
from wire.examine import Exclusion
from wire.merkle import HASH_SIZE
from wire.reasons import Reason


class Orders:
    """Keeps the hashes of each record's statements: an order may name only those that stand before it.

    `without_effect` are the indices of orders and confirmations that the hub had to leave out.
    """

    def __init__(self) -> None:
        self._said: dict[str, bytes | set[bytes]] = {}  # kind/org/id: most records have one statement
        self._effective: dict[bytes, int] = {}  # hash of an order's statement: its index
        self.without_effect = set[int]()

    def note(self, entry: Entry) -> None:
        """Note a statement about a record, whether it is in the view or not."""
        said, digest = entry.examined.said, entry.examined.hash
        assert said is not None  # noqa: S101 - only what stands rightly in the log is noted
        address = f"{said.kind}/{said.organization}/{said.record_id}"
        known = self._said.setdefault(address, digest)
        if isinstance(known, set):
            known.add(digest)
        elif known != digest:
            self._said[address] = {known, digest}

    def judge(self, entry: Entry, *, former: bool) -> Exclusion | None:
        """Say why the hub must leave out an organization's order or confirmation that has no fault in itself.

        None if it must not, or if the statement is neither. `former`: it was made in a log before this one.
        """
        said, body = entry.examined.said, entry.body
        if said is None or body is None or said.type not in (ORDERED, DONE):
            return None
        if said.type == ORDERED:
            fault = self._order(entry, read_order(said.organization, body))
        else:
            order = read_done(body)
            fault = confirmation_fault(order, said.record_id, self._effective.get(order), former=former)
        if fault is None:
            return None
        self.without_effect.add(entry.index)
        return Exclusion(Reason.SCHEMA_INVALID, (fault,))

    def of_roots(self, entry: Entry) -> Problem | None:
        """Judge an order of the roots, whose action has been verified: what is wrong with it, None if nothing is."""
        order = None if entry.body is None else read_action(entry.body)
        return None if order is None else self._order(entry, order)

    def _order(self, entry: Entry, order: Order) -> Problem | None:
        """From then on it can be confirmed, if it is right."""
        fault = naming_fault(order, dict(self._named(order)))
        if fault is None:
            self._effective[entry.examined.hash] = entry.index
        return fault

    def effective_at(self, index: int) -> bytes | None:
        """Give the hash of the order at an index that has effect; None if there is none."""
        return next((digest for digest, at in self._effective.items() if at == index), None)

    def save(self) -> dict[str, Any]:
        """Give what a later audit goes on with."""
        return {
            "said": {address: b64url(b"".join(sorted(_hashes(known)))) for address, known in self._said.items()},
            "effective": {b64url(digest): index for digest, index in self._effective.items()},
            "without_effect": sorted(self.without_effect),
        }

    def restore(self, kept: dict[str, Any]) -> None:
        """Take it up again; ValueError for what cannot be."""
        for address, joined in kept["said"].items():
            data = from_b64url(joined)
            hashes = {data[at : at + HASH_SIZE] for at in range(0, len(data), HASH_SIZE)}
            if any(len(each) != HASH_SIZE for each in hashes):
                raise ValueError(f"the statements of {address} are no hashes")
            self._said[str(address)] = hashes if len(hashes) > 1 else data
        self._effective = {from_b64url(digest, size=HASH_SIZE): int(i) for digest, i in kept["effective"].items()}
        self.without_effect = {int(index) for index in kept["without_effect"]}

    def _named(self, order: Order) -> Iterator[tuple[bytes, str]]:
        """Give what stands in the log of the statements that an order names: each one's hash and subject."""
        if order.record is not None:
            yield from self._of_record(order, order.record)
            return
        for address in self._said:  # the roots' order may be about any record of the organization
            if address.split("/")[1] == order.organization:
                yield from self._of_record(order, address)

    def _of_record(self, order: Order, address: str) -> Iterator[tuple[bytes, str]]:
        known = _hashes(self._said.get(address, set()))
        yield from ((digest, address) for digest in order.statements if digest in known)


def _hashes(known: bytes | set[bytes]) -> set[bytes]:
    return known if isinstance(known, set) else {known}
