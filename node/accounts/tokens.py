"""Access tokens as they are made and removed: a program's, or a person's with some of the roles that the person has.

A person's token acts in that person's name, so two people stay two, and ends by itself. Only the person makes it,
logged in, or who runs commands on the node's machine: an administrator with others' tokens could approve as they.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from node.accounts.acts import Acts, Doer
from node.refusal import Refusal
from node.store.access import Access, Token
from schemas.problems import Problem
from schemas.sentences import sentence
from wire.seal import timestamp

MAX_NAME: Final = 200
USUAL_DAYS: Final = 90
MAX_DAYS: Final = 366


class Tokens:
    """One for a node; every act stands in the trail."""

    def __init__(self, access: Access, acts: Acts) -> None:
        self._access = access
        self._acts = acts

    def for_program(self, by: Doer | str, name: str, now: datetime) -> str:
        """Make a token of a program: it reads and changes records, and nothing else."""
        return self._access.create(_named(name), timestamp(now), self._acts.noted(by, "token.made", name))

    def for_person(
        self, by: Doer | str, account: int, held: Collection[str], name: str, roles: Collection[str], now: datetime,
        days: int = USUAL_DAYS,
    ) -> str:  # fmt: skip
        """Make a token of a person who has the roles `held`; Refusal for others, or for none."""
        if not roles or not set(roles) <= set(held):
            message = sentence("Choose among the roles that the person has: {held}.", held=", ".join(sorted(held)))
            found, allowed = (", ".join(sorted(each)) for each in (roles, held))
            raise Refusal("schema-invalid", message, (Problem("/roles", message, found, allowed),))
        if not 1 <= days <= MAX_DAYS:
            message = sentence("A token is good for 1 to {max_days} days, not {days}.", max_days=MAX_DAYS, days=days)
            raise Refusal("schema-invalid", message, (Problem("/days", message, str(days), f"1 to {MAX_DAYS}"),))
        role, ends = " ".join(sorted(map(str, roles))), timestamp(now + timedelta(days=days))
        note = self._acts.noted(by, "token.made", name, role)
        return self._access.create(_named(name), timestamp(now), note, account=account, role=role, ends=ends)

    def remove(self, by: Doer | str, token_id: str, account: int | None = None) -> bool:
        """Remove a token, with an account only if it is that person's; whether there was one."""
        if account is not None and all(each.id != token_id for each in self._access.listed(account)):
            return False

        def note(connection: Connection, removed: Token) -> None:
            whose = f"of {removed.person}" if removed.person else ""
            self._acts.note(by, "token.removed", removed.name, whose, connection=connection)

        return self._access.remove_one(token_id, note) is not None


def _named(name: str) -> str:
    if not 1 <= len(name.strip()) <= MAX_NAME or not name.isprintable():
        message = sentence(
            "A token has a name of 1 to {max_name} characters, such as the program's that sends it.", max_name=MAX_NAME
        )
        raise Refusal("schema-invalid", message, (Problem("/name", message, name[:80], f"1 to {MAX_NAME} characters"),))
    return name
