"""The note of who made a change, written in the transaction of the change itself: a crash leaves both or neither."""

from collections.abc import Callable

from sqlalchemy import Connection

Note = Callable[[Connection], None]


def no_note(_connection: Connection) -> None:
    """Write nothing, where whoever changes is noted elsewhere or is the node itself."""
