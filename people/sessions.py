"""Sessions of people who are logged in: kept here, ended here; a browser holds a random name and nothing else."""

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, and_, delete, func, insert, or_, select, update

from people.rules import Person, Rules
from people.secrets import MAX_SECRET, digest, new_secret
from people.tables import Tables
from wire.seal import timestamp

TOUCHED_AFTER: Final = timedelta(minutes=1)  # less is not worth a write
MAX_SESSIONS: Final = 20  # of one account or token


def begin(
    connection: Connection, rules: Rules, now: datetime, *, account: int | None = None, token: bytes | None = None
) -> str:
    """Begin a session of an account, or of who holds an access token; gives the cookie's value, once."""
    sessions = rules.tables.sessions
    secret, at = new_secret(), timestamp(now)
    whose = sessions.c.account == account if token is None else sessions.c.token == token
    _forget_old(connection, rules, whose, now)
    row = {"digest": digest(secret), "account": account, "token": token, "begun": at, "used": at}
    connection.execute(insert(sessions).values(row))
    return secret


def find(connection: Connection, rules: Rules, secret: str, now: datetime) -> tuple[Person, bool] | None:
    """Give whose a session is, and whether it must be touched; None for one that is not known or has ended."""
    if len(secret) > MAX_SECRET:
        return None
    row = connection.execute(_query(rules.tables).where(rules.tables.sessions.c.digest == digest(secret))).first()
    if row is None or row.role is None or row.disabled or _is_over(rules, row, now):
        return None
    touched = timestamp(now - TOUCHED_AFTER) > row.used
    return Person(row.role, row.name, row.number), touched


def touch(connection: Connection, tables: Tables, secret: str, now: datetime) -> None:
    """Note that a session is used."""
    mine = tables.sessions.c.digest == digest(secret)
    connection.execute(update(tables.sessions).where(mine).values(used=timestamp(now)))


def end(connection: Connection, tables: Tables, secret: str) -> None:
    """Log out."""
    connection.execute(delete(tables.sessions).where(tables.sessions.c.digest == digest(secret)))


def _query(tables: Tables) -> Select[Any]:
    accounts, sessions, tokens = tables.accounts, tables.sessions, tables.tokens
    columns = (sessions.c.begun, sessions.c.used, accounts.c.number, accounts.c.disabled)
    of_account = accounts.c.number == sessions.c.account
    if tokens is None:
        found = select(*columns, accounts.c.person.label("name"), accounts.c.role)
        return found.select_from(sessions).join(accounts, of_account)
    name = func.coalesce(accounts.c.person, tokens.c.name).label("name")
    role = func.coalesce(accounts.c.role, tokens.c.role).label("role")
    found = select(*columns, name, role).select_from(sessions).outerjoin(accounts, of_account)
    return found.outerjoin(tokens, tokens.c.digest == sessions.c.token)


def _is_over(rules: Rules, row: Any, now: datetime) -> bool:
    """Whether it has ended. One from a time to come was begun by a clock that has been set back: it would not end."""
    lasts = rules.lasting(row.role)
    return bool(
        row.used < timestamp(now - lasts.idle)
        or row.begun < timestamp(now - lasts.at_most)
        or max(row.begun, row.used) > timestamp(now + lasts.idle)
    )


def _forget_old(connection: Connection, rules: Rules, whose: ColumnElement[bool], now: datetime) -> None:
    sessions, lasts = rules.tables.sessions, rules.longest
    over = or_(
        sessions.c.used < timestamp(now - lasts.idle),
        sessions.c.begun < timestamp(now - lasts.at_most),
        sessions.c.used > timestamp(now + lasts.idle),
    )
    connection.execute(delete(sessions).where(over))
    newest = select(sessions.c.digest).where(whose).order_by(sessions.c.used.desc()).limit(MAX_SESSIONS - 1)
    kept = connection.scalars(newest).all()
    if len(kept) == MAX_SESSIONS - 1:
        connection.execute(delete(sessions).where(and_(whose, sessions.c.digest.not_in(kept))))
