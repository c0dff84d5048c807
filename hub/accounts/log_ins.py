"""Logging in to the hub: people's log-ins by the hub's rules, its cookies, and the list of every attempt."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from sqlalchemy import Engine

from hub.accounts.people import list_log_ins
from hub.accounts.rules import RULES
from hub.clock import utc_now
from people.attempts import Outcome
from people.cookies import Cookies
from people.log_ins import LogIns

COOKIES: Final = Cookies("liaison")


def open_log_ins(engine: Engine, now: Callable[[], datetime] = utc_now) -> LogIns:
    """Give what lets people in; one for an application."""
    return LogIns(engine, RULES, now)


__all__ = ["COOKIES", "Outcome", "list_log_ins", "open_log_ins"]
