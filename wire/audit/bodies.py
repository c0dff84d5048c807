"""Bodies and exclusions: what the hub left out of the view is judged again, and every absent body wants a reason."""

from collections.abc import Callable
from typing import Any, Final

import orjson

from wire.audit.entries import ABSENT, ALTERED, PRESENT, Entry
from wire.audit.orders import Orders
from wire.audit.report import Findings, Report
from wire.encoding import b64url
from wire.erasure import Order, read_action, read_order
from wire.reasons import EXPLANATIONS
from wire.registry import REGISTRY

EXCLUDED: Final = "liaison.body.excluded"
_FOR_THE_VIEW: Final = frozenset(str(reason) for reason, told in EXPLANATIONS.items() if told.step >= 8)
_PUBLIC: Final = "TLP:CLEAR"
MOST_WAITING: Final = 100_000  # absent bodies that may still be explained; beyond that they are only counted


class Bodies:
    """Waits for the hub's exclusions and for orders of erasure; what none of them explains is found at the end."""

    def __init__(self, report: Report, orders: Orders, again: Callable[[int], Entry]) -> None:
        """`again` reads and judges one earlier entry anew, by itself; `orders` were judged in their place."""
        self._report = report
        self._findings: Findings = report.findings
        self._orders = orders
        self._again = again
        self._invalid: dict[int, tuple[str, str]] = {}  # index: organization, reason; not yet left out by the hub
        self._absent: dict[str, tuple[int, str]] = {}  # statement hash: index, organization
        self._ordered: dict[str, str] = {}  # statement hash: organization; of orders that stand before it
        self._uncounted = 0

    def take(self, entry: Entry) -> None:
        """Judge the body of an entry that stands rightly in the log."""
        said = entry.examined.said
        if said is None or not entry.deep:
            return
        if entry.presence == PRESENT:
            self._report.done["bodies"] += 1
            self._report.done["exclusions"] += 1
            if entry.examined.exclusion is not None:
                self._invalid[entry.index] = (said.organization, str(entry.examined.exclusion.reason))
            return
        if entry.presence == ALTERED:
            self._report.done["bodies"] += 1
            self._findings.add(
                "body-altered", "bytes of another hash", f"a body with SHA-256 {b64url(said.datahash)}",
                index=entry.index, organization=said.organization,
            )  # fmt: skip
            return
        self._report.told["bodies not read"] += 1
        if self._ordered.get(b64url(entry.examined.hash)) == said.organization:
            self._report.told["bodies erased by order"] += 1
        elif entry.presence == ABSENT and said.marking == _PUBLIC:
            if len(self._absent) < MOST_WAITING:
                self._absent[b64url(entry.examined.hash)] = (entry.index, said.organization)
            else:
                self._uncounted += 1

    def exclusion(self, entry: Entry) -> int | None:
        """Judge the hub's statement that an entry is left out; gives that entry's index if it says one."""
        members = _members(entry.body)
        index, reason = members.get("index"), members.get("reason")
        if (
            not isinstance(index, int)
            or isinstance(index, bool)
            or not isinstance(reason, str)
            or not 0 <= index < entry.index
            or reason not in _FOR_THE_VIEW
        ):
            self._findings.add(
                "exclusion-malformed", f"index {str(index)[:40]}, reason {str(reason)[:60]!r}",
                "an index before its own, and a reason of steps 8 to 10", index=entry.index,
            )  # fmt: skip
            return None
        waiting = self._invalid.pop(index, None)
        if waiting is None:
            self._left_out(entry, index, reason)
        elif waiting[1] != reason:
            self._findings.add(
                "exclusion-differs", str(reason), waiting[1], index=index, organization=waiting[0],
                stated_at=entry.index,
            )  # fmt: skip
        return index

    def _left_out(self, entry: Entry, index: int, reason: str) -> None:
        earlier = self._again(index)
        said = earlier.examined.said
        if said is None:
            return  # that it has no possible form was found at its own index
        if earlier.presence == PRESENT and entry.deep:
            if earlier.examined.exclusion is None and index not in self._orders.without_effect:
                self._findings.add(
                    "excluded-valid", f"left out as {reason} by entry {entry.index}", "no fault in its body",
                    index=index, organization=said.organization, stated_at=entry.index,
                )  # fmt: skip
            return
        self._absent.pop(b64url(earlier.examined.hash), None)
        self._report.told["exclusions of bodies not read"] += 1

    def erasure(self, entry: Entry, *, again: bool = False) -> None:
        """Note an order of erasure that has effect: it explains why bodies of the organization concerned are absent.

        `again`: it was logged in a log before this one, and what it names comes behind it here.
        """
        order = _order_in(entry)
        if again and order is not None:
            self._ordered |= dict.fromkeys(map(b64url, order.statements), order.organization)
        for digest in map(b64url, order.statements if order is not None else ()):
            if order is not None and self._absent.get(digest, (0, ""))[1] == order.organization:
                del self._absent[digest]
                self._report.told["bodies erased by order"] += 1

    def was_ordered(self, statement: bytes) -> bool:
        """Whether an order in a log before this one names a statement."""
        return b64url(statement) in self._ordered

    def end(self) -> None:
        """Find what nothing has explained."""
        for index, (organization, reason) in sorted(self._invalid.items()):
            self._findings.add(
                "shown-invalid", "no exclusion", f"left out as {reason}", index=index, organization=organization
            )
        for index, organization in sorted(self._absent.values()):
            self._findings.add(
                "body-absent", "no body", "the body, or an order of erasure", index=index, organization=organization
            )
        if self._uncounted:
            self._report.told["absent bodies beyond those looked into"] = self._uncounted

    def save(self) -> dict[str, Any]:
        """Give what a later audit goes on with."""
        return {"invalid": {str(index): list(each) for index, each in self._invalid.items()},
                "absent": {digest: list(each) for digest, each in self._absent.items()},
                "ordered": self._ordered}  # fmt: skip

    def restore(self, kept: dict[str, Any]) -> None:
        """Take it up again."""
        self._invalid = {int(index): (str(each[0]), str(each[1])) for index, each in kept["invalid"].items()}
        self._ordered = {str(digest): str(org) for digest, org in kept["ordered"].items()}
        self._absent = {str(digest): (int(each[0]), str(each[1])) for digest, each in kept["absent"].items()}


def _members(body: bytes | None) -> dict[str, Any]:
    if body is None:
        return {}
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return value if isinstance(value, dict) else {}


def _order_in(entry: Entry) -> Order | None:
    """Read an order without fault; the roots' is inside an action, which has been verified."""
    said, body = entry.examined.said, entry.body
    if said is None or body is None:
        return None
    if said.organization == REGISTRY:
        return read_action(body)
    return read_order(said.organization, body)
