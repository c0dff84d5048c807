"""The regional hub put together: it follows another hub's log and serves its own members from what it verified."""

import asyncio
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import structlog
from sqlalchemy import Engine

from hub.api.application import create_api
from hub.clock import utc_now
from hub.damage import Damage
from hub.decide import Outcome
from hub.erased_list import ERASED_FILE, ErasedList
from hub.examiners import Examiners
from hub.following.choice import Followed, read_followed
from hub.following.rounds import Follower
from hub.following.source import Reader
from hub.following.state import State
from hub.following.writing import FollowingWriter
from hub.keyring import TRUST_FILE
from hub.operating.deeds import Operating
from hub.operating.health import Senses
from hub.parts import Parts, live_here, run_pages
from hub.performance import settle_garbage_collection
from hub.registrar import note_address, sole_owner
from hub.schema import open_store
from hub.scrub import scrub
from hub.settings import Settings, read_settings
from hub.split_views import SplitViews
from hub.streaming.limits import LiveLimits
from hub.subscriptions.sending import Sending, sending_of
from hub.subscriptions.worker import Worker
from hub.tail import Tail
from hub.this_log import this_log
from hub.writer import Committed
from wire.absence import serve_through_absences
from wire.database import reading
from wire.keys import read_secret
from wire.log_source import HubLog, LogSource
from wire.trust import Trust, read_trust

TIDY_SECONDS = 1.0
TRIES = 3

_log = structlog.get_logger()


@dataclass
class RegionalHub:
    """The running parts; `source` is the followed log."""

    directory: Path
    trust: Trust
    followed: Followed
    engine: Engine
    writer: FollowingWriter
    thread: ThreadPoolExecutor
    source: LogSource
    workers: int | None = None
    proxies: str = ""
    live: LiveLimits = field(default_factory=LiveLimits)
    sending: Sending | None = None  # how subscriptions of its own members go out

    def __post_init__(self) -> None:
        size = self.writer.state.size
        self.state = State(self.followed.hub, self.followed.choice, utc_now, size, size)
        self.tail = Tail(size)
        self.split_views = SplitViews(reading(self.engine), self.directory)

    async def serve(self, host: str, port: int) -> None:
        """Follow and serve until SIGTERM or SIGINT, or until one part fails."""
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, stop.set)
        damage = Damage(self.directory)
        async with Examiners(self.trust.network, self.workers) as examiners, Parts() as parts:
            parts.add(damage.watch(), "log")
            parts.add(scrub(reading(self.engine), self.tail, damage), "scrub")
            parts.add(self.split_views.run(), "split views")
            parts.add(self.follower(examiners).run(), "following")
            parts.add(self._leave_no_trace(), "erasing")
            if self.sending is not None:
                parts.add(Worker(self.engine, self.tail, self.sending).run(), "subscriptions")
            parts.add(self._pages(host, port, damage), "pages")
            _log.info("hub.serves", address=f"http://{host}:{port}", follows=self.followed.hub, log_size=self.tail.size)
            await parts.until(stop)
            self.tail.close()  # live readers end, so that the pages can end too
        _log.info("hub.stopped")

    async def once(self, step: Callable[[int, int | None], None]) -> None:
        """Take what is there now, serve nobody; `step` is told of the progress."""
        async with Examiners(self.trust.network, self.workers) as examiners:
            await self.follower(examiners, step).try_round()
            self.writer.tidy()

    def follower(self, examiners: Examiners, step: Callable[[int, int | None], None] | None = None) -> Follower:
        """Give the part that follows."""

        def taken(seen: dict[str, int], size: int, changed: bool) -> None:
            self.split_views.committed(Committed(Outcome(seen=seen), size, {}))
            if changed:
                self.tail.forget()
            self.tail.advance(size)
            if step is not None:
                step(size, self.state.target)

        reader = Reader(self.source, self.followed.choice, examiners)
        return Follower(
            self.source, reader, self.writer, self.thread, self.trust, self.directory, self.state, taken
        )  # fmt: skip

    async def _leave_no_trace(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(TIDY_SECONDS)
            await loop.run_in_executor(self.thread, self.writer.tidy)

    async def _pages(self, host: str, port: int, damage: Damage) -> None:
        live = live_here(self.live)
        api = create_api(
            reading(self.engine), self.trust.network, self.trust.to_bytes(), lambda: self.writer.state.registry,
            self.tail, damaged=damage.report, split_views=lambda: self.split_views.found,
            live=live, following=self.state.document, sending=self.sending,
            operating=Operating(Senses(directory=self.directory)),
        )  # fmt: skip
        await run_pages(api, host, port, self.proxies, live.readers)


def run(directory: Path, host: str, port: int) -> State | None:
    """Follow and serve until told to stop; gives how it stood at the end, None if the database was away then."""
    settings, states = read_settings(directory), list[State | None]()

    with sole_owner(directory):
        note_address(directory, host, port)
        first = open_store(settings)  # what is wrong with it at the start is told to whoever starts the hub

        def serve(again: bool) -> None:
            states.append(None)
            states[-1] = _run(settings, open_store(settings) if again else first, host, port, None)

        serve_through_absences(settings.database, serve, lambda app: run_pages(app, host, port, settings.proxies, 0))
    return states[-1]


def take_once(directory: Path, host: str, port: int, step: Callable[[int, int | None], None]) -> State:
    """Take what is there now, serve nobody, and tell `step` of the progress; gives how it stands at the end."""
    with sole_owner(directory):
        note_address(directory, host, port)
        settings = read_settings(directory)
        return _run(settings, open_store(settings), host, port, step)


def _run(
    settings: Settings, engine: Engine, host: str, port: int, step: Callable[[int, int | None], None] | None
) -> State:
    import uvloop  # noqa: PLC0415 - only the services need it

    directory = settings.directory
    followed, trust = read_followed(directory), read_trust(directory / TRUST_FILE)
    token = None if followed.token_file is None else read_secret(followed.token_file).decode().strip()
    source = HubLog(followed.hub, token, lambda text: _log.warning("following.asks_again", reason=text), tries=TRIES)
    try:
        with ThreadPoolExecutor(1, "writer") as thread:
            erased = ErasedList(directory / ERASED_FILE)
            writer = thread.submit(FollowingWriter, engine, trust, followed.choice, erased).result()
            settle_garbage_collection()
            hub = RegionalHub(
                directory, trust, followed, engine, writer, thread, source, settings.workers or None, settings.proxies,
                settings.live, sending_of(settings, trust.network, this_log(writer.state.registry, trust.first_log)),
            )  # fmt: skip
            uvloop.run(hub.serve(host, port) if step is None else hub.once(step))
            return hub.state
    finally:
        source.close()
        engine.dispose()
