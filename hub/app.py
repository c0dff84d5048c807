"""The hub put together: every part is built here and handed to those who need it; it runs until it is told to stop."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import structlog
from sqlalchemy import Engine

from hub.answers import Answers
from hub.api.application import create_api
from hub.author import author_in
from hub.bus_config import BusAccount
from hub.bus_server import BusServer, BusServerError
from hub.clock import utc_now
from hub.damage import Damage
from hub.erased_list import ERASED_FILE, ErasedList
from hub.examiners import Examiners
from hub.feed import Feed
from hub.heads import note_heads
from hub.intake import DURABLE, Intake, ensure_streams
from hub.keyring import Keyring, as_registered, load_keys
from hub.last_checkpoint import LastCheckpoint, last_checkpoint_of
from hub.node_states import seen_by
from hub.operating.deeds import Operating
from hub.operating.reaching import keep_watching, reach
from hub.parts import Parts, live_here, run_pages
from hub.performance import settle_garbage_collection
from hub.questions import Questions
from hub.rebuild import rebuild
from hub.receipting import Receipts
from hub.recovery import leave_former_log, recover
from hub.registrar import note_address, perform_waiting, sole_owner
from hub.relog import Copy
from hub.rolled_back import accept_rollback, stop_if_rolled_back
from hub.schema import open_store
from hub.scrub import scrub
from hub.settings import Settings, read_settings
from hub.split_views import SplitViews
from hub.subscriptions.consumers import seen_by_operators
from hub.subscriptions.sending import Sending, sending_of
from hub.subscriptions.worker import Worker
from hub.tail import Tail
from hub.this_log import this_log
from hub.witnessing import Witnessing
from hub.writer import Committed, Writer
from wire import subjects
from wire.absence import serve_through_absences
from wire.bus import Bus, BusError
from wire.bus_pull import Puller
from wire.database import reading
from wire.nkeys import nkey_public
from wire.registry import Registry

POLL_SECONDS = 0.25
HEADS_SECONDS = 2.0
TIDY_SECONDS = 1.0
VIEW_SECONDS = 1.0
BUS_SECONDS = 10.0
_KEPT = "nothing is lost meanwhile: the nodes keep what they say"

_log = structlog.get_logger()


def bus_accounts(registry: Registry) -> list[BusAccount]:
    """Who has an account on the bus: every organization that has not retired."""
    members = registry.standing_members()
    return [BusAccount(m.organization, m.bus) for m in members if m.bus and m.organization != "hub"]


@dataclass
class Hub:
    """The running parts."""

    settings: Settings
    keyring: Keyring
    engine: Engine
    writer: Writer
    tail: Tail
    thread: ThreadPoolExecutor

    async def serve(self, host: str, port: int) -> None:
        """Run everything until SIGTERM or SIGINT, or until one part fails."""
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, stop.set)
        damage = Damage(self.settings.directory)
        examiners = Examiners(self.keyring.trust.network, self.settings.workers or None)
        # In this order, so that nobody is left who asks when the workers end.
        async with self._bus_server() as (url, server), self._bus(url) as bus, examiners, Parts() as parts:
            split_views = SplitViews(reading(self.engine), self.settings.directory)
            intake, receipts, answers = await self._prepare(bus, damage, split_views, examiners)
            witnessing = Witnessing(
                self.keyring.trust, self.keyring.log, self.engine, self.writer, self.thread, bus,
                self._last_checkpoint(), receipts.witnessed,
            )  # fmt: skip
            await witnessing.start()
            parts.add(damage.watch(), "log")
            parts.add(witnessing.run(), "checkpoints")
            parts.add(scrub(reading(self.engine), self.tail, damage), "scrub")
            parts.add(split_views.run(), "split views")
            parts.add(intake.run(), "intake")
            parts.add(receipts.run(), "receipts")
            parts.add(Feed(reading(self.engine), bus, self.tail).run(), "feed")
            parts.add(self._listen_to_commands(server, receipts), "commands")
            parts.add(self._keep_heads(answers, receipts), "heads")
            parts.add(self._keep_view(), "view")
            parts.add(self._leave_no_trace(), "erasing")
            operating = reach(self.settings.directory, self.engine, self.keyring, self.writer, bus, intake, receipts)
            parts.add(keep_watching(self.engine, lambda: self.writer.state.registry, operating.senses), "watching")
            sending = sending_of(
                self.settings, self.keyring.trust.network,
                this_log(self.writer.state.registry, self.keyring.trust.first_log),
            )  # fmt: skip
            operating.consumers = seen_by_operators(self.tail, sending.figures)
            parts.add(Worker(self.engine, self.tail, sending).run(), "subscriptions")
            parts.add(self._pages(host, port, damage, lambda: split_views.found, operating, sending), "pages")
            await answers.start()
            _log.info("hub.serves", address=f"http://{host}:{port}", bus=url, log_size=self.writer.state.size)
            await parts.until(stop)
            self.tail.close()  # live readers end, so that the pages can end too
        _log.info("hub.stopped")

    @asynccontextmanager
    async def _bus_server(self) -> AsyncIterator[tuple[str, BusServer | None]]:
        if self.settings.bus:
            yield self.settings.bus, None
            return
        server = BusServer(self.settings.directory, nkey_public(self.keyring.bus_seed))
        await server.start(bus_accounts(self.writer.state.registry))
        try:
            yield server.url, server
        finally:
            await server.stop()

    @asynccontextmanager
    async def _bus(self, url: str) -> AsyncIterator[Bus]:
        bus = await Bus.connect(url, name="liaison-hub", seed=self.keyring.bus_seed)
        try:
            while not await bus.wait_connected(BUS_SECONDS):
                what = "the bus must be told the hub's key: liaison-hub doctor" if bus.refused else _KEPT
                _log.warning("bus.awaited", address=url, reason=bus.reason, what=what)
            yield bus
        finally:
            await bus.close()

    async def _prepare(
        self, bus: Bus, damage: Damage, split_views: SplitViews, examiners: Examiners
    ) -> tuple[Intake, Receipts, Answers]:
        try:
            await ensure_streams(bus)
        except BusError as error:
            raise BusServerError(
                f"the bus does not keep the hub's streams: {error}. See that JetStream is switched on in it, that its "
                "disk has room and that the hub's key may do everything there: deploy/nats/README.md"
            ) from None
        await self._recover(bus)
        network = self.keyring.trust.network
        stands = {name: stand for name in self.writer.state.speakers if (stand := self.writer.stand(name))}
        receipts = Receipts(
            network, lambda: self.writer.signing_key, reading(self.engine), bus, stands, self._seen, self.writer.clock
        )
        listeners = [receipts.committed, self._grown, split_views.committed]
        puller = Puller(bus, subjects.EVENTS_STREAM, DURABLE)
        intake = Intake(bus, puller, examiners, self.writer, self.thread, listeners, partial(ensure_streams, bus))
        questions = Questions(reading(self.engine), lambda: self.tail.size, damage)
        answers = Answers(network, bus, lambda: self.writer.state.registry, receipts, intake, questions)
        return intake, receipts, answers

    async def _recover(self, bus: Bus) -> None:
        """Take back what the bus holds of the log and the database does not; LogDamaged if that is not all of it."""
        loop = asyncio.get_running_loop()

        async def relog(copies: list[Copy]) -> None:
            await loop.run_in_executor(self.thread, self.writer.relog, copies)

        erased = self.writer.erased
        await leave_former_log(bus, self.engine, len(self.writer.state.registry.former_logs))
        if await recover(bus, self.writer.state.size, relog, erased):
            await loop.run_in_executor(self.thread, rebuild, self.engine, None, erased)
        await loop.run_in_executor(self.thread, self.writer.confirm_owed)
        self.tail.advance(self.writer.state.size)
        with reading(self.engine).connect() as connection:
            self._last_checkpoint().check(connection, self.writer.state.size)

    def _last_checkpoint(self) -> LastCheckpoint:
        return last_checkpoint_of(self.settings.directory, self.keyring.trust, self.writer.state.registry)

    def _seen(self, organization: str) -> tuple[str, str]:
        return seen_by(reading(self.engine), self.writer.state.registry, organization)

    def _grown(self, committed: Committed) -> None:
        if committed.outcome.erasures:
            self.tail.forget()
        self.tail.advance(committed.size)

    async def _leave_no_trace(self) -> None:
        """After an erasure, between the intake's commits, until no reader is in the way."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(TIDY_SECONDS)
            await loop.run_in_executor(self.thread, self.writer.tidy)

    async def _listen_to_commands(self, server: BusServer | None, receipts: Receipts) -> None:
        """Do what commands submit; the bus learns of a change in the registry at once, nobody's connection suffers."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(POLL_SECONDS)
            done = await loop.run_in_executor(
                self.thread, perform_waiting, self.writer, self.engine, self.keyring.trust
            )
            for committed in done:
                receipts.committed(committed)
                self._grown(committed)
            if done and server is not None:
                await server.reload(bus_accounts(self.writer.state.registry))

    async def _keep_heads(self, answers: Answers, receipts: Receipts) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(HEADS_SECONDS)
            heads = answers.take_heads()
            if heads:
                await loop.run_in_executor(self.thread, note_heads, self.engine, heads)
                # Only now does the hub see these nodes as they are; they are told.
                receipts.ask_for({head["organization"] for head in heads})

    async def _keep_view(self) -> None:
        """Look now and then whether the view is to be stated; the bus carries the statement like any other."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(VIEW_SECONDS)
            committed = await loop.run_in_executor(self.thread, self.writer.keep_view)
            if committed is not None:
                self._grown(committed)

    async def _pages(
        self, host: str, port: int, damage: Damage, split_views: Callable[[], int], operating: Operating,
        sending: Sending,
    ) -> None:  # fmt: skip
        trust, live = self.keyring.trust, live_here(self.settings.live)
        api = create_api(
            reading(self.engine), trust.network, trust.to_bytes(), lambda: self.writer.state.registry, self.tail,
            damaged=damage.report, split_views=split_views, live=live, operating=operating,
            sending=sending,
        )  # fmt: skip
        await run_pages(api, host, port, self.settings.proxies, live.readers)


def run(directory: Path, host: str, port: int, accepted: str = "") -> None:
    """Serve a hub until it is told to stop; `accepted` says why a hub that was restored may go on. RolledBack."""
    settings = read_settings(directory)
    with sole_owner(directory):
        note_address(directory, host, port)
        first = open_store(settings)  # what is wrong with it at the start is told to whoever starts the hub

        def serve(again: bool) -> None:
            _serve(settings, open_store(settings) if again else first, host, port, "" if again else accepted)

        serve_through_absences(settings.database, serve, lambda app: run_pages(app, host, port, settings.proxies, 0))


def _serve(settings: Settings, engine: Engine, host: str, port: int, accepted: str) -> None:
    import uvloop  # noqa: PLC0415 - only the services need it

    directory = settings.directory
    try:
        keyring = load_keys(directory)
        with ThreadPoolExecutor(1, "writer") as thread:
            erased = ErasedList(directory / ERASED_FILE)
            writer = thread.submit(Writer, engine, keyring.trust, author_in(directory, keyring), erased).result()
            keyring = as_registered(directory, keyring, writer.state.registry)
            last = last_checkpoint_of(directory, keyring.trust, writer.state.registry)
            if accepted and accept_rollback(directory, engine, last, accepted, utc_now()):
                _log.warning("hub.rollback_accepted", reason=accepted)
            stop_if_rolled_back(directory, engine, last)
            tail = Tail(writer.state.size)
            settle_garbage_collection()
            hub = Hub(settings, keyring, engine, writer, tail, thread)
            uvloop.run(hub.serve(host, port))
    finally:
        engine.dispose()
