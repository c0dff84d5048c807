"""A signed test event: the organization's own record is confirmed, and comes back logged and witnessed."""

import time
from collections.abc import Callable
from contextlib import suppress

from node.doctor.results import Check, failed, passed, skipped
from node.first_run import send_test_event
from node.lock import is_served
from node.node import Node
from node.refusal import Refusal
from schemas.entry import InvalidEntry

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
        return skipped(["test-event"], "The node is not served, so nothing would be sent: liaison-node serve DIR")[0]
    if node.admission() is None:
        return skipped(["test-event"], "The node has not joined a network.")[0]
    try:
        send_test_event(node)
    except (Refusal, InvalidEntry) as error:
        what = "Publish the organization's own record again, or see the alarm."
        return failed("test-event", "The test event cannot be signed.", what, str(error))
    sequence = node.outbox.head()[0]
    edited()
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        relay = node.outbox.relay()
        if relay.witnessed >= sequence:
            return passed("test-event", f"Event {sequence} is in the log, and a quorum of witnesses has seen it there.")
        if (refused := _refused(node, sequence)) is not None:
            return refused
        with suppress(InterruptedError):
            rest(_EVERY)
    if node.outbox.relay().logged >= sequence:
        cause = (
            f"Event {sequence} is in the log. No quorum of witnesses has seen it within {seconds:g} s; that may come."
        )
        return passed("test-event", cause)
    what = "If the checks above pass, see the page Outbox; it goes on being sent by itself."
    return failed("test-event", f"Event {sequence} did not come back within {seconds:g} s.", what)


def _refused(node: Node, sequence: int) -> Check | None:
    for judged in node.reading.judgements():
        if judged.severity == "error" and judged.sequence <= sequence:
            what = "See the page Outbox or liaison-node status."
            return failed(
                "test-event", f"The hub refuses event {judged.sequence}: {judged.reason}.", what, judged.found
            )
    return None
