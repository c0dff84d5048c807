"""The hub reads its whole log again while it runs, and stops when an old entry is not what it was."""

from pathlib import Path

import pytest
from sqlalchemy import select, update

from hub import tables
from hub.damage import Damage
from hub.log_checks import LogDamaged
from hub.scrub import scrub
from tests.hub.published import Published


async def found_by_scrub(network: Published, folder: Path) -> LogDamaged:
    import asyncio

    damage = Damage(folder)
    scrubbing = asyncio.create_task(scrub(network.engine, network.tail, damage))
    try:
        async with asyncio.timeout(60):
            await damage.watch()
    except LogDamaged as error:
        return error
    finally:
        scrubbing.cancel()


@pytest.fixture
def long_log(small_network: Published) -> Published:
    for number in range(300):
        small_network.publish("need", id=f"n{number}")
    return small_network


async def test_an_old_token_that_was_changed_is_found(long_log: Published, tmp_path: Path) -> None:
    with long_log.engine.begin() as connection:
        other = connection.scalar(select(tables.log.c.token).where(tables.log.c.index == 7))
        connection.execute(update(tables.log).where(tables.log.c.index == 9).values(token=other))
    error = await found_by_scrub(long_log, tmp_path)
    assert error.evidence["index"] == 9
    assert (tmp_path / "log-damage.json").exists()


async def test_an_upper_tile_that_was_changed_is_found(long_log: Published, tmp_path: Path) -> None:
    with long_log.engine.begin() as connection:
        connection.execute(update(tables.tiles).where(tables.tiles.c.level == 1).values(hashes=bytes(32)))
    assert "does not have the root" in str(await found_by_scrub(long_log, tmp_path))


async def test_a_tile_that_is_gone_is_found(long_log: Published, tmp_path: Path) -> None:
    with long_log.engine.begin() as connection:
        connection.execute(tables.tiles.delete().where(tables.tiles.c.level == 1))
    assert "not whole" in str(await found_by_scrub(long_log, tmp_path))
