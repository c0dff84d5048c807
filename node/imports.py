"""An import's way into the chain: the file is compared with what stands, and only what differs is published."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from node.edit import BATCH, Change, Put, Withdraw
from node.importing.build import Candidate, build
from node.importing.difference import Difference, Known, difference, not_all_gone
from node.importing.history import Batch, replay
from node.importing.history import Put as Later
from node.importing.identity import derive_id
from node.importing.mapping import Mapping
from node.importing.read import read_rows
from node.importing.readers import Readers
from node.importing.rows import BadRow
from node.node import Node
from schemas.entry import Entry

GONE = "No longer in the source."
Progress = Callable[[int, int | None], None]  # done, total if known


@dataclass(slots=True)
class Replayed:
    """What replaying a file of changes came to; `published` counts the events made, by outcome."""

    batches: int = 0
    published: dict[str, int] = field(default_factory=dict)
    bad: list[BadRow] = field(default_factory=list)
    resumed_after: int = 0


def compare(node: Node, file: Path, mapping: Mapping) -> Difference:
    """Tell what importing the file would change; ImportFileError if it cannot be read as a whole."""
    outcomes = build(read_rows(file, mapping), mapping, _ids(node, mapping))
    found = node.reading.current(mapping.kind)
    current = {address: Known(each.marking, each.record, each.recipients) for address, each in found.items()}
    differs = difference(outcomes, mapping.kind, current, node.reading.imported(mapping.source))
    return _readers(node, mapping).set_aside(not_all_gone(differs))


def publish(node: Node, found: Difference, mapping: Mapping, progress: Progress) -> dict[str, int]:
    """Publish a difference in batches; tells how many changes had which outcome.

    Interrupted, it is done again from `compare`: what was published is unchanged then.
    """
    total = len(found.to_put()) + len(found.gone)
    done = 0

    def step(number: int) -> None:
        nonlocal done
        done += number
        progress(done, total)

    outcomes: dict[str, int] = {}
    for each in node.editor.apply_many(_changes(found, mapping), progress=step):
        outcomes[each.outcome] = outcomes.get(each.outcome, 0) + 1
    return outcomes


def replay_history(node: Node, file: Path, mapping: Mapping, progress: Progress, *, dry_run: bool) -> Replayed:
    """Publish a file of changes in their order; interrupted, it goes on where it was."""
    result = Replayed(resumed_after=node.reading.replayed(mapping.source))
    waiting: list[Change] = []
    last_row, readers = result.resumed_after, _readers(node, mapping)
    for batch in replay(read_rows(file, mapping), mapping, _ids(node, mapping), after=result.resumed_after):
        result.batches += 1
        result.bad += batch.bad
        waiting += _steps(batch, mapping, readers, result.bad)
        last_row = max(last_row, batch.last_row)
        if len(waiting) >= BATCH and not dry_run:
            # One row less than was read: what a last batch without a name adds at the same row is not lost so.
            _apply(node, waiting, result, (mapping.source, last_row - 1))
            waiting = []
            progress(last_row, None)
    if dry_run:
        result.published = {"changes": len(waiting)}
    else:
        _apply(node, waiting, result, (mapping.source, last_row))
        progress(last_row, last_row)
    return result


def _apply(node: Node, changes: list[Change], result: Replayed, mark: tuple[str, int]) -> None:
    for done in node.editor.apply(changes, replayed=mark):
        result.published[done.outcome] = result.published.get(done.outcome, 0) + 1


def _readers(node: Node, mapping: Mapping) -> Readers:
    return Readers(mapping, node.settings.organization, node.directory.members())


def _steps(batch: Batch, mapping: Mapping, readers: Readers, bad: list[BadRow]) -> Iterator[Change]:
    for step in batch.steps:
        if isinstance(step, Later):
            unread = readers.unread(step)
            if unread is not None:
                bad.append(unread)
                continue
            yield Put(Entry(step.kind, step.id, step.marking, step.record, step.recipients), mapping.source)
        else:
            yield Withdraw(step.kind, step.id, step.reason, quietly=True)


def _changes(found: Difference, mapping: Mapping) -> Iterable[Change]:
    for candidate in found.to_put():
        yield _put(candidate, mapping)
    for kind, record_id in found.gone:
        yield Withdraw(kind, record_id, GONE, quietly=True)


def _put(candidate: Candidate, mapping: Mapping) -> Put:
    entry = Entry(candidate.kind, candidate.id, candidate.marking, candidate.record, candidate.recipients)
    return Put(entry, mapping.source)


def _ids(node: Node, mapping: Mapping) -> Callable[[str], str]:
    return lambda key: derive_id(node.keyring.import_secret, mapping.source, key)
