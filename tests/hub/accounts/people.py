"""A person with an account and a clock that stands still until it is moved, for the tests of logging in."""

from datetime import datetime, timedelta

from argon2 import PasswordHasher
from sqlalchemy import Engine

from hub.accounts import people
from hub.accounts.log_ins import Attempt, From, LogIns
from hub.accounts.passwords import Passwords
from tests.signed_network import NOON

PASSWORD = "correct horse battery"
# As argon2id is, with next to no work: what is tested is not its strength.
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
HOME, CAFE = From("192.0.2.1"), From("198.51.100.7")


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
    """A hub's log-ins with one account, amina, who has not set her password yet."""

    def __init__(self, engine: Engine, role: str = "operator", passwords: Passwords | None = None) -> None:
        self.engine = engine
        self.clock = Clock()
        self.log_ins = LogIns(engine, self.clock, passwords or Passwords(QUICK))
        with engine.begin() as connection:
            self.code = people.add(connection, "amina", role, self.clock(), person="Amina Warsame")

    def first(self, by: From = HOME) -> Attempt:
        """Set the password with the code."""
        return self.log_ins.by_code(self.code, PASSWORD, by)

    def enter(self, password: str = PASSWORD, by: From = HOME, name: str = "amina") -> Attempt:
        """Try to log in."""
        return self.log_ins.by_password(name, password, by)

    def fail(self, times: int, by: From = HOME, name: str = "amina") -> list[int]:
        """Try so many wrong passwords; gives the seconds that each was told to wait."""
        return [self.enter(f"wrong {number}", by, name).wait for number in range(times)]
