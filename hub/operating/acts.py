"""The trail of what operators do: written before it is done, its outcome after, and never removed."""

from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from hub.access import Reader
from hub.operating.tables import acts
from wire.seal import timestamp

BEGUN: Final = "begun"
DONE: Final = "done"
REFUSED: Final = "refused"
MAX_ANSWER: Final = 2000


class Act(NamedTuple):
    """What is to be done: its word, to whom or what, why, and the number of the form that asks for it."""

    act: str
    organization: str | None
    about: str | None
    reason: str
    form: str


def begin(connection: Connection, act: Act, by: Reader, now: datetime) -> int | None:
    """Write down that an act begins; None if this very form has acted already."""
    row = {**act._asdict(), "at": timestamp(now), "account": by.account, "who": by.name or "", "outcome": BEGUN}
    try:
        with connection.begin_nested():
            written = connection.execute(insert(acts).values(**row, answer="").returning(acts.c.number))
            return int(written.scalar_one())
    except IntegrityError:
        return None


def finish(connection: Connection, number: int, outcome: str, answer: str) -> None:
    """Write down what became of it."""
    mine = acts.c.number == number
    connection.execute(update(acts).where(mine).values(outcome=outcome, answer=answer[:MAX_ANSWER]))


def of_form(connection: Connection, form: str) -> dict[str, Any] | None:
    """Give what a form has done; None if it was never sent."""
    row = connection.execute(select(acts).where(acts.c.form == form)).first()
    return None if row is None else _shown(row)


def list_acts(
    connection: Connection, *, organization: str | None = None, before: int | None = None, limit: int = 100
) -> list[dict[str, Any]]:  # fmt: skip
    """Give acts, newest first: number, at, who, act, organization, about, reason, outcome, answer."""
    query = select(acts).order_by(acts.c.number.desc()).limit(limit)
    if organization is not None:
        query = query.where(acts.c.organization == organization)
    if before is not None:
        query = query.where(acts.c.number < before)
    return [_shown(row) for row in connection.execute(query)]


def _shown(row: Any) -> dict[str, Any]:
    names = ("number", "at", "who", "act", "organization", "about", "reason", "outcome", "answer", "form")
    return {name: getattr(row, name) for name in names}
