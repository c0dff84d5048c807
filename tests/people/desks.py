"""A person with an account and a clock that stands still until it is moved, for the tests of logging in."""

from datetime import datetime, timedelta

from argon2 import PasswordHasher
from sqlalchemy import Column, Connection, Engine, LargeBinary, MetaData, String, Table, select

from people.accounts import Accounts
from people.log_ins import Attempt, From, LogIns
from people.passwords import Passwords
from people.rules import Lasts, Person, Rules
from people.tables import create_tables
from tests.signed_network import NOON

PASSWORD = "correct horse battery"
# As argon2id is, with next to no work: what is tested is not its strength.
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
HOME, CAFE = From("192.0.2.1"), From("198.51.100.7")

# A service with two roles, of which the second lasts less long, and with access tokens.
metadata = MetaData()
tokens = Table(
    "access_tokens",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("name", String(200)),
    Column("role", String(10)),
)
TABLES = create_tables(metadata, tokens=tokens)


def bearer_of(connection: Connection, token: str) -> tuple[Person, bytes] | None:
    """Tokens of the test are stored as they are."""
    row = connection.execute(select(tokens).where(tokens.c.digest == token.encode()[:32])).first()
    return None if row is None else (Person(row.role, row.name), row.digest)


LASTS = {
    "member": Lasts(timedelta(hours=12), timedelta(days=7)), "operator": Lasts(timedelta(hours=2), timedelta(hours=12)),
}  # fmt: skip
RULES = Rules(TABLES, LASTS, bearer_of)
people = Accounts(RULES)


class Clock:
    """The time of a test."""

    def __init__(self) -> None:
        self.time = NOON

    def __call__(self) -> datetime:
        return self.time

    def wait(self, **span: float) -> None:
        """Let time pass."""
        self.time += timedelta(**span)


class Desk:
    """A service's log-ins with one account, amina, who has not set her password yet."""

    def __init__(
        self, engine: Engine, role: str = "operator", passwords: Passwords | None = None, rules: Rules = RULES
    ) -> None:
        self.engine = engine
        self.clock = Clock()
        self.log_ins = LogIns(engine, rules, self.clock, passwords or Passwords(QUICK))
        with engine.begin() as connection:
            self.code = Accounts(rules).add(connection, "amina", role, self.clock(), person="Amina Warsame")

    def first(self, by: From = HOME) -> Attempt:
        """Set the password with the code."""
        return self.log_ins.by_code(self.code, PASSWORD, by)

    def enter(self, password: str = PASSWORD, by: From = HOME, name: str = "amina") -> Attempt:
        """Try to log in."""
        return self.log_ins.by_password(name, password, by)

    def fail(self, times: int, by: From = HOME, name: str = "amina") -> list[int]:
        """Try so many wrong passwords; gives the seconds that each was told to wait."""
        return [self.enter(f"wrong {number}", by, name).wait for number in range(times)]
