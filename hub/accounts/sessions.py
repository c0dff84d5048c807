"""Sessions of people who are logged in: kept here, ended here; a browser holds a random name and nothing else."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, or_, select, update

from hub.access import Reader, Role
from hub.accounts.secrets import MAX_SECRET, digest, new_secret
from hub.accounts.tables import accounts, sessions
from hub.tables import access_tokens
from wire.seal import timestamp

# How long a session lasts unused, and at most.
LASTS: Final = {
    Role.MEMBER: (timedelta(hours=12), timedelta(days=7)),
    Role.OPERATOR: (timedelta(hours=2), timedelta(hours=12)),
}
TOUCHED_AFTER: Final = timedelta(minutes=1)  # less is not worth a write
MAX_SESSIONS: Final = 20  # of one account or token


def begin(
    connection: Connection, now: datetime, *, account: int | None = None, token: bytes | None = None
) -> str:  # fmt: skip
    """Begin a session of an account, or of who holds an access token; gives the cookie's value, once."""
    secret, at = new_secret(), timestamp(now)
    whose = sessions.c.account == account if token is None else sessions.c.token == token
    _forget_old(connection, whose, now)
    row = {"digest": digest(secret), "account": account, "token": token, "begun": at, "used": at}
    connection.execute(insert(sessions).values(row))
    return secret


def find(connection: Connection, secret: str, now: datetime) -> tuple[Reader, bool] | None:
    """Give who a session's reader is, and whether it must be touched; None for one that is not known or has ended."""
    if len(secret) > MAX_SECRET:
        return None
    query = (
        select(
            sessions.c.begun,
            sessions.c.used,
            accounts.c.number,
            accounts.c.disabled,
            func.coalesce(accounts.c.person, access_tokens.c.name).label("name"),
            func.coalesce(accounts.c.role, access_tokens.c.role).label("role"),
        )
        .outerjoin(accounts, accounts.c.number == sessions.c.account)
        .outerjoin(access_tokens, access_tokens.c.digest == sessions.c.token)
        .where(sessions.c.digest == digest(secret))
    )
    row = connection.execute(query).first()
    if row is None or row.role is None or row.disabled or _is_over(row.begun, row.used, Role(row.role), now):
        return None
    touched = timestamp(now - TOUCHED_AFTER) > row.used
    return Reader(Role(row.role), row.name, row.number), touched


def touch(connection: Connection, secret: str, now: datetime) -> None:
    """Note that a session is used."""
    mine = sessions.c.digest == digest(secret)
    connection.execute(update(sessions).where(mine).values(used=timestamp(now)))


def end(connection: Connection, secret: str) -> None:
    """Log out."""
    connection.execute(delete(sessions).where(sessions.c.digest == digest(secret)))


def _is_over(begun: str, used: str, role: Role, now: datetime) -> bool:
    idle, at_most = LASTS[role]
    return used < timestamp(now - idle) or begun < timestamp(now - at_most)


def _forget_old(connection: Connection, whose: ColumnElement[bool], now: datetime) -> None:
    idle, at_most = LASTS[Role.MEMBER]  # the longest there are
    over = or_(sessions.c.used < timestamp(now - idle), sessions.c.begun < timestamp(now - at_most))
    connection.execute(delete(sessions).where(over))
    newest = select(sessions.c.digest).where(whose).order_by(sessions.c.used.desc()).limit(MAX_SESSIONS - 1)
    kept = connection.scalars(newest).all()
    if len(kept) == MAX_SESSIONS - 1:
        connection.execute(delete(sessions).where(and_(whose, sessions.c.digest.not_in(kept))))
