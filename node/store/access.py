"""Who may use the node's API: tokens are shown once and kept as SHA-256 only."""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, Row, delete, select

from node.accounts.tables import TABLES
from node.store.note import Note, no_note
from node.tables import access_tokens
from wire.database import reading
from wire.seal import timestamp

PREFIX = "liaison_node_"  # so that secret scanners, and people, recognize one


class Holder(NamedTuple):
    """Who sent a token: a program, or a person's; `role` has the words of roles that token and account both have."""

    name: str
    account: int | None = None
    person: str = ""
    role: str = ""


class Token(NamedTuple):
    """A token as it is listed; `id` names it. A program's has no person, no roles, and no end."""

    id: str
    name: str
    created: str
    account: int | None
    person: str | None
    roles: tuple[str, ...]
    ends: str | None

    def form(self) -> dict[str, Any]:
        """Give it as API and command write it: the person's name, not the number of the account."""
        return {name: value for name, value in self._asdict().items() if name != "account"}


class Access:
    """Gives out bearer tokens and recognizes them."""

    def __init__(self, engine: Engine, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._engine = engine
        self._reading = reading(engine)
        self._now = now

    def create(
        self, name: str, now: str, note: Note = no_note, *, account: int | None = None, role: str | None = None,
        ends: str | None = None,
    ) -> str:  # fmt: skip
        """Make a token for `name`; it cannot be shown again. With an account it is that person's."""
        token = PREFIX + secrets.token_urlsafe(32)
        row = {"digest": _digest(token), "name": name, "created": now, "account": account, "role": role, "ends": ends}
        with self._engine.begin() as connection:
            connection.execute(access_tokens.insert().values(**row))
            note(connection)
        return token

    def listed(self, account: int | None = None) -> list[Token]:
        """Give the tokens that there are, or one person's, oldest first."""
        with self._reading.connect() as connection:
            found = [_token(row) for row in _rows(connection)]
        kept = [each for each in found if account is None or each.account == account]
        return sorted(kept, key=lambda each: (each.created, each.name))

    def remove(self, name: str, note: Note = no_note) -> int:
        """Remove all tokens of this name; gives how many there were."""
        with self._engine.begin() as connection:
            number = connection.execute(delete(access_tokens).where(access_tokens.c.name == name)).rowcount
            if number:
                note(connection)
        return number

    def remove_one(self, token_id: str, note: Callable[[Connection, Token], None]) -> Token | None:
        """Remove the token of this id; gives which it was. `note` writes who did it."""
        with self._engine.begin() as connection:
            for row in _rows(connection):
                if _id(row.digest) == token_id:
                    connection.execute(delete(access_tokens).where(access_tokens.c.digest == row.digest))
                    note(connection, _token(row))
                    return _token(row)
        return None

    def holder(self, token: str) -> Holder | None:
        """Tell whose token this is; None if it is nobody's, has ended, or its person may not log in.

        Takes the same time for all wrong ones.
        """
        wanted, now = _digest(token), timestamp(self._now())
        holder = None
        with self._reading.connect() as connection:
            for row in _rows(connection):
                if hmac.compare_digest(row.digest, wanted):
                    holder = _holder(row, now)
        return holder


def _rows(connection: Connection) -> list[Row[tuple[object, ...]]]:
    accounts = TABLES.accounts
    columns = (accounts.c.person, accounts.c.role.label("held"), accounts.c.disabled)
    query = select(access_tokens, *columns).outerjoin(accounts, accounts.c.number == access_tokens.c.account)
    return list(connection.execute(query))


def _holder(row: Row[tuple[object, ...]], now: str) -> Holder | None:
    if row.account is None:
        return Holder(row.name)
    if row.held is None or row.disabled or (row.ends or "") <= now:
        return None
    held = row.held.split()
    return Holder(row.name, row.account, row.person, " ".join(word for word in row.role.split() if word in held))


def _token(row: Row[tuple[object, ...]]) -> Token:
    roles = tuple((row.role or "").split())
    return Token(_id(row.digest), row.name, row.created, row.account, row.person, roles, row.ends)


def id_of(token: str) -> str:
    """Give the id under which a token is listed."""
    return _id(_digest(token))


def _id(digest: bytes) -> str:
    return bytes(digest)[:8].hex()


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
