"""Logging in and out: by password, by a one-time code, by pasting an access token; every attempt is kept."""

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import Connection, Engine, delete, insert, select, update

from people import back_off, known_browsers, sessions
from people.accounts import Account, Accounts, folded
from people.attempts import Outcome
from people.passwords import MAX_LENGTH, Passwords, check_new
from people.rules import Person, Rules
from wire.database import reading, writing
from wire.seal import timestamp

MAX_KEPT: Final = 20_000
KEPT_FOR: Final = timedelta(days=180)
NOTED_AGAIN: Final = timedelta(minutes=1)
MAX_WAITS: Final = 1_000


@dataclass(frozen=True)
class Attempt:
    """What an attempt gave: the values of two cookies and who it is, or nothing, and then the seconds to `wait`.

    `outcome` is for operators. Who tried is told only whether it was right and how long to wait.
    """

    outcome: Outcome
    session: str | None = None
    browser: str | None = None
    person: Person | None = None
    wait: int = 0


@dataclass(frozen=True)
class From:
    """Where an attempt comes from: an address, and the cookies that the browser has of us."""

    address: str
    browser: str | None = None
    session: str | None = None


class LogIns:
    """One for an application. Methods read and write the database: not for the event loop."""

    def __init__(
        self,
        engine: Engine,
        rules: Rules,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        passwords: Passwords | None = None,
    ) -> None:
        self._rules = rules
        self._tables = rules.tables
        self._accounts = Accounts(rules)
        self._reading = reading(engine)
        self._writing = writing(engine)
        self._now = now
        self._passwords = passwords or Passwords()
        self._counting = threading.Lock()
        self._waits: dict[str, datetime] = {}
        self.counted: Counter[Outcome] = Counter()  # since the start

    def person(self, session: str) -> Person | None:
        """Give who is logged in with this cookie."""
        with self._reading.connect() as connection:
            found = sessions.find(connection, self._rules, session, self._now())
        if found is None:
            return None
        if found[1]:
            with self._writing.begin() as connection:
                sessions.touch(connection, self._tables, session, self._now())
        return found[0]

    def by_password(self, name: str, password: str, by: From) -> Attempt:
        """Log in. Unknown, disabled and invited accounts take as long as a wrong password, and are told the same."""
        with self._passwords.in_line():
            return self._by_password(folded(name), password, by)

    def _by_password(self, name: str, password: str, by: From) -> Attempt:
        with self._reading.connect() as connection:
            found = self._accounts.find(connection, name)
            browser = self._known(connection, by.browser, found[0].number) if found and by.browser else None
        keys = back_off.keys_of(name, by.address, browser)
        account, stored = found or (None, None)
        wait = self._begin_attempt(keys)
        if wait:
            return self._must_wait(account, by, wait)
        usable = stored if account is not None and not account.disabled else None
        fits = self._passwords.fits(usable, password) and len(password) <= MAX_LENGTH
        if account is None:
            return self._failed(Outcome.UNKNOWN_NAME, None, by)
        if not fits or stored is None:
            why = Outcome.DISABLED if account.disabled else Outcome.WRONG if stored else Outcome.INVITED
            return self._failed(why, account, by)
        renewed = self._passwords.hash(password) if self._passwords.is_old(stored) else None
        with self._writing.begin() as connection:
            back_off.succeeded(connection, self._tables.back_off, keys, self._now())
            if self._accounts.find(connection, name) != (account, stored):
                return self._failed(Outcome.WRONG, account, by, connection=connection)  # changed meanwhile
            if renewed is not None:
                self._change(connection, account, password=renewed)
            return self._begin(connection, account, by, Outcome.LOGGED_IN)

    def by_code(self, code: str, password: str, by: From) -> Attempt:
        """Set the first password with a one-time code, and log in; BadPassword if it is no good one."""
        with self._passwords.in_line():
            return self._by_code(code, password, by)

    def _by_code(self, code: str, password: str, by: From) -> Attempt:
        keys = back_off.keys_of_address(by.address)
        wait = self._begin_attempt(keys)
        if wait:
            return self._must_wait(None, by, wait)
        with self._writing.begin() as connection:
            account = self._accounts.invited(connection, code, self._now())
            if account is None:
                return self._failed(Outcome.UNKNOWN_CODE, None, by, connection=connection)
            back_off.succeeded(connection, self._tables.back_off, keys, self._now())
        check_new(password, account.name)
        hashed = self._passwords.hash(password)
        with self._writing.begin() as connection:
            if not self._accounts.use_code(connection, account, code, hashed):
                return self._failed(Outcome.UNKNOWN_CODE, account, by, connection=connection)
            return self._begin(connection, account, by, Outcome.FIRST)

    def by_token(self, token: str, by: From) -> Attempt:
        """Log in with an access token; the session ends when the token is removed."""
        with self._passwords.in_line():
            return self._by_token(token.strip(), by)

    def _by_token(self, token: str, by: From) -> Attempt:
        keys = back_off.keys_of_address(by.address)
        wait = self._begin_attempt(keys)
        if wait:
            return self._must_wait(None, by, wait)
        with self._writing.begin() as connection:
            found = self._rules.bearer_of(connection, token)
            if found is None:
                return self._failed(Outcome.UNKNOWN_BEARER, None, by, connection=connection)
            back_off.succeeded(connection, self._tables.back_off, keys, self._now())
            person, digest = found
            if by.session:
                sessions.end(connection, self._tables, by.session)
            session = sessions.begin(connection, self._rules, self._now(), token=digest)
            self._note(connection, Outcome.BEARER, None, person.name, by)
        return Attempt(Outcome.BEARER, session, None, person)

    def vouched(self, name: str, by: From) -> Attempt:
        """Let in whom somebody else has identified; the account must be there, and not disabled."""
        with self._writing.begin() as connection:
            account, _ = self._accounts.find(connection, name) or (None, None)
            if account is None or account.disabled:
                why = Outcome.UNKNOWN_NAME if account is None else Outcome.DISABLED
                return self._failed(why, account, by, connection=connection)
            return self._begin(connection, account, by, Outcome.VOUCHED)

    def change_password(self, account: int | None, old: str, new: str, by: From) -> Attempt:
        """Change the password of who is logged in; all other sessions end. BadPassword if it is no good one."""
        with self._reading.connect() as connection:
            name = self._name_of(connection, account)
        if name is None:
            return self._failed(Outcome.UNKNOWN_NAME, None, by)
        check_new(new, name)
        found = self.by_password(name, old, by)
        if found.session is None:
            return found
        hashed = self._passwords.hash(new)
        with self._writing.begin() as connection:
            mine, _ = self._accounts.find(connection, name) or (None, None)
            if mine is None or mine.disabled:
                return self._failed(Outcome.DISABLED, mine, by, connection=connection)
            self._accounts.set_password(connection, mine.number, hashed)
            return self._begin(connection, mine, by, Outcome.CHANGED)

    def log_out(self, by: From) -> None:
        """End the session."""
        if not by.session:
            return
        with self._writing.begin() as connection:
            found = sessions.find(connection, self._rules, by.session, self._now())
            sessions.end(connection, self._tables, by.session)
            if found is not None:
                number = found[0].account
                name = self._name_of(connection, number) or found[0].name
                self._note(connection, Outcome.LOGGED_OUT, number, name, by)

    def _known(self, connection: Connection, browser: str, account: int) -> bytes | None:
        return known_browsers.find(connection, self._tables.known_browsers, browser, account)

    def _name_of(self, connection: Connection, account: int | None) -> str | None:
        table = self._tables.accounts
        return connection.scalar(select(table.c.name).where(table.c.number == (account or 0)))

    def _change(self, connection: Connection, account: Account, **values: str) -> None:
        table = self._tables.accounts
        connection.execute(update(table).where(table.c.number == account.number).values(**values))

    def _begin_attempt(self, keys: list[back_off.Key]) -> int:
        """Count an attempt, or give the seconds to wait. Who must wait costs no write."""
        with self._reading.connect() as connection:
            wait = back_off.waiting(connection, self._tables.back_off, keys, self._now())
        if wait:
            return wait
        with self._counting, self._writing.begin() as connection:
            return back_off.attempt(connection, self._tables.back_off, keys, self._now())

    def _must_wait(self, account: Account | None, by: From, wait: int) -> Attempt:
        """Keep that somebody had to wait, once a minute for each address: a flood is counted, not written down."""
        place, now = back_off.network_of(by.address), self._now()
        before = self._waits.get(place)
        if before is not None and now - before < NOTED_AGAIN:
            self.counted[Outcome.MUST_WAIT] += 1
            return Attempt(Outcome.MUST_WAIT, wait=wait)
        if len(self._waits) >= MAX_WAITS:
            self._waits.clear()
        self._waits[place] = now
        return self._failed(Outcome.MUST_WAIT, account, by, wait)

    def _begin(self, connection: Connection, account: Account, by: From, outcome: Outcome) -> Attempt:
        """Begin a session under a name that nobody knew before; the one that the browser had ends."""
        now = self._now()
        if by.session:
            sessions.end(connection, self._tables, by.session)
        session = sessions.begin(connection, self._rules, now, account=account.number)
        browser = known_browsers.keep(connection, self._tables.known_browsers, by.browser, account.number, now)
        self._change(connection, account, last_log_in=timestamp(now))
        self._note(connection, outcome, account.number, account.name, by)
        return Attempt(outcome, session, browser, Person(account.role, account.person, account.number))

    def _failed(
        self, outcome: Outcome, account: Account | None, by: From, wait: int = 0, *,
        connection: Connection | None = None,
    ) -> Attempt:  # fmt: skip
        number, name = (account.number, account.name) if account else (None, None)
        if connection is not None:
            self._note(connection, outcome, number, name, by)
        else:
            with self._writing.begin() as own:
                self._note(own, outcome, number, name, by)
        return Attempt(outcome, wait=wait)

    def _note(
        self, connection: Connection, outcome: Outcome, account: int | None, name: str | None, by: From
    ) -> None:  # fmt: skip
        self.counted[outcome] += 1
        log_ins = self._tables.log_ins
        row = {"at": timestamp(self._now()), "account": account, "name": name, "outcome": outcome.value}
        written = insert(log_ins).values(**row, address=by.address[:64]).returning(log_ins.c.number)
        number = connection.execute(written).scalar_one()
        old = (log_ins.c.number <= number - MAX_KEPT) | (log_ins.c.at < timestamp(self._now() - KEPT_FOR))
        if number % 100 == 0:
            connection.execute(delete(log_ins).where(old))
