"""Compares what a file asks for with what the organization has published: new, changed, unchanged, gone."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import orjson

from node.importing.build import Candidate, Outcome
from node.importing.rows import BadRow, ImportFileError, LeftOut
from schemas.sentences import sentence

Address = tuple[str, str]
"""(kind, id) of a record of this organization."""


class Known(NamedTuple):
    """A record as it stands in the node's store, not withdrawn."""

    marking: str
    record: Mapping[str, Any]
    recipients: tuple[str, ...] = ()


class FieldChange(NamedTuple):
    """One field of a changed record; None stands for absent."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Changed:
    """A record whose content differs from the published one, and where."""

    candidate: Candidate
    fields: tuple[FieldChange, ...]


@dataclass(slots=True)
class Difference:
    """What an import would do. Publishing means: put `to_put()`, withdraw `gone`, leave the rest."""

    new: list[Candidate] = field(default_factory=list)
    changed: list[Changed] = field(default_factory=list)
    unchanged: list[Candidate] = field(default_factory=list)
    gone: list[Address] = field(default_factory=list)
    bad: list[BadRow] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    held: list[Address] = field(default_factory=list)
    """Records that are missing from the file, but may be one of its rows that could not be read; they stay."""

    def to_put(self) -> list[Candidate]:
        """Return the records to publish or revise, in the order of the file within new and changed."""
        return [*self.new, *(changed.candidate for changed in self.changed)]

    def is_empty(self) -> bool:
        """Tell whether publishing would publish nothing."""
        return not (self.new or self.changed or self.gone)


def difference(
    outcomes: Iterable[Outcome], kind: str, current: Mapping[Address, Known], imported: AbstractSet[Address]
) -> Difference:
    """Return what putting a file's records would change.

    `current` holds the records that stand now; `imported` the addresses that earlier imports of this same source made:
    only they can be gone. A record whose row is bad is not gone, its last good version stays.
    """
    result = Difference()
    present: set[Address] = set()
    for outcome in outcomes:
        if isinstance(outcome, BadRow):
            result.bad.append(outcome)
            if outcome.id is not None:
                present.add((kind, outcome.id))
        elif isinstance(outcome, LeftOut):
            result.left_out.append(outcome)
        else:
            present.add((outcome.kind, outcome.id))
            _sort_in(outcome, current.get((outcome.kind, outcome.id)), result)
    missing = sorted(address for address in imported if address in current and address not in present)
    # A row without a readable key may be any record's: then none can be said to be gone.
    nameless = any(bad.id is None for bad in result.bad)
    (result.held if nameless else result.gone).extend(missing)
    return result


def not_all_gone(found: Difference) -> Difference:
    """Give it back; ImportFileError if all would be gone because there is nothing in the file."""
    if found.gone and not (found.new or found.changed or found.unchanged or found.bad or found.left_out):
        raise ImportFileError(
            sentence(
                "The file has no rows, so all {number} records of earlier imports would be withdrawn. A download that "
                "failed leaves such a file; if they are to go, withdraw them.",
                number=len(found.gone),
            )
        )
    return found


def _sort_in(candidate: Candidate, known: Known | None, result: Difference) -> None:
    if known is None:
        result.new.append(candidate)
    elif (
        orjson.dumps([known.marking, known.record, *known.recipients], option=orjson.OPT_SORT_KEYS)
        == candidate.content()
    ):
        result.unchanged.append(candidate)
    else:
        result.changed.append(Changed(candidate, tuple(_changes(candidate, known))))


def _changes(candidate: Candidate, known: Known) -> Iterable[FieldChange]:
    if candidate.marking != known.marking:
        yield FieldChange("marking", known.marking, candidate.marking)
    if candidate.recipients != known.recipients:
        yield FieldChange("recipients", list(known.recipients), list(candidate.recipients))
    for name in sorted({*candidate.record, *known.record}):
        before, after = known.record.get(name), candidate.record.get(name)
        if before != after:
            yield FieldChange(name, before, after)
