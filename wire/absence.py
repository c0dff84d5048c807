"""A service outlasts an absence of its PostgreSQL: it says so to whoever asks, tries again, and begins anew."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from typing import Any, Final

import orjson
import structlog
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from wire.database import cause_of, is_away, open_database, sqlite_file
from wire.patience import within

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 15.0
ANSWER_SECONDS: Final = 10.0
AWAY: Final = "The database is away. It is asked again and again, and the service goes on once it answers."

_log = structlog.get_logger()
_Message = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[_Message]]
_Send = Callable[[_Message], Awaitable[None]]
App = Callable[[_Message, _Receive, _Send], Awaitable[None]]


def serve_through_absences(
    database: str, serve: Callable[[bool], None], pages: Callable[[App], Awaitable[None]]
) -> None:
    """Let `serve(again)` run until it was told to stop; where its database went away, wait, and let it begin again.

    To begin anew is what a killed service does: nothing is known better then than what the database says, and what
    was under way comes again from bus and outbox. Meanwhile `pages(app)` serves, until it is cancelled.
    """
    again = False
    while True:
        try:
            serve(again)
        except Exception as error:  # noqa: BLE001 - what is no absence is raised again
            cause = first_of(error)
            gone = isinstance(cause, DBAPIError) and is_away(cause)
            if not gone and not (again and _is_elsewhere(database) and not answers(database)):
                raise cause from None
            what = "nothing is lost: it is asked again until it answers, and then the service goes on"
            said = cause_of(cause) if isinstance(cause, DBAPIError) else str(cause)
            _log.warning("database.away", reason=said, what=what)
        else:
            return
        if not asyncio.run(_waited(database, pages)):
            return
        _log.info("database.back")
        again = True


def first_of(error: BaseException) -> BaseException:
    """Give what failed first where several did together: the commands tell an error in a sentence, and no group."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def answers(database: str) -> bool:
    """Whether the database can be asked now."""
    engine = open_database(database)

    def ask() -> None:
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))

    try:
        within(ANSWER_SECONDS, ask)
    except (SQLAlchemyError, OSError):  # TimeoutError too
        return False
    finally:
        engine.dispose()
    return True


async def until_back(answering: Callable[[], bool], stop: asyncio.Event) -> bool:
    """Ask with growing pauses until the database answers; false if the service was told to stop before."""
    pause = FIRST_PAUSE
    while not stop.is_set():
        with suppress(TimeoutError):
            async with asyncio.timeout(pause):
                await stop.wait()
        if not stop.is_set() and await asyncio.to_thread(answering):
            return True
        pause = min(2 * pause, LONGEST_PAUSE)
    return False


async def says_away(scope: _Message, _receive: _Receive, send: _Send) -> None:
    """Answer that the process lives, and anything else with what it waits for."""
    if scope["type"] != "http":
        return
    lives = scope["path"] == "/livez"
    document = {"status": "pass"} if lives else {
        "type": "about:blank", "title": "Service Unavailable", "status": 503, "detail": AWAY,
        "checks": {"database": "fail"},
    }  # fmt: skip
    kind = b"application/json" if lives else b"application/problem+json"
    headers = [(b"content-type", kind), (b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff")]
    if not lives:
        headers.append((b"retry-after", b"%d" % LONGEST_PAUSE))
    await send({"type": "http.response.start", "status": 200 if lives else 503, "headers": headers})
    await send({"type": "http.response.body", "body": orjson.dumps(document)})


async def _waited(database: str, pages: Callable[[App], Awaitable[None]]) -> bool:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    serving = asyncio.ensure_future(pages(says_away))
    try:
        return await until_back(lambda: answers(database), stop)
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)


def _is_elsewhere(database: str) -> bool:
    return sqlite_file(database) is None
