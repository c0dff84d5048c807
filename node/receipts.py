"""Receipts: what the hub says of this organization's chain is verified, compared with it, and written down."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import orjson
import structlog

from node.progress import Alarmed, Progress
from node.store import Judged, Outbox, Promise
from node.store.delivery_times import Span
from wire import jws
from wire.enrolment import Admission
from wire.keys import PublicKey
from wire.receipts import Receipt, open_receipt
from wire.seal import timestamp

_log = structlog.get_logger()


class ReceiptBook:
    """Not for two threads at once; `enter` reads and writes the database."""

    def __init__(
        self, admission: Admission, outbox: Outbox, progress: Progress, wall: Callable[[], datetime],
        hub_key: Callable[[], PublicKey],
    ) -> None:  # fmt: skip
        self._admission = admission
        self._outbox = outbox
        self._progress = progress
        self._wall = wall
        self._hub_key = hub_key
        self._newest = ""
        self.receipt: Receipt | None = None
        self._judged: dict[int, Judged] = {}
        self._handed: list[Span] = []

    def handed(self, span: Span) -> None:
        """Note that the bus has stored what it was handed then; that is written with the next receipt."""
        self._handed.append(span)

    def write_handed(self) -> None:
        """Write what the bus has stored, where no receipt came to write it with."""
        if self._handed:
            self._outbox.sent(self._progress.sent, self._handed)
            self._handed = []

    def enter(self, token: bytes, now: float, *, answer: bool = False) -> bool:
        """Take one receipt, `receipt` from then on; tells whether something has to be sent again.

        `answer`: it answers our own question. A receipt that does not verify changes nothing. Alarmed when the hub's
        log and this chain differ; that is written down first.
        """
        try:
            receipt = open_receipt(token, self._hub_key(), self._admission.trust.network, self._admission.organization)
        except jws.Malformed as error:
            _log.warning("receipt.refused", reason=str(error))
            return False
        if receipt.at < self._newest and receipt.logged.sequence < self._progress.logged:
            return False  # an old one, overtaken by a newer
        self._newest = max(self._newest, receipt.at)
        return self._follow(receipt, token, now, answer=answer)

    def _follow(self, receipt: Receipt, token: bytes, now: float, *, answer: bool) -> bool:
        known, _ = self._outbox.head()
        sequence = receipt.logged.sequence
        before = self._progress.logged
        try:
            again = self._progress.take(receipt, self._outbox.hash_at(sequence), known, now)
        except Alarmed as alarmed:
            _log.error("node.alarm", alarm=str(alarmed.alarm), reason=alarmed.text)
            self._outbox.sound_alarm(alarmed.alarm, alarmed.text)
            self._outbox.note(**self._seen(receipt))
            raise
        again = again or (answer and self._progress.take_answer(receipt, now))
        if sequence < before:
            number = self._outbox.reopen(sequence + 1)
            _log.warning("hub.went_back", logged=sequence, before=before, offered_again=number)
        self._write(receipt, token)
        self.receipt = receipt
        return again

    def _write(self, receipt: Receipt, token: bytes) -> None:
        said = {
            each.sequence: Judged(
                each.sequence, each.severity, each.reason, each.found, each.expected,
                orjson.dumps(each.problems).decode(), receipt.at,
            )
            for each in receipt.judgements
            if each.sequence and not (each.severity == "error" and each.sequence <= receipt.logged.sequence)
        }  # fmt: skip
        # Receipts repeat what was judged before; only news is written.
        news = [each for number, each in said.items() if not _same(self._judged.get(number), each)]
        self._judged = said
        noted = {"logged": receipt.logged.sequence, "logged_index": receipt.logged.index, **self._seen(receipt)}
        noted["sent"] = self._progress.sent
        noted["trouble"] = self._progress.holding
        promise = Promise(receipt.logged.sequence, receipt.logged.index, token)
        self._outbox.logged(promise, receipt.entries, news, noted, at=noted["received_at"], sent=self._handed)
        self._handed = []

    def _seen(self, receipt: Receipt) -> dict[str, Any]:
        return {
            "receipt_at": receipt.at,
            "received_at": timestamp(self._wall()),
            "hub_state": receipt.state[:20],
            "hub_reason": receipt.reason,
        }


def _same(before: Judged | None, now: Judged) -> bool:
    return before is not None and before._replace(at=now.at) == now
