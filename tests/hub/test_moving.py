"""A hub moved to PostgreSQL and back again: the same log, tree, view and answers, and it goes on."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, insert, select

from hub import search, tables, view_lines
from hub.access import VISIBLE, Role
from hub.author import Author
from hub.finding import tables as finding
from hub.finding.kept_cells import KeptCells
from hub.following import choice
from hub.moving import DERIVED, content, home_of
from hub.operating import tables as operating
from hub.schema import MIGRATIONS
from hub.settings import read_settings, write_settings
from hub.subscriptions.forms import NewSubscription
from hub.subscriptions.owners import Owner
from hub.subscriptions.store import create
from hub.view_digest import Digests, log_root, snapshot
from hub.writer import Writer
from tests.every_table import rows
from tests.hub.finding.asked import counted, found
from tests.hub.published import Published
from tests.migrated import migrated_engine
from tests.signed_network import HUB_KEY, NOON, TRUST, Organization, key_of, message_of, need
from tests.wire.test_database_copy import opened, silent
from wire.database import open_database, reading, sqlite_url
from wire.database_copy import CannotMove
from wire.database_move import move

SCHEME = "theme_1373"
WORDS = ("harbour", "zollfahndung", "a", "equip")


@pytest.fixture
def network(tmp_path: Path) -> Published:
    """A hub that has logged, left out, refused and erased something, with a subscription and a note of an operator."""
    write_settings(tmp_path, database="", bus="")
    network = Published(migrated_engine(tmp_path / "hub.sqlite", MIGRATIONS))
    for number in range(4):
        network.publish("need", need(f"Zollfahndung {number}"), id=f"n{number}")
    network.publish("need", need("Harbour"), id="n1", action="revised")
    network.publish("activity", id="a1", org="xb-donor")
    network.publish("contact", id="c1", marking="TLP:GREEN")
    network.publish("need", {"broken": True}, id="n9")
    with network.engine.begin() as connection:
        view_lines.fold(connection)
    network.withdraw("need", id="n2")
    network.tell("xb-donor", kind="need", id="secret", record=need("Harbour master"), marking="TLP:AMBER")
    network.deliver(message_of(Organization("nobody-knows", bytes(32), key_of("nobody-knows")).say()))
    asked = NewSubscription(channel="mail", recipients=["a@b.example"], filters={}, name="All")
    with network.engine.begin() as connection:
        create(connection, asked, Owner("account:1", Role.OPERATOR), 3, NOON)
        note = {"organization": "xa-centre", "at": "2026", "who": "Amina", "text": "Call them."}
        connection.execute(insert(operating.notes), note)
    search.load(network.engine, network.tail.size)
    network.engine.dispose()
    return network


def moved(directory: Path, url: str) -> None:
    move(home_of(read_settings(directory)), url, content(directory), silent)


def begin_on(network: Published, url: str) -> None:
    """Let its hub start anew on a database."""
    network.engine.dispose()
    network.engine = open_database(url)
    network.writer = Writer(network.engine, TRUST, Author(HUB_KEY))


def kept(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    """All that is not derived."""
    with engine.connect() as connection:
        found = rows(connection, tables.metadata)
    derived = {table.name for table in DERIVED}
    return {name: each for name, each in found.items() if name not in derived and name != "cursors"}


def derived(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    """What was derived; of a cell not when it was judged."""
    with engine.connect() as connection:
        found = rows(connection, finding.listings.metadata)
    cells = [row[:-1] for row in found["matrix_cells"]]
    return {table.name: found[table.name] for table in DERIVED} | {"matrix_cells": cells}


def answers(network: Published) -> list[Any]:
    """What readers of each role are answered."""
    said: list[Any] = []
    for role in Role:
        said += [found(network, role, q=word) for word in WORDS] + [counted(network, role, q="zollfahndung")]
        search.judge(reading(network.engine), network.tail.size, SCHEME, None, None)
        with reading(network.engine).connect() as connection:
            whole = KeptCells().whole(connection, SCHEME, VISIBLE[role])
        said.append({code: part.cells for code, part in whole.by_code.items()})
    return said


def truth(engine: Engine) -> tuple[int, bytes, bytes]:
    with snapshot(reading(engine)) as connection:
        state = Digests().state(connection)
        return state.size, log_root(connection, state.size), state.state


def test_there_and_back_again_it_answers_the_same_and_goes_on(
    network: Published, tmp_path: Path, postgres_url: str
) -> None:
    own, size = read_settings(tmp_path).database, network.tail.size
    before, folded, said, true = (of(network.engine) for of in (kept, derived, lambda _: answers(network), truth))
    some = {"log", "tiles", "bodies", "exclusions", "quarantine", "refusals", "subscriptions", "notes", "view_lines"}
    assert {name for name, each in before.items() if each} > some
    assert said[1], "something is found"

    moved(tmp_path, postgres_url)
    assert read_settings(tmp_path).database == postgres_url
    begin_on(network, postgres_url)
    assert (kept(network.engine), truth(network.engine)) == (before, true)
    with network.engine.connect() as connection:
        assert search.position(connection) == 0, "what is derived is folded anew"
    search.load(network.engine, size)
    assert (derived(network.engine), answers(network)) == (folded, said)
    assert goes_on(network, "there") == size

    before, true = kept(network.engine), truth(network.engine)
    for file in tmp_path.glob("hub.sqlite*"):
        file.unlink()
    moved(tmp_path, own)
    begin_on(network, own)
    assert (kept(network.engine), truth(network.engine)) == (before, true)
    assert goes_on(network, "back") == size + 1
    network.engine.dispose()


def goes_on(network: Published, name: str) -> int:
    """A new entry comes behind the old ones, and what is refused gets a number of its own; gives its index."""
    last = select(func.max(tables.quarantine.c.number))
    with network.engine.connect() as connection:
        before = connection.scalar(last) or 0
    network.deliver(message_of(Organization(name, bytes(32), key_of(name)).say()))
    with network.engine.connect() as connection:
        assert connection.scalar(last) == before + 1
    index = network.publish("need", need(f"Gone on {name}"), id=name)
    assert found(network, q=name) == [index]
    return index


def test_a_database_without_a_hub_is_not_moved_and_a_regional_one_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_settings(tmp_path, database="", bus="")
    migrated_engine(tmp_path / "hub.sqlite", MIGRATIONS).dispose()
    with pytest.raises(CannotMove, match="holds no hub"):
        moved(tmp_path, sqlite_url(tmp_path / "new"))
    (tmp_path / choice.FILE).write_text('hub = "https://hub.example"\n')
    moved(tmp_path, sqlite_url(tmp_path / "new"))
    with opened(sqlite_url(tmp_path / "new")) as engine:
        assert kept(engine)["log"] == []
