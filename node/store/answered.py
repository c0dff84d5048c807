"""What was done for a request with an idempotency key, kept for a day in the transaction that did it."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import orjson
from sqlalchemy import delete, func, insert, select

from node.store.answered_tables import answered
from node.store.writing import Writing

KEPT_SECONDS = 24 * 3600
MAX_KEYS = 50_000  # of one token in that time


class Key(NamedTuple):
    """An idempotency key: SHA-256 of the token, of the key, and of the request that came with it."""

    token: bytes
    key: bytes
    request: bytes


class OtherRequest(ValueError):
    """The key was given with another request before."""


class TooManyKeys(ValueError):
    """The token has used as many keys as are kept."""


def answered_before(writing: Writing, key: Key, now: int) -> list[list[Any]] | None:
    """Give what was done for this key, None if it is new; OtherRequest if it came with another request."""
    table = answered
    query = select(table.c.request, table.c.done).where(
        table.c.token == key.token, table.c.key == key.key, table.c.at > now - KEPT_SECONDS
    )
    row = writing.connection.execute(query).first()
    if row is None:
        return None
    if bytes(row.request) != key.request:
        raise OtherRequest
    done: list[list[Any]] = orjson.loads(row.done)
    return done


def keep_answer(writing: Writing, key: Key, done: Sequence[tuple[Any, ...]], now: int) -> None:
    """Keep what was done, and forget what is older than a day; TooManyKeys if the token may have no more."""
    table, connection = answered, writing.connection
    connection.execute(delete(table).where(table.c.at <= now - KEPT_SECONDS))
    number = connection.scalar(select(func.count()).select_from(table).where(table.c.token == key.token)) or 0
    if number >= MAX_KEYS:
        raise TooManyKeys
    row = {**key._asdict(), "done": orjson.dumps([list(each) for each in done]).decode(), "at": now}
    connection.execute(insert(table), [row])
