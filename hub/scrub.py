"""Reads the whole log again, slowly, while the hub runs: damage is found before anybody needs what was damaged."""

import asyncio

import structlog
from sqlalchemy import Engine

from hub.damage import Damage
from hub.log_checks import LogDamaged, check_bundle, check_full_tile
from hub.tail import Tail
from wire.tiles import WIDTH, BadTile

BUNDLES = 4
PAUSE_SECONDS = 0.05  # at most about 20,000 entries a second: a fraction of a core
ROUND_SECONDS = 86_400.0

_log = structlog.get_logger()


async def scrub(engine: Engine, tail: Tail, damage: Damage) -> None:
    """Check every entry against the tree, and the tree's levels against each other, once a day until cancelled."""
    while True:
        size = tail.size
        for first in range(0, size // WIDTH, BUNDLES):
            await asyncio.to_thread(_check, engine, first, min(first + BUNDLES, size // WIDTH), size, damage)
            await asyncio.sleep(PAUSE_SECONDS)
        _log.info("log.checked", entries=size // WIDTH * WIDTH)
        await asyncio.sleep(ROUND_SECONDS)


def _check(engine: Engine, first: int, last: int, size: int, damage: Damage) -> None:
    try:
        with engine.connect() as connection:
            for number in range(first, last):
                check_bundle(connection, number, size)
                check_full_tile(connection, number, size)
    except LogDamaged as error:
        damage.report(error)
    except BadTile as error:
        damage.report(LogDamaged(f"the log's tree is not whole: {error}; restore a backup", log_size=size))
