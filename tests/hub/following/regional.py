"""A regional hub for tests, which follows a log in a directory, and such directories made of hubs and of liars."""

import asyncio
import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import Engine, select

from hub import tables
from hub.erased_list import ERASED_FILE, ErasedList
from hub.following.app import RegionalHub
from hub.following.choice import Choice, Followed
from hub.following.state import State
from hub.following.writing import FollowingWriter
from hub.schema import MIGRATIONS
from tests.hub.published import Published
from tests.migrated import migrated_engine
from tests.signed_network import TRUST
from tests.wire.audited_log import AuditedLog
from wire.log_source import DirectoryLog, LogSource
from wire.registry import HUB

ADDRESS = "https://hub.example"


def opened(path: Path) -> Engine:
    """A migrated SQLite database."""
    return migrated_engine(path, MIGRATIONS)


@dataclass
class Regional:
    """A regional hub's state directory and database; `again` begins it anew on them, as another process would."""

    directory: Path
    source: LogSource
    engine: Engine
    choice: Choice = field(default_factory=Choice)

    def __post_init__(self) -> None:
        self.directory.mkdir(exist_ok=True)
        self.begin()

    def begin(self) -> None:
        """Begin on what lies there."""
        self.thread = ThreadPoolExecutor(1)
        erased = ErasedList(self.directory / ERASED_FILE)
        writer = FollowingWriter(self.engine, TRUST, self.choice, erased)
        followed = Followed(ADDRESS, self.choice)
        self.hub = RegionalHub(self.directory, TRUST, followed, self.engine, writer, self.thread, self.source, 1)

    def again(self, source: LogSource | None = None) -> State:
        """Begin anew and take what is there."""
        self.source = source or self.source
        self.thread.shutdown()
        self.begin()
        return self.once()

    def once(self, source: LogSource | None = None) -> State:
        """Take what is there; gives how it stands then."""
        if source is not None:
            self.source = self.hub.source = source
        asyncio.run(self.hub.once(lambda _done, _total: None))
        return self.hub.state

    def refused(self, source: LogSource | None = None) -> dict[str, Any]:
        """Be shown something that must be refused; gives the evidence that is kept of it."""
        before = self.size()
        state = self.once(source)
        assert (state.word, self.size()) == ("refused", before), state.reason
        [path] = (self.directory / "evidence").glob("refused-*.json")
        assert path.stat().st_mode & 0o777 == 0o600
        assert path.name in state.reason
        found: dict[str, Any] = orjson.loads(path.read_bytes())
        return found

    def size(self) -> int:
        """How many entries its database has."""
        with self.engine.connect() as connection:
            return len(connection.execute(select(tables.log.c.index)).all())


def logged_by(network: Published) -> AuditedLog:
    """What a hub has logged, and the bodies that it has; its witnesses are those of its registry."""
    registry = network.writer.state.registry
    log = AuditedLog(witnesses=[name for name in registry.witnesses(TRUST.network).keys if name != HUB])
    with network.engine.connect() as connection:
        log.entries = [
            bytes(each) for each in connection.scalars(select(tables.log.c.token).order_by(tables.log.c.index))
        ]
        log.bodies = {
            hashlib.sha256(each).digest(): bytes(each) for each in connection.scalars(select(tables.bodies.c.body))
        }
    return log


def shown_by(network: Published, directory: Path) -> DirectoryLog:
    """A hub's log with a checkpoint of now that all witnesses have cosigned; earlier ones stay."""
    log = logged_by(network)
    log.sign()
    return DirectoryLog(log.write(directory))


@pytest.fixture
def first(tmp_path: Path) -> Iterator[Published]:
    """The hub that keeps the log."""
    engine = opened(tmp_path / "first.sqlite")
    yield Published(engine)
    engine.dispose()


@pytest.fixture
def regional(tmp_path: Path) -> Iterator[Regional]:
    """A regional hub on SQLite that has seen nothing yet."""
    engine = opened(tmp_path / "regional.sqlite")
    yield Regional(tmp_path / "regional", DirectoryLog(tmp_path / "none"), engine)
    engine.dispose()
