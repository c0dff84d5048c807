"""The people of a node: made, given roles, disabled; each change stands in the trail in the same transaction."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, Engine, delete, select, update

from node.accounts.acts import Acts, Doer
from node.accounts.rules import RULES, Role
from node.tables import access_tokens
from people.accounts import DAYS, MAX_PERSON, Account, Accounts, folded
from people.attempts import list_log_ins
from people.rules import BadAccount
from schemas.sentences import gettext_noop as N_
from schemas.sentences import sentence
from wire.database import reading, writing

if TYPE_CHECKING:
    from people.log_ins import Attempt, From, LogIns

Seen = Callable[[dict[str, Any]], None]
FIRST: Final = "administrator"  # the account that a new node begins with


def _as_it_stands(_account: dict[str, Any]) -> None:
    pass


class People:
    """One for a node.

    Changes take `seen`, which is handed the account in their transaction, and raises if it is not the one that was
    seen.
    """

    def __init__(self, engine: Engine, acts: Acts, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._engine = engine
        self._accounts = Accounts(RULES)
        self._acts = acts
        self._reading = reading(engine)
        self._writing = writing(engine)
        self._now = now

    @cached_property
    def log_ins(self) -> "LogIns":
        """Give what lets people in; for pages, before they are served."""
        from people.log_ins import LogIns  # noqa: PLC0415 - commands hash no passwords

        return LogIns(self._engine, RULES, self._now)

    def listed(self) -> list[dict[str, Any]]:
        """Give all accounts by name, each with `roles` as a list."""
        with self._reading.connect() as connection:
            return self._listed(connection)

    def account(self, name: str) -> Account:
        """Give the account of this name, who may log in; BadAccount if there is none, or it is disabled."""
        with self._reading.connect() as connection:
            found = self._accounts.find(connection, name)
        if found is None or found[0].disabled:
            raise BadAccount(
                sentence(
                    "there is no account {name} that may log in; list shows those that there are",
                    name=repr(folded(name)),
                )
            )
        return found[0]

    def attempts(self, limit: int = 50) -> list[dict[str, Any]]:
        """Give attempts to log in, newest first."""
        with self._reading.connect() as connection:
            return list_log_ins(connection, RULES.tables.log_ins, limit=limit)

    def begun(self) -> bool:
        """Whether an administrator has ever set a password: then nobody can claim the node any more."""
        return any(Role.ADMINISTRATOR in each["roles"] and each["state"] != "invited" for each in self.listed())

    def first_code(self) -> str | None:
        """Give a new code for the first administrator, None once there has been one; codes of before are void."""
        if self.begun():
            return None
        with self._writing.begin() as connection:
            if self._accounts.find(connection, FIRST) is None:
                roles = f"{Role.OFFICER} {Role.ADMINISTRATOR}"
                return self._accounts.add(connection, FIRST, roles, self._now(), person="Administrator")
            return self._accounts.reset(connection, FIRST, self._now())

    def add(self, by: Doer | str, name: str, roles: list[str], *, person: str = "", days: int = DAYS) -> str:
        """Make an account; gives the one-time code for its owner. BadAccount if it cannot be."""
        with self._writing.begin() as connection:
            code = self._accounts.add(connection, name, " ".join(roles), self._now(), person=person, days=days)
            self._acts.note(by, "person.added", folded(name), ", ".join(roles), connection=connection)
        return code

    def by_provider(self, name: str, person: str, roles: list[str], by: "From") -> "Attempt":
        """Let in whom the provider of log-ins has identified, with the roles that its claims give at this moment."""
        with self._writing.begin() as connection:
            before = self._accounts.find(connection, name)
            made = self._accounts.known_elsewhere(connection, name, " ".join(roles), person, self._now())
            after = self._accounts.find(connection, name)
            if made or (before and after and before[0].role != after[0].role):
                act = "person.added" if made else "person.roles"
                self._acts.note("log-in provider", act, name, ", ".join(roles), connection=connection)
        return self.log_ins.vouched(name, by)

    def reset(self, by: Doer | str, name: str, *, days: int = DAYS, seen: Seen = _as_it_stands) -> str:
        """Take the password, all sessions and access tokens away; gives a new one-time code."""
        with self._writing.begin() as connection:
            self._look(connection, name, seen)
            code = self._accounts.reset(connection, name, self._now(), days=days)
            self._end_tokens(connection, name)
            self._acts.note(by, "person.reset", folded(name), connection=connection)
        return code

    def give_roles(self, by: Doer | str, name: str, roles: list[str], *, seen: Seen = _as_it_stands) -> None:
        """Give an account other roles; the last administrator stays one."""
        with self._writing.begin() as connection:
            self._look(connection, name, seen)
            with self._keeping_an_administrator(connection):
                self._accounts.give_role(connection, name, " ".join(roles))
            self._acts.note(by, "person.roles", folded(name), ", ".join(roles), connection=connection)

    def disable(self, by: Doer | str, name: str, *, seen: Seen = _as_it_stands) -> None:
        """Let nobody in under this account, and end its sessions and tokens; the last administrator stays."""
        with self._writing.begin() as connection:
            self._look(connection, name, seen)
            with self._keeping_an_administrator(connection):
                self._accounts.disable(connection, name)
            self._end_tokens(connection, name)
            self._acts.note(by, "person.disabled", folded(name), connection=connection)

    def enable(self, by: Doer | str, name: str, *, seen: Seen = _as_it_stands) -> None:
        """Let its owner in again, with the password as it was."""
        with self._writing.begin() as connection:
            self._look(connection, name, seen)
            self._accounts.enable(connection, name)
            self._acts.note(by, "person.enabled", folded(name), connection=connection)

    def name_person(self, number: int, person: str) -> None:
        """Say how pages and the trail call the owner of an account."""
        table = RULES.tables.accounts
        named = update(table).where(table.c.number == number).values(person=person.strip()[:MAX_PERSON])
        with self._writing.begin() as connection:
            connection.execute(named)

    def _listed(self, connection: Connection) -> list[dict[str, Any]]:
        return [each | {"roles": each["role"].split()} for each in self._accounts.listed(connection)]

    def _look(self, connection: Connection, name: str, seen: Seen) -> None:
        table = RULES.tables.accounts
        # Who changes accounts comes one after another, so that what is seen here is what is changed.
        connection.execute(select(table.c.number).order_by(table.c.number).with_for_update())
        for each in self._listed(connection):
            if each["name"] == folded(name):
                seen(each)

    def _end_tokens(self, connection: Connection, name: str) -> None:
        found = self._accounts.find(connection, name)
        if found is not None:
            connection.execute(delete(access_tokens).where(access_tokens.c.account == found[0].number))

    @contextmanager
    def _keeping_an_administrator(self, connection: Connection) -> Iterator[None]:
        before = self._administered(connection)
        yield
        if before and not self._administered(connection):
            raise BadAccount(N_("this is the last administrator; make another person one first"))

    def _administered(self, connection: Connection) -> bool:
        found = [each for each in self._accounts.listed(connection) if each["state"] != "disabled"]
        return any(Role.ADMINISTRATOR in each["role"].split() for each in found)
