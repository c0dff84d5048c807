"""The trail: what people, commands and programs did or tried, when, and what became of it; nothing is ever removed."""

import getpass
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, NamedTuple, Protocol

from sqlalchemy import Connection, Engine, insert, select

from node.accounts.tables import acts
from node.store.note import Note
from wire.database import reading, writing
from wire.seal import timestamp

DONE, REFUSED = "done", "refused"
MAX_DETAIL: Final = 2000


class Doer(Protocol):
    """A person who does something: the account's number and the person's name."""

    @property
    def number(self) -> int:
        """Give the account's number."""

    @property
    def name(self) -> str:
        """Give the person's name."""


class Act(NamedTuple):
    """One act; `at` is the node's clock, `account` none for commands and tokens."""

    number: int
    at: str
    account: int | None
    who: str
    act: str
    subject: str
    detail: str
    outcome: str


@dataclass
class Noting:
    """An act that is being done: what is noted of it when it has ended, or in the transaction that does it."""

    subject: str
    detail: str
    _write: Callable[["Noting", Connection], None]
    written: bool = False

    def note(self, connection: Connection) -> None:
        """Write the act as done in the transaction of what was done: a crash leaves both or neither."""
        self._write(self, connection)
        self.written = True


class Acts:
    """The trail of one node."""

    def __init__(self, engine: Engine, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._reading = reading(engine)
        self._writing = writing(engine)
        self._now = now

    def note(
        self, who: Doer | str, act: str, subject: str = "", detail: str = "", *, outcome: str = DONE,
        connection: Connection | None = None,
    ) -> None:  # fmt: skip
        """Write an act; with a connection, in the transaction of what was done. `act` is a stable word."""
        named = (None, who) if isinstance(who, str) else (who.number, who.name)
        row = {"at": timestamp(self._now()), "account": named[0], "who": named[1][:200], "act": act[:40]}
        row |= {"subject": subject[:200], "detail": detail[:MAX_DETAIL], "outcome": outcome}
        row = {name: value.replace("\0", "") if isinstance(value, str) else value for name, value in row.items()}
        if connection is not None:
            connection.execute(insert(acts).values(**row))
            return
        with self._writing.begin() as own:
            own.execute(insert(acts).values(**row))

    def noted(self, who: Doer | str, act: str, subject: str = "", detail: str = "") -> Note:
        """Give what writes an act in the transaction of what is done."""
        return lambda connection: self.note(who, act, subject, detail, connection=connection)

    @contextmanager
    def noting(self, who: Doer | str, act: str, subject: str = "", detail: str = "") -> Iterator[Noting]:
        """Write an act when the block has ended: as refused, with the reason, if it ends with an error.

        Where the block changes this database, it hands `note` of what it is given to the change, which then writes
        the act as done in its own transaction. It may say better what it was about, such as the id that a record got.
        """

        def write(noting: Noting, connection: Connection) -> None:
            self.note(who, act, noting.subject, noting.detail, connection=connection)

        noting = Noting(subject, detail, write)
        try:
            yield noting
        except Exception as error:
            self.note(who, act, noting.subject, str(error) or noting.detail, outcome=REFUSED)
            raise
        if not noting.written:
            self.note(who, act, noting.subject, noting.detail)

    def listed(
        self, *, who: str = "", act: str = "", subject: str = "", outcome: str = "", before: int | None = None,
        limit: int = 100,
    ) -> list[Act]:  # fmt: skip
        """Give acts, newest first; `who` and `subject` by a part of them, `act` by its beginning."""
        query = select(acts).order_by(acts.c.number.desc()).limit(limit)
        if who:
            query = query.where(acts.c.who.icontains(who, autoescape=True))
        if act:
            query = query.where(acts.c.act.startswith(act, autoescape=True))
        if subject:
            query = query.where(acts.c.subject.icontains(subject, autoescape=True))
        if outcome:
            query = query.where(acts.c.outcome == outcome)
        if before is not None:
            query = query.where(acts.c.number < before)
        with self._reading.connect() as connection:
            return [Act(*row) for row in connection.execute(query)]


def command() -> str:
    """Name who runs a command: the user of this machine."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = "unknown user"
    return f"command ({user})"


def program(token: str) -> str:
    """Name whose token a program sent."""
    return f"token ({token})"
