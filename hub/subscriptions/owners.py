"""Who owns a subscription, and what role that owner has now: asked again each time before anything is sent."""

import hashlib
from typing import Final, NamedTuple

from fastapi import Request
from sqlalchemy import Connection, select

from hub import tables
from hub.access import VISIBLE, Role
from hub.accounts.log_ins import COOKIES
from hub.accounts.tables import TABLES
from hub.reading import Reading
from people.secrets import digest

PUBLIC: Final = "public"
_ACCOUNT: Final = "account:"
_TOKEN: Final = "token:"  # noqa: S105 - the kind of an owner, not a secret


class Owner(NamedTuple):
    """An owner by its name in the tables, with its role at this moment."""

    name: str
    role: Role


def owner_of(hub: Reading, request: Request) -> Owner:
    """Give who asks: an account, or the bearer of a token by the token's hash; everybody else is the public."""
    reader = hub.reader(request)
    if reader.role is Role.PUBLIC:
        return Owner(PUBLIC, Role.PUBLIC)
    if reader.account is not None:
        return Owner(f"{_ACCOUNT}{reader.account}", reader.role)
    return Owner(_TOKEN + _token_of(hub, request).hex(), reader.role)


def _token_of(hub: Reading, request: Request) -> bytes:
    """Give the hash of the token that was sent, or with which its bearer has logged in."""
    header = request.headers.get("authorization")
    if header is not None:
        token = header.partition(" ")[2].strip()
        return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
    session = digest(COOKIES.session_of(request) or "")
    sessions = TABLES.sessions
    with hub.connect() as connection:
        found = connection.scalar(select(sessions.c.token).where(sessions.c.digest == session))
    return bytes(found or b"")


def role_now(connection: Connection, owner: str) -> Role | None:
    """Give the role that an owner has now; None if there is no such owner any more."""
    if owner == PUBLIC:
        return Role.PUBLIC
    found: str | None = None
    if owner.startswith(_TOKEN):
        known = tables.access_tokens.c
        found = connection.scalar(select(known.role).where(known.digest == bytes.fromhex(owner.removeprefix(_TOKEN))))
    elif owner.startswith(_ACCOUNT):
        number, accounts = int(owner.removeprefix(_ACCOUNT)), TABLES.accounts
        found = connection.scalar(
            select(accounts.c.role).where(accounts.c.number == number, accounts.c.disabled.is_(False))
        )
    return None if found is None else Role(found)


def sees_less(now: Role, granted: Role) -> bool:
    """Whether a role sees less than the one that was held when the subscription was made."""
    return not set(VISIBLE[granted]) <= set(VISIBLE[now])
