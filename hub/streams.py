"""The streams of the bus: what comes from nodes, bounded for each organization and kind, and what goes to readers."""

from wire import subjects
from wire.bus import StreamPlan

STREAMS = (
    # New events are refused rather than old ones dropped: the node keeps them and offers them again.
    StreamPlan(
        subjects.EVENTS_STREAM, ("events.*.>",), max_bytes=4 * 1024**3, max_msgs_per_subject=200_000, discard="new"
    ),
    StreamPlan(
        subjects.LOG_STREAM, ("log.>",), max_bytes=2 * 1024**3, max_age=30 * 86400, discard="old", compression="s2"
    ),
)
