"""What was done for a request with an idempotency key, kept for a day.

Changes of records are kept in the transaction that made them. What cannot be done in one takes its key before and
notes what came of it after: a crash between leaves the key taken, and nothing is done twice.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, Engine, Row, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

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


class UnderWay(ValueError):
    """What was asked with the key before has not ended, or was broken off: what came of it is not known."""


def answered_before(writing: Writing, key: Key, now: int) -> list[list[Any]] | None:
    """Give what was done for this key, None if it is new; OtherRequest if it came with another request."""
    row = _before(writing.connection, key, now)
    if row is None:
        return None
    done: list[list[Any]] = orjson.loads(row.done)
    return done


def keep_answer(writing: Writing, key: Key, done: Sequence[tuple[Any, ...]], now: int) -> None:
    """Keep what was done, and forget what is older than a day; TooManyKeys if the token may have no more."""
    _insert(writing.connection, key, [list(each) for each in done], now)


class Answered:
    """Keys of what is not done in one transaction with them."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def take(self, key: Key, now: int) -> list[Any] | None:
        """Take a new key: None; give what was done for it before. OtherRequest, UnderWay or TooManyKeys otherwise."""
        try:
            with self._engine.begin() as connection:
                row = _before(connection, key, now)
                if row is None:
                    _insert(connection, key, None, now)
                    return None
        except IntegrityError:
            raise UnderWay from None
        done: list[Any] | None = orjson.loads(row.done)
        if done is None:
            raise UnderWay
        return done

    def note(self, key: Key, done: Sequence[Any]) -> None:
        """Keep what was done with a key that was taken."""
        with self._engine.begin() as connection:
            connection.execute(update(answered).where(*_same(key)).values(done=orjson.dumps(list(done)).decode()))

    def leave(self, key: Key) -> None:
        """Give a key back: nothing was done with it."""
        with self._engine.begin() as connection:
            connection.execute(delete(answered).where(*_same(key)))


def _same(key: Key) -> tuple[Any, ...]:
    return (answered.c.token == key.token, answered.c.key == key.key)


def _before(connection: Connection, key: Key, now: int) -> Row[Any, Any] | None:
    query = select(answered.c.request, answered.c.done).where(*_same(key), answered.c.at > now - KEPT_SECONDS)
    row = connection.execute(query).first()
    if row is not None and bytes(row.request) != key.request:
        raise OtherRequest
    return row


def _insert(connection: Connection, key: Key, done: list[Any] | None, now: int) -> None:
    connection.execute(delete(answered).where(answered.c.at <= now - KEPT_SECONDS))
    number = connection.scalar(select(func.count()).select_from(answered).where(answered.c.token == key.token)) or 0
    if number >= MAX_KEYS:
        raise TooManyKeys
    connection.execute(insert(answered), [{**key._asdict(), "done": orjson.dumps(done).decode(), "at": now}])
