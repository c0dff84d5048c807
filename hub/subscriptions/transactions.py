"""Short transactions from the event loop: each in a thread, a reading one never in a writer's way."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection, Engine

from wire.database import reading

T = TypeVar("T")


class Transactions:
    """The hub's database, for those who live on the event loop."""

    def __init__(self, engine: Engine) -> None:
        self._reads = reading(engine)
        self._writes = engine.execution_options(reads_only=False)

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Do something in a transaction that reads."""
        return await asyncio.to_thread(self.read_now, work)

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Do something in a transaction that may write; all of it or nothing."""
        return await asyncio.to_thread(self.write_now, work)

    def read_now(self, work: Callable[[Connection], T]) -> T:
        """Do it in the thread of the caller."""
        with self._reads.connect() as connection:
            return work(connection)

    def write_now(self, work: Callable[[Connection], T]) -> T:
        """Do it in the thread of the caller."""
        with self._writes.begin() as connection:
            return work(connection)
