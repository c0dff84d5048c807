"""How operators' pages reach the running hub: from threads of their own to the loop, the writer and the roots."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import NoReturn

from sqlalchemy import Engine

from hub.clock import utc_now
from hub.intake import Intake
from hub.keyring import Keyring
from hub.operating.deeds import Operating
from hub.operating.health import Senses
from hub.operating.watching import EVERY_SECONDS, watch
from hub.receipting import Receipts
from hub.registrar import act, enough_roots, submit
from hub.writer import Writer
from wire.actions import Action
from wire.bus import Bus
from wire.database import reading
from wire.registry import Registry


class BusSince:
    """Since when the bus has been away, as the hub noticed it."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._since: datetime | None = None

    def connected(self) -> bool:
        """Whether there is a connection now."""
        connected = self._bus.connected
        if connected:
            self._since = None
        elif self._since is None:
            self._since = utc_now()
        return connected

    def since(self) -> datetime | None:
        """Give when it was first noticed that there is none."""
        return self._since


def reach(
    directory: Path, engine: Engine, keyring: Keyring, writer: Writer, bus: Bus, intake: Intake, receipts: Receipts
) -> Operating:  # fmt: skip
    """Build what the pages act through; to be called on the event loop."""
    loop = asyncio.get_running_loop()
    network = keyring.trust.network
    away = BusSince(bus)

    def decide(make: Callable[..., Action]) -> int:
        return act(
            directory, engine, keyring,
            lambda sequence, previous: make(network=network, sequence=sequence, previous=previous),
        )  # fmt: skip

    def retry(number: int) -> str:
        return submit(directory, engine, keyring, "retry", str(number).encode())

    return Operating(
        Senses(away.connected, away.since, lambda: intake.pulled_at, directory),
        decide,
        lambda: enough_roots(directory, writer.state.registry),
        retry,
        lambda organization: (loop.call_soon_threadsafe(receipts.ask_for, {organization}), None)[1],
        lambda organization: writer.holding.held(organization),  # noqa: PLW0108 - after an error it is another one
        receipts.told.get,
    )


async def keep_watching(
    engine: Engine, registry: Callable[[], Registry], senses: Senses, seconds: float = EVERY_SECONDS
) -> NoReturn:
    """Keep when the state of each node changes, and that nothing is known while the hub is blind."""
    while True:
        await asyncio.to_thread(look, engine, registry(), senses)
        await asyncio.sleep(seconds)


def look(engine: Engine, registry: Registry, senses: Senses) -> int:
    """Look once at the hub itself, and then at the nodes; gives how many states have changed."""
    with reading(engine).connect() as connection:
        blind = next((each.text for each in senses.troubles(connection) if each.blind), None)
    return watch(engine, registry, senses.now(), blind)
