"""What the hub decides about its people: members and operators, and that who bears an access token may log in."""

from datetime import timedelta
from typing import Final

from sqlalchemy import Connection

from hub.access import Reader, Role, bearer_of
from hub.accounts.tables import TABLES
from people.rules import Lasts, Person, Rules


def _bearer_of(connection: Connection, token: str) -> tuple[Person, bytes] | None:
    found = bearer_of(connection, token)
    return None if found is None else (Person(found[0].role, found[0].name or ""), found[1])


def reader_of(person: Person) -> Reader:
    """Give who reads."""
    return Reader(Role(person.role), person.name, person.account)


RULES: Final = Rules(
    TABLES,
    {
        str(Role.MEMBER): Lasts(timedelta(hours=12), timedelta(days=7)),
        str(Role.OPERATOR): Lasts(timedelta(hours=2), timedelta(hours=12)),
    },
    _bearer_of,
)
