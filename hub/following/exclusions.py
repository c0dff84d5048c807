"""What the followed hub left out of its view: taken from its statements, and judged again where the body is here."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import orjson

from hub.entries import Entry, ExclusionStated
from hub.following.refusal import LogRefused
from hub.following.source import Shown
from schemas.problems import Problem
from wire.examine import Exclusion
from wire.log_source import PartMissing
from wire.reasons import EXPLANATIONS, Reason
from wire.registry import HUB

EXCLUDED: Final = "liaison.body.excluded"
# That a body never came, or another one: whoever was not there cannot judge it.
_ABOUT_COMING: Final = frozenset({Reason.BODY_MISSING, Reason.BODY_MISMATCH})
_POINTERS: Final = frozenset({"pointer", "message", "found", "allowed"})


class Exclusions:
    """Of one step from checkpoint to checkpoint: at its end, every exclusion found here must be stated there.

    `late` are entries that stood in the view already when they were left out; their records are to be folded anew.
    """

    def __init__(self, start: int, holds: Callable[[int], bool]) -> None:
        """`start` is the size of the checkpoint before; `holds` tells whether the body of an entry in the tables is."""
        self._start = start
        self._holds = holds
        self._coming: dict[int, Exclusion] = {}
        self._unstated: dict[int, Exclusion] = {}
        self._done: set[int] = set()
        self.late: list[int] = []

    def look_ahead(self, entries: Iterable[Shown], first: int) -> None:
        """See what the following entries will leave out, so that it never stands in the view."""
        for place, each in enumerate(entries):
            said = each.read.examined.said
            if said is not None and said.organization == HUB and said.type == EXCLUDED and each.message.body:
                index, exclusion = _read(each.message.body, first + place)
                if index >= first:
                    self._coming.setdefault(index, exclusion)

    def of(self, index: int, own: Exclusion | None, *, has_body: bool) -> Exclusion | None:
        """Give why the entry at `index` is left out, if it is; `own` is what was found wrong with it here."""
        stated = self._coming.get(index)
        if stated is not None:
            _compare(index, own, stated, has_body=has_body)
            return stated
        if own is not None:
            self._unstated[index] = own
        return own

    def stated(self, at: int, body: bytes | None, entries: Sequence[Entry]) -> ExclusionStated:
        """Take the hub's statement at index `at`; `entries` are not in the tables yet. `org` is left to be set."""
        index, exclusion = _read(body, at)
        if index in self._done:
            raise _malformed(at, f"entry {index}, which was left out before")
        if index < self._start:
            # The hub logs both in one transaction, which no checkpoint divides; the view that was signed would change.
            found = f"entry {index} left out at {at}, after a checkpoint of {self._start} entries"
            raise LogRefused("excluded-late", found, "an exclusion before the next checkpoint", index=at)
        self._done.add(index)
        own = self._unstated.pop(index, None)
        if own is not None:
            _compare(index, own, exclusion, has_body=True)
        elif index not in self._coming:
            fresh = next((entry for entry in entries if entry.index == index), None)
            _compare(index, None, exclusion, has_body=self._holds(index) if fresh is None else fresh.body is not None)
            self.late.append(index)
        return ExclusionStated(index, -1, exclusion, at)

    def end(self) -> None:
        """The log was signed here: LogRefused if something invalid is shown; LogError if a body is still to come."""
        for index, own in sorted(self._unstated.items()):
            if own.reason is Reason.BODY_MISSING:
                raise PartMissing(f"the body of entry {index}, which is about no record, is not there")
            raise LogRefused(
                "shown-invalid", f"no statement that entry {index} is left out",
                f"one that it is left out as {own.reason}", index=index,
            )  # fmt: skip


def _compare(index: int, own: Exclusion | None, stated: Exclusion, *, has_body: bool) -> None:
    if not has_body or stated.reason in _ABOUT_COMING or (own is not None and own.reason in _ABOUT_COMING):
        return  # the body is not here, so nobody here can judge it
    if own is None:
        found = f"entry {index} left out as {stated.reason}"
        raise LogRefused("excluded-valid", found, "it in the view: its body has no fault", index=index)
    if own.reason is not stated.reason:
        raise LogRefused("exclusion-differs", str(stated.reason), str(own.reason), index=index)


def _read(body: bytes | None, at: int) -> tuple[int, Exclusion]:
    try:
        members: dict[str, Any] = orjson.loads(body or b"")
        index, reason = members["index"], Reason(members["reason"])
        problems = tuple(_problem(each) for each in members["problems"])
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
        raise _malformed(at, f"a body of another form ({type(error).__name__})") from None
    if type(index) is not int or not 0 <= index < at or EXPLANATIONS[reason].step < 8:
        raise _malformed(at, f"index {str(index)[:40]}, reason {reason}")
    return index, Exclusion(reason, problems)


def _problem(given: Any) -> Problem:
    if set(given) != _POINTERS or not all(isinstance(value, str) for value in given.values()):
        raise ValueError("a problem has pointer, message, found and allowed")
    return Problem(**given)


def _malformed(at: int, found: str) -> LogRefused:
    return LogRefused("exclusion-malformed", found, "an index before its own, and a reason of steps 8 to 10", index=at)
