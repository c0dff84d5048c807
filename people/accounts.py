"""Named accounts of people: made, listed, disabled and enabled by others; the password is the person's own."""

import re
import unicodedata
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from people.rules import BadAccount, Rules
from people.secrets import digest, new_code, typed_code
from schemas.sentences import sentence
from wire.seal import timestamp

DAYS: Final = 7  # for which a one-time code is good
MAX_DAYS: Final = 30
MAX_PERSON: Final = 200
NAME: Final = re.compile(r"[a-z0-9][a-z0-9._@+-]{1,98}[a-z0-9]")


class Account(NamedTuple):
    """One account as it stands."""

    number: int
    name: str
    person: str
    role: str
    disabled: bool


def folded(name: str) -> str:
    """Give a name as accounts have it: case and surrounding spaces do not count."""
    return unicodedata.normalize("NFKC", name[:200]).strip().casefold()


class Accounts:
    """The accounts of one service."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._table = rules.tables.accounts

    def add(
        self, connection: Connection, name: str, role: str, now: datetime, *, person: str = "", days: int = DAYS
    ) -> str:
        """Make an account; gives the one-time code with which its owner sets the password."""
        name = folded(name)
        if not NAME.fullmatch(name):
            raise BadAccount(
                sentence(
                    "{name} is no name: 3 to 100 small letters, digits and . _ @ + -, such as an e-mail address",
                    name=repr(name),
                )
            )
        role = self._rules.checked(role)
        code, ends = _code(now, days)
        row = {"name": name, "person": (person.strip() or name)[:MAX_PERSON], "role": role, "created": timestamp(now)}
        made = insert(self._table).values(**row, disabled=False, code=digest(code), code_ends=ends)
        try:
            with connection.begin_nested():
                connection.execute(made)
        except IntegrityError:
            raise BadAccount(
                sentence("there is an account {name} already; reset gives its owner a new code", name=name)
            ) from None
        return code

    def known_elsewhere(self, connection: Connection, name: str, role: str, person: str, now: datetime) -> bool:
        """Make an account whose owner somebody else identifies, or give it role and name anew; whether it is new."""
        role, person = self._rules.checked(role), (person.strip() or name)[:MAX_PERSON]
        found = self.find(connection, name)
        if found is not None:
            self._change(connection, found[0].number, role=role, person=person)
            return False
        row = {"name": name, "person": person, "role": role, "created": timestamp(now)}
        connection.execute(insert(self._table).values(**row, disabled=False))
        return True

    def reset(self, connection: Connection, name: str, now: datetime, *, days: int = DAYS) -> str:
        """Take the password and all sessions away; gives a new one-time code."""
        code, ends = _code(now, days)
        account = self._named(connection, name)
        self._change(connection, account.number, password=None, code=digest(code), code_ends=ends)
        self.end_all(connection, account.number)
        return code

    def give_role(self, connection: Connection, name: str, role: str) -> None:
        """Give an account another role, from the next page on that its owner opens."""
        self._change(connection, self._named(connection, name).number, role=self._rules.checked(role))

    def disable(self, connection: Connection, name: str) -> None:
        """Let nobody in under this account; its sessions end, and a code that was not used is void."""
        account = self._named(connection, name)
        self._change(connection, account.number, disabled=True, code=None, code_ends=None)
        self.end_all(connection, account.number)

    def enable(self, connection: Connection, name: str) -> None:
        """Let its owner in again, with the password as it was."""
        self._change(connection, self._named(connection, name).number, disabled=False)

    def listed(self, connection: Connection) -> list[dict[str, Any]]:
        """Give all accounts by name; `state` is active, invited (no password yet) or disabled."""
        return [
            {
                "name": row.name,
                "person": row.person,
                "role": row.role,
                "state": "disabled" if row.disabled else "active" if row.password else "invited",
                "created": row.created,
                "code_ends": row.code_ends,
                "last_log_in": row.last_log_in,
            }
            for row in connection.execute(select(self._table).order_by(self._table.c.name))
        ]

    def invited(self, connection: Connection, code: str, now: datetime) -> Account | None:
        """Give the account that a one-time code was made for, as long as it is good."""
        table = self._table
        query = select(table).where(table.c.code == digest(typed_code(code)), table.c.disabled.is_(False))
        row = connection.execute(query).first()
        return None if row is None or row.code_ends < timestamp(now) else _account(row)

    def use_code(self, connection: Connection, account: Account, code: str, password: str) -> bool:
        """Set the first password (given as its hash); the code is used up. False if somebody was quicker."""
        table = self._table
        mine = (table.c.number == account.number, table.c.code == digest(typed_code(code)))
        changed = update(table).where(*mine, table.c.disabled.is_(False))
        if not connection.execute(changed.values(password=password, code=None, code_ends=None)).rowcount:
            return False
        self.end_all(connection, account.number)
        return True

    def set_password(self, connection: Connection, number: int, password: str) -> None:
        """Set another password (given as its hash); all sessions end."""
        self._change(connection, number, password=password)
        self.end_all(connection, number)

    def find(self, connection: Connection, name: str) -> tuple[Account, str | None] | None:
        """Give the account of this name, and the hash of its password if it has one."""
        row = connection.execute(select(self._table).where(self._table.c.name == folded(name))).first()
        return None if row is None else (_account(row), row.password)

    def end_all(self, connection: Connection, number: int) -> None:
        """End all sessions of an account, and forget its browsers."""
        for table in (self._rules.tables.sessions, self._rules.tables.known_browsers):
            connection.execute(delete(table).where(table.c.account == number))

    def _named(self, connection: Connection, name: str) -> Account:
        found = self.find(connection, name)
        if found is None:
            raise BadAccount(
                sentence("there is no account {name}; list shows those that there are", name=repr(folded(name)))
            )
        return found[0]

    def _change(self, connection: Connection, number: int, **values: Any) -> None:
        connection.execute(update(self._table).where(self._table.c.number == number).values(**values))


def _account(row: Any) -> Account:
    return Account(row.number, row.name, row.person, row.role, row.disabled)


def _code(now: datetime, days: int) -> tuple[str, str]:
    if not 1 <= days <= MAX_DAYS:
        raise BadAccount(sentence("a code is good for 1 to {max_days} days, not {days}", max_days=MAX_DAYS, days=days))
    return new_code(), timestamp(now + timedelta(days=days))
