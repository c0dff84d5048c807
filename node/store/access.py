"""Who may use the node's API: tokens are shown once and kept as SHA-256 only."""

import hashlib
import hmac
import secrets
from typing import NamedTuple

from sqlalchemy import Engine, delete, select

from node import tables
from wire.database import reading

PREFIX = "liaison_node_"  # so that secret scanners, and people, recognize one


class Token(NamedTuple):
    """A token as it is listed: whose, and when it was made."""

    name: str
    created: str


class Access:
    """Gives out bearer tokens and recognizes them."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._reading = reading(engine)

    def create(self, name: str, now: str) -> str:
        """Make a token for `name`; it cannot be shown again."""
        token = PREFIX + secrets.token_urlsafe(32)
        with self._engine.begin() as connection:
            connection.execute(tables.access_tokens.insert().values(digest=_digest(token), name=name, created=now))
        return token

    def listed(self) -> list[Token]:
        """Give whose tokens there are, oldest first."""
        table = tables.access_tokens
        with self._reading.connect() as connection:
            rows = connection.execute(select(table.c.name, table.c.created).order_by(table.c.created, table.c.name))
            return [Token(row.name, row.created) for row in rows]

    def remove(self, name: str, created: str | None = None) -> int:
        """Remove the tokens of this name, or only those made at that moment; gives how many there were."""
        table = tables.access_tokens
        chosen = delete(table).where(table.c.name == name)
        if created is not None:
            chosen = chosen.where(table.c.created == created)
        with self._engine.begin() as connection:
            return connection.execute(chosen).rowcount

    def holder(self, token: str) -> str | None:
        """Tell whose token this is, None if it is nobody's; takes the same time for all wrong ones."""
        wanted = _digest(token)
        holder = None
        with self._reading.connect() as connection:
            for row in connection.execute(select(tables.access_tokens.c.digest, tables.access_tokens.c.name)):
                if hmac.compare_digest(row.digest, wanted):
                    holder = row.name
        return holder


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
