"""A signed test event: the organization's own record is confirmed, and comes back logged and witnessed."""

import time
from collections.abc import Callable
from contextlib import suppress

from node.doctor.results import NOT_JOINED, Check, failed, passed, skipped
from node.first_run import send_test_event
from node.lock import is_served
from node.node import Node
from node.refusal import Refusal
from schemas.entry import InvalidEntry
from schemas.sentences import gettext_noop as N_
from schemas.sentences import sentence

SECONDS = 30.0
_EVERY = 0.1


def there_and_back(
    node: Node, seconds: float = SECONDS, edited: Callable[[], None] = lambda: None,
    rest: Callable[[float], object] = time.sleep,
) -> Check:  # fmt: skip
    """Confirm the organization's own record, which is true as long as it exists, and wait for what the hub says of it.

    It passes once it is logged; whether a quorum witnessed it within the time is told. Only a served node sends it.
    """
    if not is_served(node.settings.directory):
        cause = N_("The node is not served, so nothing would be sent: liaison-node serve DIR")
        return skipped(["test-event"], cause)[0]
    if node.admission() is None:
        return skipped(["test-event"], NOT_JOINED)[0]
    try:
        send_test_event(node)
    except (Refusal, InvalidEntry) as error:
        what = N_("Publish the organization's own record again, or see the alarm.")
        return failed("test-event", N_("The test event cannot be signed."), what, str(error))
    sequence = node.outbox.head()[0]
    edited()
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        relay = node.outbox.relay()
        if relay.witnessed >= sequence:
            seen = sentence("Event {n} is in the log, and a quorum of witnesses has seen it there.", n=sequence)
            return passed("test-event", seen)
        if (refused := _refused(node, sequence)) is not None:
            return refused
        with suppress(InterruptedError):
            rest(_EVERY)
    if node.outbox.relay().logged >= sequence:
        cause = sentence(
            "Event {n} is in the log. No quorum of witnesses has seen it within {seconds} s; that may come.",
            n=sequence, seconds=f"{seconds:g}",
        )  # fmt: skip
        return passed("test-event", cause)
    what = N_("If the checks above pass, see the page Outbox; it goes on being sent by itself.")
    cause = sentence("Event {n} did not come back within {seconds} s.", n=sequence, seconds=f"{seconds:g}")
    return failed("test-event", cause, what)


def _refused(node: Node, sequence: int) -> Check | None:
    for judged in node.reading.judgements():
        if judged.severity == "error" and judged.sequence <= sequence:
            what = N_("See the page Outbox or liaison-node status.")
            cause = sentence("The hub refuses event {n}: {reason}.", n=judged.sequence, reason=judged.reason)
            return failed("test-event", cause, what, judged.found)
    return None
