"""Replays a file of changes in their order, so that records are published, revised and withdrawn as they once were."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

from node.importing.build import Candidate, MakeId, assemble, part_of
from node.importing.cells import as_text, look_up
from node.importing.mapping import History, Mapping
from node.importing.parts import Part
from node.importing.rows import BadRow, ImportFileError, Row, Values, shorten
from schemas.sentences import gettext_noop as N_
from schemas.sentences import sentence

NO_RECORD = ""
"""Stands for a key where a row belongs to no record; real keys are never empty."""


@dataclass(frozen=True, slots=True)
class Put:
    """A record to publish or revise; `rows` are the changes of this batch that made it so."""

    kind: str
    id: str
    marking: str
    record: dict[str, Any]
    rows: tuple[int, ...]
    key: str
    recipients: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Withdraw:
    """A record whose last row was deleted."""

    kind: str
    id: str
    reason: str
    rows: tuple[int, ...]
    key: str


@dataclass(frozen=True, slots=True)
class Batch:
    """The changes that were made together, and what they come to; `last_row` says how far the replay has come."""

    name: str
    first_row: int
    last_row: int
    steps: tuple[Put | Withdraw, ...]
    bad: tuple[BadRow, ...]


@dataclass(slots=True)
class _Touched:
    rows: list[int] = field(default_factory=list)
    last: Values = field(default_factory=dict)


def replay(rows: Iterable[Row | BadRow], mapping: Mapping, make_id: MakeId, *, after: int = 0) -> Iterator[Batch]:
    """Yield the batches of a history in order; those that end at row `after` or before are not said again.

    After each batch the steps so far give the records that an import of the source as it then stood would give. Changes
    that leave a record as it is give no step; those of quiet batches wait for the record's next change, or for a last
    batch without a name. A bad change is reported once, in its batch, and blocks nothing else.
    Raises ImportFileError when the mapping has no [history].
    """
    if mapping.history is None:
        raise ImportFileError(
            sentence(
                "{source}: the mapping has no [history]; add it, or import the file as rows.", source=mapping.source
            )
        )
    source = _Source(mapping, mapping.history, make_id)
    for name, changes in groupby(rows, source.batch_name):
        batch = source.fold(name, list(changes))
        if batch.last_row > after:
            yield batch
    last = source.settle_waiting()
    if last is not None and last.last_row > after:
        yield last


@dataclass(slots=True)
class _Source:
    """The source as it stood after a change: its rows, whose record each is of, and what was published of that."""

    mapping: Mapping
    history: History
    make_id: MakeId
    row_keys: dict[str, str] = field(default_factory=dict)
    parts: dict[str, dict[str, Part | None]] = field(default_factory=dict)
    published: dict[str, bytes] = field(default_factory=dict)
    waiting: dict[str, _Touched] = field(default_factory=dict)
    last_row: int = 0
    batch: str = ""

    def batch_name(self, row: Row | BadRow) -> str:
        """Return a change's batch; an unreadable one does not tear its batch apart."""
        if isinstance(row, Row):
            self.batch = as_text(look_up(row.values, self.history.batch))
        return self.batch

    def fold(self, name: str, changes: list[Row | BadRow]) -> Batch:
        """Follow the changes of one batch, then say what they mean record by record."""
        touched: dict[str, _Touched] = {}
        bad = [bad for change in changes for bad in self._apply(change, touched)]
        if name in self.history.quiet:
            self.waiting.update({key: how for key, how in touched.items() if self._may_wait(key)})
            touched = {key: how for key, how in touched.items() if not self._may_wait(key)}
        steps: list[Put | Withdraw] = []
        for key, how in touched.items():
            self.waiting.pop(key, None)
            for outcome in self._settle(key, how):
                if isinstance(outcome, BadRow):
                    bad.append(outcome)
                else:
                    steps.append(outcome)
        numbers = [change.number if isinstance(change, Row) else change.row for change in changes]
        self.last_row = numbers[-1]
        return Batch(name, numbers[0], numbers[-1], tuple(steps), tuple(sorted(bad, key=lambda each: each.row)))

    def _may_wait(self, key: str) -> bool:
        """Only a revision may wait: what is new or gone is so whatever the batch was about."""
        return key in self.published and bool(self.parts.get(key))

    def settle_waiting(self) -> Batch | None:
        """Return the steps for what quiet batches changed and nothing has changed since."""
        outcomes = [outcome for key, how in self.waiting.items() for outcome in self._settle(key, how)]
        steps = tuple(outcome for outcome in outcomes if not isinstance(outcome, BadRow))
        bad = tuple(outcome for outcome in outcomes if isinstance(outcome, BadRow))
        return Batch("", self.last_row, self.last_row, steps, bad) if outcomes else None

    def _apply(self, change: Row | BadRow, touched: dict[str, _Touched]) -> list[BadRow]:
        """Bring the source's rows to where they stand after one change; return why it cannot be followed."""
        if isinstance(change, BadRow):
            return [change]
        op = as_text(look_up(change.values, self.history.op))
        row_key = as_text(look_up(change.values, self.history.key))
        wrong = self._wrong(change, op, row_key)
        if wrong is not None:
            return [wrong]
        self._drop(row_key, change, touched)
        if op in self.history.withdraw:
            return []
        found = part_of(Row(change.number, change.values[self.history.state]), self.mapping, self.make_id)
        bad = [each for each in found if isinstance(each, BadRow)] if isinstance(found, list) else []
        key = found.key if isinstance(found, Part) else next((each.key for each in bad if each.key is not None), None)
        # A row of no record (left out, or without a readable key) is kept too: its deletion must find it.
        self.row_keys[row_key] = key or NO_RECORD
        self.parts.setdefault(key or NO_RECORD, {})[row_key] = found if isinstance(found, Part) else None
        if key is not None:
            _touch(touched, key, change)
        return bad

    def _wrong(self, change: Row, op: str, row_key: str) -> BadRow | None:
        history = self.history
        state = change.values.get(history.state)
        if op not in (*history.put, *history.withdraw):
            allowed = ", ".join([*history.put, *history.withdraw])
            return BadRow(
                change.number,
                history.op,
                shorten(op),
                sentence("is no change that the mapping knows: {allowed}", allowed=allowed),
            )
        if not row_key:
            return BadRow(change.number, history.key, "", N_("is empty: it must say which row changed"))
        if op in history.put and not isinstance(state, dict):
            reason = N_("is no table: it must hold the row as it was after the change")
            return BadRow(change.number, history.state, shorten(state), reason)
        if op in history.withdraw and row_key not in self.row_keys:
            return BadRow(change.number, history.key, shorten(row_key), N_("is deleted, but was not there"))
        return None

    def _drop(self, row_key: str, change: Row, touched: dict[str, _Touched]) -> None:
        """Forget a row's former state; its record is touched even when the new state belongs to another one."""
        old = self.row_keys.pop(row_key, None)
        if old is not None:
            del self.parts[old][row_key]
            if old != NO_RECORD:
                _touch(touched, old, change)

    def _settle(self, key: str, how: _Touched) -> Iterator[Put | Withdraw | BadRow]:
        """Yield what a batch's changes mean for one record: put, withdraw, nothing, or why it cannot be said."""
        rows = tuple(how.rows)
        parts = self.parts.get(key, {})
        if not parts:
            self.parts.pop(key, None)
            if self.published.pop(key, None) is not None:
                yield Withdraw(self.mapping.kind, self.make_id(key), self.history.reason, rows, key)
            return
        good = [part for part in parts.values() if part is not None]
        for outcome in assemble(good, self.mapping, self.make_id, extra=self._stamps(how)):
            if isinstance(outcome, BadRow):
                if outcome.row in how.rows:  # an older row's trouble was reported with its own batch
                    yield outcome
            elif self._is_news(key, outcome):
                yield Put(outcome.kind, outcome.id, outcome.marking, outcome.record, rows, key, outcome.recipients)

    def _is_news(self, key: str, candidate: Candidate) -> bool:
        said = {name: value for name, value in candidate.record.items() if name not in self.history.stamp}
        content = replace(candidate, record=said).content()
        if self.published.get(key) == content:
            return False
        self.published[key] = content
        return True

    def _stamps(self, how: _Touched) -> dict[str, Any]:
        """Return the days that the last change of the batch gives, such as the day on which it was made."""
        return {name: as_text(look_up(how.last, column))[:10] for name, column in self.history.stamp.items()}


def _touch(touched: dict[str, _Touched], key: str, change: Row) -> None:
    how = touched.setdefault(key, _Touched())
    if change.number not in how.rows:
        how.rows.append(change.number)
    how.last = change.values
