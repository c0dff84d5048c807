"""What a subscription would have sent in the last thirty days, at a cost that does not grow with the log."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, select

from hub import tables
from hub.filters import Filters
from hub.live import LiveLog, Question
from hub.subscriptions.choosing import tells_of
from hub.subscriptions.digests import Item, item_of
from hub.subscriptions.lanes import asked_of
from hub.subscriptions.store import written
from hub.subscriptions.transactions import Transactions

DAYS: Final = 30
SHOWN: Final = 20
MAX_LOOKED_AT: Final = 5_000  # entries, the newest


@dataclass(frozen=True)
class Preview:
    """`whole` is false if the log of these days was too long to be looked at; then it begins at `since`."""

    count: int
    items: list[Item]
    since: str
    whole: bool


async def preview(
    log: LiveLog, database: Transactions, size: int, asked: Filters, markings: Sequence[str], now: datetime
) -> Preview:
    """Look through the newest entries of the log, as far back as thirty days."""
    wanted = asked_of(written(asked))
    question = Question.of(wanted, markings)
    since = f"{(now - timedelta(days=DAYS)).date()}T00:00:00.000Z"
    first = await database.read(lambda connection: _first_since(connection, since))
    start = max(first, size - MAX_LOOKED_AT, 0)
    count, items, position, begins = 0, list[Item](), start, ""
    while position < size:
        found, position = await log.read(position, question)
        for event in found:
            # The clock is the author's; what is older has only been looked at because nothing told when it was logged.
            if event.statement.time >= since and tells_of(event, wanted, markings):
                begins = begins or event.statement.time
                count += 1
                items = [*items[-SHOWN + 1 :], item_of(event, markings)]
    whole = start <= first
    return Preview(count, items[::-1], since if whole or not begins else begins, whole)


def _first_since(connection: Connection, since: str) -> int:
    """Give an index from which on everything younger lies: the end of the newest checkpoint that is older."""
    kept = tables.checkpoints.c
    return connection.scalar(select(kept.size).where(kept.at < since).order_by(kept.size.desc()).limit(1)) or 0


def as_document(found: Preview, as_of: str) -> dict[str, Any]:
    """Give it for programs."""
    return {
        "count": found.count,
        "since": found.since,
        "whole": found.whole,
        "items": [
            {
                "index": each.index, "kind": each.kind, "org": each.organization, "action": each.action,
                "time": each.time, "record": each.record or None, "title": each.title, "places": list(each.places),
            }
            for each in found.items
        ],
        "as_of": as_of,
    }  # fmt: skip
