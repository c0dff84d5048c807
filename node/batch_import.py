"""An upload on its way to the chain: examined, shown as a difference, published in the background, resumed."""

import hashlib
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

import orjson
import structlog
from sqlalchemy.exc import SQLAlchemyError

from node.edit import BATCH, ENDED, Change, Put, Withdraw
from node.importing.build import build
from node.importing.difference import Difference, Known, difference, not_all_gone
from node.importing.identity import derive_id
from node.importing.mapping import Mapping as FileMapping
from node.importing.own_files import SOURCE, Own, read_own
from node.importing.read import read_rows
from node.importing.readers import Readers
from node.importing.report import as_json
from node.importing.rows import ImportFileError
from node.importing.uploads import MAX_ROWS, MAX_UPLOAD
from node.imports import GONE
from node.node import Node
from node.refusal import Refusal
from node.store.batches import CHECKED, DONE, Batch
from node.store.writing import Address, Kept
from schemas.entry import Entry
from schemas.sentences import gettext_noop as N_
from schemas.sentences import sentence

LIMITS: Final = {"max_bytes": MAX_UPLOAD, "max_rows": MAX_ROWS}
SOON: Final = 10.0
MEANWHILE: Final = "changed-meanwhile"
_log = structlog.get_logger()


@dataclass
class Examined:
    """What an upload would change, and how the records stand that it was compared with."""

    found: Difference
    current: Mapping[Address, Known]
    source: str | None

    def digest(self) -> str:
        """Tell this difference from any other: what is to be, and what it takes the place of."""
        put = [(each.kind, each.id, each.content().decode()) for each in self.found.to_put()]
        before = [self.current.get(address) for address in (*((kind, i) for kind, i, _ in put), *self.found.gone)]
        said = [put, self.found.gone, [known and [known.marking, known.record, known.recipients] for known in before]]
        return hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()

    def changes(self) -> Iterator[Change]:
        """Give what is to be done, in the order of the file."""
        for each in self.found.to_put():
            yield Put(Entry(each.kind, each.id, each.marking, each.record, each.recipients), self.source)
        for kind, record_id in self.found.gone:
            yield Withdraw(kind, record_id, GONE, quietly=True)

    def check(self, kept: Mapping[Address, Kept]) -> None:
        """Refuse if one of the records is no longer what it was compared with."""
        for address, each in kept.items():
            known = self.current.get(address)
            stands = None if each.state in ENDED else Known(each.marking, each.record, each.recipients)
            if stands != known:
                text = sentence(
                    "{kind}/{id} was changed by somebody else meanwhile. Check the file again.",
                    kind=each.kind,
                    id=each.id,
                )
                raise Refusal(MEANWHILE, text)

    def report(self) -> dict[str, Any]:
        """Give what is shown of it."""
        return as_json(self.found)


def mapping_of(work: Mapping[str, Any]) -> FileMapping:
    """Give how the upload is read."""
    return own_of(work).mapping() if work.get("own") else FileMapping.model_validate(work["mapping"])


def own_of(work: Mapping[str, Any]) -> Own:
    """Give what is known of a file that was downloaded here."""
    return Own(*work["own"])


def examine(node: Node, batch: Batch) -> Examined:
    """Compare an upload with what stands; ImportFileError if it cannot be read as a whole."""
    mapping, path = mapping_of(batch.work), node.uploads.file(batch.number)

    def make_id(key: str) -> str:
        return derive_id(node.keyring.import_secret, mapping.source, key)

    stood = node.reading.current(mapping.kind)
    current = {address: Known(each.marking, each.record, each.recipients) for address, each in stood.items()}
    readers = Readers(mapping, node.settings.organization, node.directory.members())
    if batch.work.get("own"):
        # A part of the records may have been downloaded: what is missing from the file is not gone.
        outcomes = read_own(path, own_of(batch.work), make_id, limits=LIMITS)
        return Examined(readers.set_aside(difference(outcomes, mapping.kind, current, set())), current, None)
    outcomes = build(read_rows(path, mapping, **LIMITS), mapping, make_id)
    imported = node.reading.imported(mapping.source)
    found = not_all_gone(difference(outcomes, mapping.kind, current, imported))
    return Examined(readers.set_aside(found), current, mapping.source)


class Publishing:
    """Publishes uploads one after another in the background; what was interrupted is begun again by a person."""

    def __init__(self, node: Node, edited: Callable[[], None]) -> None:
        self._node = node
        self._edited = edited
        self._pool = ThreadPoolExecutor(1, "import")
        self._running: set[int] = set()
        self._lock = threading.Lock()

    def is_running(self, number: int) -> bool:
        """Whether this process is at it."""
        with self._lock:
            return number in self._running

    def start(self, batch: Batch, digest: str | None) -> None:
        """Begin; `digest` is that of the difference that was shown, None where it goes on after an interruption.

        A short one has ended when this returns, so that the next page shows what came of it.
        """
        with self._lock:
            if batch.number in self._running:
                return
            self._running.add(batch.number)
        wait([self._pool.submit(self._run, batch, digest)], SOON if batch.total <= BATCH else 0)

    def close(self) -> None:
        """Wait for what is under way."""
        self._pool.shutdown(wait=True)

    def _run(self, batch: Batch, digest: str | None) -> None:
        try:
            outcome, state = self._outcome(batch, digest)
            latest = self._node.batches.one(batch.number)
            if latest is not None:
                self._node.batches.change(latest, state=state, outcome=outcome)
        finally:
            with self._lock:
                self._running.discard(batch.number)
            self._edited()

    def _outcome(self, batch: Batch, digest: str | None) -> tuple[dict[str, Any], str]:
        try:
            outcomes = self.publish(batch, digest)
        except (Refusal, ImportFileError) as refusal:
            return {"stopped": str(refusal)}, CHECKED
        except SQLAlchemyError as error:
            _log.warning("import.stopped", batch=batch.number, reason=type(error).__name__)
            text = N_("The database could not be written. What was published stays; check the file again, and go on.")
            return {"stopped": text}, CHECKED
        self._node.uploads.delete(batch.number)
        return {"outcomes": outcomes}, DONE

    def publish(self, batch: Batch, digest: str | None) -> dict[str, int]:
        """Publish what differs; Refusal if it is not what was shown, or a record was changed meanwhile."""
        node, examined = self._node, examine(self._node, batch)
        if digest is not None and examined.digest() != digest:
            raise Refusal(MEANWHILE, N_("Records were changed since the file was checked. Check it again."))
        total = len(examined.found.to_put()) + len(examined.found.gone)
        done, outcomes, remaining = 0, dict[str, int](), examined.changes()
        while changes := list(islice(remaining, BATCH)):
            for each in node.editor.apply(changes, check=examined.check):
                outcomes[each.outcome] = outcomes.get(each.outcome, 0) + 1
            done += len(changes)
            node.batches.note_progress(batch.number, done, total)
            self._edited()
        return outcomes


def clean_up(node: Node, now: str) -> None:
    """Delete uploads whose time is over."""
    for number in node.batches.expired(now):
        node.uploads.delete(number)
        node.batches.end(number)


__all__ = ["SOURCE", "Examined", "Publishing", "clean_up", "examine", "mapping_of", "own_of"]
