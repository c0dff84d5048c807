"""Browsers that an account has been used in before, by a random cookie: only its SHA-256 is kept."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, Table, delete, insert, select, update

from people.secrets import digest, new_secret
from wire.seal import timestamp

KNOWN_FOR: Final = timedelta(days=180)
MAX_BROWSERS: Final = 10  # of one account


def find(connection: Connection, known_browsers: Table, browser: str, account: int) -> bytes | None:
    """Give the digest of a browser if it was used for this account."""
    mine = (known_browsers.c.digest == digest(browser), known_browsers.c.account == account)
    found = connection.scalar(select(known_browsers.c.digest).where(*mine))
    return None if found is None else bytes(found)


def keep(connection: Connection, known_browsers: Table, browser: str | None, account: int, now: datetime) -> str:
    """Remember a browser; gives the cookie's value, a new one where it was not known for this account."""
    if browser is not None and (known := find(connection, known_browsers, browser, account)) is not None:
        seen = update(known_browsers).where(known_browsers.c.digest == known).values(seen=timestamp(now))
        connection.execute(seen)
        return browser
    made = new_secret()
    row = {"digest": digest(made), "account": account, "seen": timestamp(now)}
    connection.execute(insert(known_browsers).values(row))
    mine = known_browsers.c.account == account
    newest = select(known_browsers.c.digest).where(mine).order_by(known_browsers.c.seen.desc()).limit(MAX_BROWSERS)
    kept = connection.scalars(newest).all()
    old = known_browsers.c.seen < timestamp(now - KNOWN_FOR)
    connection.execute(delete(known_browsers).where(old | (mine & known_browsers.c.digest.not_in(kept))))
    return made
