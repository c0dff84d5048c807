"""What became of attempts to log in: each outcome has a word, and all are listed, newest first."""

from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Connection, Table, select

from ui.languages import gettext_noop as N_


class Outcome(StrEnum):
    """What became of an attempt."""

    LOGGED_IN = N_("logged in")
    FIRST = N_("first log-in")
    CHANGED = N_("password changed")
    BEARER = N_("by token")
    VOUCHED = N_("by provider")
    LOGGED_OUT = N_("logged out")
    WRONG = N_("wrong password")
    UNKNOWN_NAME = N_("unknown name")
    INVITED = N_("no password yet")
    DISABLED = N_("disabled")
    UNKNOWN_BEARER = N_("unknown token")
    UNKNOWN_CODE = N_("unknown code")
    MUST_WAIT = N_("must wait")


FAILURES: Final = frozenset(
    {Outcome.WRONG, Outcome.UNKNOWN_NAME, Outcome.INVITED, Outcome.DISABLED, Outcome.UNKNOWN_BEARER,
     Outcome.UNKNOWN_CODE, Outcome.MUST_WAIT}
)  # fmt: skip


def list_log_ins(
    connection: Connection, log_ins: Table, *, limit: int = 100, before: int | None = None
) -> list[dict[str, Any]]:
    """Give attempts, newest first: number, at, name, outcome, address; `failed` tells which were none."""
    query = select(log_ins).order_by(log_ins.c.number.desc()).limit(limit)
    if before is not None:
        query = query.where(log_ins.c.number < before)
    return [
        {
            "number": row.number,
            "at": row.at,
            "name": row.name,
            "outcome": row.outcome,
            "failed": row.outcome in FAILURES,
            "address": row.address,
        }
        for row in connection.execute(query)
    ]
