"""A node moved to PostgreSQL and back again: the same rows, the same words, one unbroken chain."""

from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from node import tables
from node.alarms import Finding, Name
from node.edit import Withdraw
from node.moving import content, home_of
from node.node import Node, build
from node.settings import DATABASE_FILE, SETTINGS_FILE, read_settings
from node.store.grid import Asked
from schemas.statement import parse_statement
from tests.every_table import rows
from tests.node.nodes import ORG, joined_node, put, read_registry
from tests.node.test_cli_readers import letter
from tests.wire.test_database_copy import silent
from wire import jws
from wire.database import open_database
from wire.database_copy import CannotMove
from wire.database_move import move
from wire.encoding import b64url

NOON = "2026-11-26T12:00:00.000Z"


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A node that has said, erased and been told something, with people, drafts and an alarm."""
    node = joined_node(tmp_path / "node")
    read_registry(node, "ke-nctc")
    node.editor.apply([put(f"c{number}", f"Unit {number} Zollfahndung") for number in range(5)])
    node.editor.apply([put("c1", "Renamed Küstenwache")])
    node.editor.apply([Withdraw("contact", "c2", "It is gone.")])
    node.eraser.erase("contact", "c3", "The person asked for it.")
    node.people.add("setup", "amina", ["officer"], person="Amina")
    node.drafts.begin("need", None, (1, "Amina"), {"record": {"title": {"en": "Half"}}}, NOON)
    for index in (5, 7):
        node.letters.keep(letter(index, id="n1"))
    node.log.sound(Finding(Name.LATE, "It is late.", 3, {"receipt": "x"}), NOON)
    node.engine.dispose()
    return tmp_path / "node"


def moved(directory: Path, url: str) -> None:
    settings = read_settings(directory)
    move(home_of(settings), url, content(settings.organization), silent)


def everything(url: str) -> dict[str, list[tuple[Any, ...]]]:
    engine = open_database(url)
    with engine.connect() as connection:
        found = rows(connection, tables.metadata)
    engine.dispose()
    return found


def found(node: Node, words: str) -> list[str]:
    return sorted(each.id for each in node.grid.page(Asked(q=words), date(2026, 11, 26)).items)


def chain_of(node: Node) -> list[int]:
    """Every statement names the one before it; gives their sequences."""
    with node.engine.connect() as connection:
        said = connection.execute(select(tables.statements).order_by(tables.statements.c.sequence)).all()
        end = connection.execute(select(tables.chain)).one()
    for before, after in pairwise(said):
        assert parse_statement(jws.take_apart(bytes(after.token), jws.EVENT).payload).previous == b64url(before.hash)
    assert (end.sequence, end.head) == (said[-1].sequence, said[-1].hash)
    return [each.sequence for each in said]


def test_there_and_back_again_it_is_the_same_and_goes_on_with_its_chain(directory: Path, postgres_url: str) -> None:
    own = read_settings(directory).database
    before, asked = everything(own), ("Zollfahndung", "Küstenwache", "renamed", "Asked", "half", "unit 3")
    node = build(directory)
    answers, sequence = {words: found(node, words) for words in asked}, len(chain_of(node))
    assert answers["Zollfahndung"] == ["c0", "c4"], "erased, withdrawn and renamed are not found"
    filled = {"accounts", "alarms", "drafts", "erasures", "grid", "inbox", "members", "outbox", "records", "statements"}
    assert {name for name, found in before.items() if found} > filled
    node.engine.dispose()

    moved(directory, postgres_url)
    assert read_settings(directory).database == postgres_url
    assert everything(postgres_url) == before
    node = build(directory)
    assert {words: found(node, words) for words in asked} == answers
    node.editor.apply([put("c9", "Zollfahndung anew")])
    assert chain_of(node)[-1] == sequence + 1
    assert [each.sequence for each in node.outbox.after(0, 99, 10**9)] == list(range(1, sequence + 2))
    assert node.drafts.begin("need", None, (1, "Amina"), {"record": {}}, NOON).number == 2
    assert found(node, "zollfahndung") == ["c0", "c4", "c9"]
    node.engine.dispose()

    before = everything(postgres_url)
    for file in directory.glob(f"{DATABASE_FILE}*"):
        file.unlink()
    moved(directory, own)
    assert (directory / SETTINGS_FILE).read_text().count('database = ""') == 1
    assert everything(own) == before
    node = build(directory)
    assert found(node, "zollfahndung") == ["c0", "c4", "c9"]
    node.editor.apply([put("c10", "Zollfahndung at home")])
    assert chain_of(node)[-1] == sequence + 2
    node.engine.dispose()


def test_of_what_was_erased_no_word_comes_over(directory: Path) -> None:
    new = directory / "new.sqlite"
    moved(directory, f"sqlite:///{new}")
    assert b"Unit 3" not in new.read_bytes()
    engine = open_database(f"sqlite:///{new}")
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM record_search")) == 5  # its own record, c0, c1, c2, c4
    engine.dispose()


def test_what_had_opened_it_before_cannot_write_into_it_any_more(directory: Path, tmp_path: Path) -> None:
    early = build(directory)
    moved(directory, f"sqlite:///{tmp_path / 'new.sqlite'}")
    with pytest.raises(Exception, match="was moved to another one"):
        early.editor.apply([put("late", "Too late")])
    early.engine.dispose()
    assert found(build(directory), "late") == []


def test_the_database_of_another_node_is_not_moved(directory: Path, tmp_path: Path) -> None:
    home = home_of(read_settings(directory))
    with pytest.raises(CannotMove, match=f"the node of {ORG}, and not that of xb-office"):
        move(home, f"sqlite:///{tmp_path / 'new.sqlite'}", content("xb-office"), silent)
    build(directory).engine.dispose()
