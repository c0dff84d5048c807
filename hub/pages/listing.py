"""Reads the records that a page shows at once: of one kind, about one place or organization, up to a limit."""

from typing import Any, NamedTuple

from sqlalchemy import Connection

from hub.access import Role
from hub.filters import MAX_LIMIT, Page
from hub.queries import list_records
from hub.reading import Reading, visible


class Found(NamedTuple):
    """Records in the API's form; `more` says that there are others."""

    items: list[dict[str, Any]]
    more: bool


def read_records(hub: Reading, connection: Connection, role: Role, limit: int = MAX_LIMIT, **asked: Any) -> Found:
    """Give up to `limit` records that match; `asked` are the API's filters, with kind, org, place … as lists."""
    items: list[dict[str, Any]] = []
    after: int | None = None
    while len(items) < limit:
        page = Page(**asked, after=after, limit=min(MAX_LIMIT, limit - len(items)))
        hub.ready_for(page)
        found = list_records(connection, page, visible(role), hub.now().date())
        items += found.items
        after = found.next
        if after is None:
            return Found(items, more=False)
    return Found(items, more=True)
