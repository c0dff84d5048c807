"""A service whose database goes away says so, waits, and begins again; what is no absence ends it as before."""

import asyncio
import os
import signal
from typing import Any

import orjson
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError, ProgrammingError

from wire.absence import AWAY, App, says_away, serve_through_absences, until_back
from wire.database import open_database


class Closed:
    """One database of a server that lets nobody in; whoever is in is put out."""

    def __init__(self, url: str) -> None:
        self._name = make_url(url).database
        server = make_url(url).set(drivername="postgresql+psycopg", database="postgres")
        self._engine = create_engine(server, isolation_level="AUTOCOMMIT")

    def close(self) -> None:
        self._say(f"ALTER DATABASE {self._name} ALLOW_CONNECTIONS false")
        self._say(f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{self._name}'")  # noqa: S608

    def open(self) -> None:
        self._say(f"ALTER DATABASE {self._name} ALLOW_CONNECTIONS true")
        self._engine.dispose()

    def _say(self, statement: str) -> None:
        with self._engine.connect() as connection:
            connection.execute(text(statement))


class Service:
    """It asks its database, which goes away at the first time."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.database = Closed(url)
        self.begun: list[bool] = []

    def serve(self, again: bool) -> None:
        self.begun.append(again)
        engine = open_database(self.url)
        try:
            with engine.connect() as connection:
                if not again:
                    self.database.close()
                connection.execute(text("SELECT 1"))
        finally:
            engine.dispose()


async def asked(app: App, path: str) -> tuple[int, dict[str, Any]]:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        raise AssertionError

    await app({"type": "http", "path": path}, receive, send)
    return sent[0]["status"], orjson.loads(sent[1]["body"])


def test_it_says_that_the_database_is_away_and_begins_again_once_it_answers(postgres_url: str) -> None:
    service = Service(postgres_url)
    said: list[tuple[int, dict[str, Any]]] = []

    async def pages(app: App) -> None:
        said.extend([await asked(app, "/readyz"), await asked(app, "/livez")])
        await asyncio.to_thread(service.database.open)
        await asyncio.Event().wait()

    serve_through_absences(postgres_url, service.serve, pages)
    assert service.begun == [False, True]
    assert [status for status, _ in said] == [503, 200]
    assert (said[0][1]["detail"], said[0][1]["checks"]) == (AWAY, {"database": "fail"})


def test_while_it_waits_it_can_be_told_to_stop(postgres_url: str) -> None:
    service = Service(postgres_url)

    async def pages(_app: App) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.Event().wait()

    serve_through_absences(postgres_url, service.serve, pages)
    assert service.begun == [False]
    service.database.open()


@pytest.mark.parametrize("kind", ["postgresql", "sqlite"])
def test_what_is_wrong_with_a_database_that_answers_ends_the_service_also_where_several_parts_fail(
    kind: str, request: pytest.FixtureRequest
) -> None:
    url = "sqlite://" if kind == "sqlite" else request.getfixturevalue("postgres_url")
    engine = open_database(url)

    def serve(_again: bool) -> None:
        try:
            with engine.connect() as connection:
                connection.execute(text("SELECT * FROM nothing"))
        except (OperationalError, ProgrammingError) as error:
            raise ExceptionGroup("parts", [error]) from None

    async def pages(_app: App) -> None:
        raise AssertionError

    with pytest.raises((OperationalError, ProgrammingError), match="nothing"):
        serve_through_absences(url, serve, pages)
    engine.dispose()


async def test_it_is_asked_until_it_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wire.absence.FIRST_PAUSE", 0.0)
    answers = [False, False, True]
    assert await until_back(lambda: answers.pop(0), asyncio.Event())
    assert answers == []


async def test_what_is_no_request_is_not_answered() -> None:
    async def never(_message: Any = None) -> Any:
        raise AssertionError

    await says_away({"type": "lifespan"}, never, never)
