"""What one organization's edits come to if nothing ever goes wrong: dictionaries, and the rules of editing."""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from node.edit import Change, Confirm, Put, Withdraw


@dataclass
class Known:
    """A record as its author sees it (`state`), and what everybody else should see of it once all is through."""

    state: str
    local: tuple[str, Any] | None = None
    said: dict[str, Any] | None = None


@dataclass
class Model:
    """One organization: what its edits come to if nothing ever went wrong."""

    sequence: int = 0
    records: dict[tuple[str, str], Known] = field(default_factory=dict)

    def edit(self, edits: Sequence[Change]) -> bool:
        """Make all changes or none; tells whether they were made."""
        before = deepcopy(self.records), self.sequence
        if all(self._put(each) if isinstance(each, Put) else self._end_or_confirm(each) for each in edits):
            return True
        self.records, self.sequence = before
        return False

    def _put(self, change: Put) -> bool:
        entry = change.entry
        known = self.records.setdefault((entry.kind, str(entry.id)), Known("new"))
        new = (entry.marking, entry.record)
        same = known.local if known.state == "local" else known.said and (known.said["marking"], known.said["record"])
        if known.state in ("current", "local") and same == new:
            return True
        if entry.marking != "TLP:RED":
            self._say(known, status="current", marking=entry.marking, record=entry.record, reason=None)
            return True
        if known.state == "current":
            return False  # what was given to the network cannot be taken back
        known.state, known.local = "local", new
        return True

    def _end_or_confirm(self, change: Withdraw | Confirm) -> bool:
        known = self.records.get((change.kind, change.id))
        if known is not None and known.state == "current":
            end = {"status": "withdrawn", "reason": change.reason} if isinstance(change, Withdraw) else {}
            self._say(known, **end)
            return True
        if known is None or known.state != "local" or isinstance(change, Confirm):
            return False
        known.state, known.local = "withdrawn" if known.said else "new", None
        return True

    def _say(self, known: Known, **news: Any) -> None:
        self.sequence += 1
        known.said = {**(known.said or {}), **news, "sequence": self.sequence}
        known.state, known.local = known.said["status"], None

    def view(self, organization: str) -> dict[tuple[str, str, str], dict[str, Any]]:
        """What readers should see."""
        return {(k, organization, i): known.said for (k, i), known in self.records.items() if known.said}
