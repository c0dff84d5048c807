"""Back-off: whoever fails often waits longer and longer, and nobody can make another person wait for long.

A browser that its owner has used before counts alone: others' failures do not touch it. All others count by account
and address together (up to 15 minutes), by address (5 minutes), and, where very many fail, by account (one minute).
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Row, Table, delete, func, insert, select, update

from wire.seal import timestamp

FORGOTTEN_AFTER: Final = timedelta(hours=24)
MAX_ROWS: Final = 50_000


class Key(NamedTuple):
    """What is counted: after `free` failures the wait doubles from one second on up to `most` seconds."""

    digest: bytes
    free: int
    most: int
    ends: bool  # whether a success ends it all, or takes back only its own attempt


def keys_of(name: str, address: str, browser: bytes | None) -> list[Key]:
    """Give what an attempt counts under; `browser` is the digest of one that this account has used before."""
    if browser is not None:
        return [Key(_digest("browser", browser.hex()), 5, 900, ends=True)]
    place = network_of(address)
    pair = Key(_digest("pair", name, place), 5, 900, ends=True)
    return [pair, *keys_of_address(address), Key(_digest("account", name), 50, 60, ends=False)]


def keys_of_address(address: str) -> list[Key]:
    """Give what an attempt without a name counts under."""
    return [Key(_digest("address", network_of(address)), 20, 300, ends=False)]


def waiting(connection: Connection, back_off: Table, keys: Sequence[Key], now: datetime) -> int:
    """Give the seconds to wait before the next attempt; 0 if it may be made now."""
    return max(_waits(_found(connection, back_off, keys), keys, now), default=0)


def attempt(connection: Connection, back_off: Table, keys: Sequence[Key], now: datetime) -> int:
    """Count an attempt as failed before it is made, so that many at once are many; or give the seconds to wait."""
    _forget(connection, back_off, now)
    found, at = _found(connection, back_off, keys), timestamp(now)
    if waits := _waits(found, keys, now):
        return max(waits)
    for key in keys:
        failures = found[key.digest].failures + 1 if key.digest in found else 1
        wait = min(key.most, 2 ** min(20, failures - key.free)) if failures >= key.free else 0
        values = {"failures": failures, "last": at, "until": timestamp(now + timedelta(seconds=wait))}
        if key.digest in found:
            connection.execute(update(back_off).where(back_off.c.key == key.digest).values(values))
        else:
            connection.execute(insert(back_off).values(key=key.digest, **values))
    return 0


def succeeded(connection: Connection, back_off: Table, keys: Sequence[Key], now: datetime) -> None:
    """Take the attempt back: it was a good one."""
    for key in keys:
        mine = back_off.c.key == key.digest
        if key.ends:
            connection.execute(delete(back_off).where(mine))
        else:
            fewer = {"failures": back_off.c.failures - 1, "until": timestamp(now)}
            connection.execute(update(back_off).where(mine).values(fewer))


def network_of(address: str) -> str:
    """Give what counts as one address: a /64 of IPv6 is one customer."""
    try:
        found = ip_address(address)
    except ValueError:
        return address[:64]
    if not isinstance(found, IPv6Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return f"{IPv6Address(int(found) >> 64 << 64)}/64"


def _found(connection: Connection, back_off: Table, keys: Sequence[Key]) -> dict[bytes, Row[Any]]:
    mine = back_off.c.key.in_([key.digest for key in keys])
    return {bytes(row.key): row for row in connection.execute(select(back_off).where(mine))}


def _waits(found: Mapping[bytes, Row[Any]], keys: Sequence[Key], now: datetime) -> list[int]:
    """Give the seconds that are left of each wait.

    One that is longer than it could ever be was begun by a clock that has been set back since, and binds nobody.
    """
    at = timestamp(now)
    told = ((key.most, found[key.digest].until) for key in keys if key.digest in found)
    left = ((most, _seconds(now, until)) for most, until in told if until > at)
    return [seconds for most, seconds in left if seconds <= most]


def _forget(connection: Connection, back_off: Table, now: datetime) -> None:
    old = back_off.c.last < timestamp(now - FORGOTTEN_AFTER)
    to_come = back_off.c.last > timestamp(now + FORGOTTEN_AFTER)  # by a clock that has been set back since
    connection.execute(delete(back_off).where(old | to_come))
    if (connection.scalar(select(func.count()).select_from(back_off)) or 0) >= MAX_ROWS:
        oldest = select(back_off.c.key).order_by(back_off.c.last).limit(MAX_ROWS // 10)
        connection.execute(delete(back_off).where(back_off.c.key.in_(oldest)))


def _seconds(now: datetime, until: str) -> int:
    return max(1, round((datetime.fromisoformat(until) - now).total_seconds()))


def _digest(*parts: str) -> bytes:
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).digest()
