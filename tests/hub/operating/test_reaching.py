"""Tests of hub/operating/reaching.py: from a page's thread to a real bus, the roots on disk and the one writer."""

import asyncio
from functools import partial
from pathlib import Path

from hub.author import Author
from hub.keyring import create_keys, load_keys, load_roots
from hub.operating.reaching import look, reach
from hub.operating.tables import state_changes
from hub.schema import open_store
from hub.settings import read_settings, write_settings
from hub.writer import Writer
from tests.bus_fixture import kill, until
from tests.hub.published import Published
from tests.hub.stations import at_work
from tests.signed_network import NETWORK, enrolled, need
from wire.actions import Admitted, Suspended, sign_action
from wire.registry import Standing


async def test_pages_reach_bus_roots_and_writer(small_network: Published, tmp_path: Path) -> None:
    small_network.publish("need", need())
    directory = tmp_path / "hub"
    directory.mkdir()
    write_settings(directory, database="", bus="")
    trust, first = create_keys(directory, NETWORK)
    engine, keyring = open_store(read_settings(directory)), load_keys(directory)
    writer = Writer(engine, trust, Author(keyring.signing))
    writer.register(sign_action(first, load_roots(directory)))
    async with at_work(tmp_path, small_network, "xa-centre") as hub:
        await hub.member("xa-centre")
        operating = reach(directory, engine, keyring, writer, hub.bus, hub.intake, hub.receipts)

        # A node is told again what is awaited, and the page knows what it was told.
        await asyncio.to_thread(operating.resend, "xa-centre")
        await until(lambda: hub.last("xa-centre") is not None)
        told = operating.told("xa-centre")
        assert told is not None
        assert (told.state, told.next) == ("live", 2)

        # A decision is signed by the roots that lie in the directory, and only as long as they do.
        assert operating.can_decide()
        await asyncio.to_thread(operating.decide, partial(Admitted, **enrolled("ke-nctc")))
        made = partial(Suspended, organization="ke-nctc", reason="A leak.")
        index = await asyncio.to_thread(operating.decide, made)
        after = Writer(engine, trust, Author(keyring.signing)).state
        assert (after.size, after.registry.members["ke-nctc"].standing) == (index + 1, Standing.SUSPENDED)
        (directory / "root" / "root-1.pem").unlink()
        assert not operating.can_decide()

        # The hub sees; and once its bus is gone it knows that it does not, and since when.
        await until(lambda: operating.senses.intake_at() is not None)
        assert operating.senses.bus()
        registry = small_network.writer.state.registry
        look(small_network.engine, registry, operating.senses)
        kill(hub.net)
        await until(lambda: not operating.senses.bus())
        assert operating.senses.bus_since() is not None
        look(small_network.engine, registry, operating.senses)
        with small_network.engine.connect() as connection:
            words = [row.state for row in connection.execute(state_changes.select())]
        assert words == ["silent", "unknown"]
    engine.dispose()
