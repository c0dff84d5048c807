"""When the hub states its view, and in which words: once enough was said since the last time, or after a while."""

import time
from collections.abc import Callable
from typing import Final

from sqlalchemy import Connection, func, select

from hub import tables
from hub.view_digest import Digests, is_due, log_root
from hub.view_lines import fold, log_size, newest_change
from wire.view_digest import Stated

CURSOR: Final = "view_stated"  # the log index after the last statement; events from there on are not stated


class Stating:
    """For the writer's thread; `clock` gives seconds that only go forward.

    What decides is in the database, so a restart loses nothing but the patience: the wait begins anew.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._waiting_since: float | None = None
        self._rows: int | None = None
        self._digests = Digests()

    def forget(self) -> None:
        """Forget what was read in a transaction that failed."""
        self._digests = Digests()

    def is_due(self, connection: Connection) -> bool:
        """Whether the view is to be stated now; a view that has not changed is not stated again."""
        cursors = tables.cursors
        stated = connection.scalar(select(cursors.c.position).where(cursors.c.name == CURSOR)) or 0
        size = log_size(connection)
        if newest_change(connection) < stated <= size:
            self._waiting_since = None
            return False
        now = self._clock()
        if self._waiting_since is None:
            self._waiting_since = now
        if self._rows is None:
            self._rows = connection.scalar(select(func.count()).select_from(tables.records)) or 0
        events = size - stated if stated <= size else size
        return is_due(events, self._rows, now - self._waiting_since)

    def stated(self, connection: Connection) -> Stated:
        """Give what is to be said of the view as it is now, before the statement itself is logged."""
        fold(connection)
        found = self._digests.state(connection)
        self._rows, self._waiting_since = found.rows, None
        return Stated(found.size, log_root(connection, found.size), found.rows, found.state)
