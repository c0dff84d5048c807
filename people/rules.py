"""What a service decides about its people: which roles there are, how long each stays logged in, who bears a token."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import Connection

from people.tables import Tables
from schemas.sentences import sentence


class Person(NamedTuple):
    """Who is logged in: `role` as the service's rules have it; `account` is a number, none for a token's bearer."""

    role: str
    name: str
    account: int | None = None


class Lasts(NamedTuple):
    """How long a session lasts unused, and at most."""

    idle: timedelta
    at_most: timedelta


class BadAccount(ValueError):
    """What cannot be done with an account; the message says why and what to do."""


def _nobody(_connection: Connection, _token: str) -> tuple[Person, bytes] | None:
    return None


@dataclass(frozen=True)
class Rules:
    """Built once for a service.

    `lasts` gives the times of each role. Where `several` may be held, a role has several words, and lasts as long as
    the shortest of them. `bearer_of` gives who bears an access token, and the digest that its row has.
    """

    tables: Tables
    lasts: Mapping[str, Lasts]
    bearer_of: Callable[[Connection, str], tuple[Person, bytes] | None] = _nobody
    several: bool = False

    def checked(self, role: str) -> str:
        """Give a role in its one form: its words in the order of `lasts`; BadAccount for another."""
        held = role.split()
        if not held or any(word not in self.lasts for word in held) or (len(held) > 1 and not self.several):
            raise BadAccount(
                sentence("the role is {lasts}, not {role}", lasts=" or ".join(self.lasts), role=repr(role))
            )
        return " ".join(word for word in self.lasts if word in held)

    def lasting(self, role: str) -> Lasts:
        """Give how long a session of this role lasts."""
        spans = [self.lasts[word] for word in role.split()]
        return Lasts(min(span.idle for span in spans), min(span.at_most for span in spans))

    @property
    def longest(self) -> Lasts:
        """Give the longest that any session lasts."""
        spans = self.lasts.values()
        return Lasts(max(span.idle for span in spans), max(span.at_most for span in spans))
