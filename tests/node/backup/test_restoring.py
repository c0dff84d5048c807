"""A restored node is the one that was backed up, and signs nothing before it has its chain back from the log."""

import asyncio
import tarfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from node.backup import NoBackup, back_up, restore, try_out
from node.node import build
from node.refusal import Refusal
from node.restoring import restore_chain
from node.settings import DATABASE_FILE
from node.store.opening import MIGRATIONS
from tests.node.logs import Watched
from tests.node.nodes import make_node, noon, put
from wire.archive import files_of, write_archive
from wire.database import copy_sqlite, newest_version


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    """A node with a record that is logged and witnessed."""
    found = Watched(tmp_path)
    publish(found, put("a"))
    yield found
    found.close()


def publish(watched: Watched, *changes: object) -> None:
    watched.node.editor.apply(list(changes))  # type: ignore[arg-type]
    watched.log.take_outbox(watched.node)
    watched.consider()
    watched.log.quorum = watched.log.cosigned(watched.node)


def test_it_signs_again_once_the_chain_is_back_with_what_was_published_since(watched: Watched, tmp_path: Path) -> None:
    back_up(watched.node.settings, tmp_path / "it", noon())
    publish(watched, put("b"), put("a", unit="Changed since"))
    content = restore(tmp_path / "again", tmp_path / "it")
    assert (content.statements, content.records, content.network) == (2, 2, "exercise.example")
    node = build(tmp_path / "again")
    with pytest.raises(Refusal, match="restore-chain") as refused:
        node.editor.apply([put("c")])
    assert refused.value.reason == "restored"
    assert asyncio.run(restore_chain(node, watched.log.ask)).statements == 2
    node.editor.apply([put("c")])
    assert node.outbox.head()[0] == 5
    assert not list((tmp_path / "again").glob(".restoring*"))
    node.engine.dispose()


def test_a_backup_of_what_is_newest_needs_the_same_look_at_the_log(watched: Watched, tmp_path: Path) -> None:
    back_up(watched.node.settings, tmp_path / "it", noon())
    restore(tmp_path / "again", tmp_path / "it")
    node = build(tmp_path / "again")
    assert asyncio.run(restore_chain(node, watched.log.ask)).statements == 0
    assert node.reading.chain().alarm is None
    node.engine.dispose()


def test_where_the_database_comes_by_another_way_it_signs_nothing_either_before_the_chain_is_back(
    watched: Watched, tmp_path: Path
) -> None:
    back_up(replace(watched.node.settings, database="postgresql://host/name"), tmp_path / "it", noon())
    copy_sqlite(watched.directory / "node.sqlite", tmp_path / "dump")  # what pg_dump would give
    publish(watched, put("b"))
    restore(tmp_path / "again", tmp_path / "it")
    (tmp_path / "dump").rename(tmp_path / "again" / "node.sqlite")
    node = build(tmp_path / "again")
    with pytest.raises(Refusal, match="restore-chain") as refused:
        node.editor.apply([put("c")])
    assert refused.value.reason == "restored"
    assert asyncio.run(restore_chain(node, watched.log.ask)).statements == 1
    node.engine.dispose()
    again = build(tmp_path / "again")
    again.editor.apply([put("c")])
    assert again.outbox.head()[0] == 4
    again.engine.dispose()


def test_what_the_node_has_cosigned_since_stays_where_it_lies(watched: Watched, tmp_path: Path) -> None:
    back_up(watched.node.settings, tmp_path / "it", noon())
    publish(watched, put("b"))
    newer = (watched.directory / "witness.json").read_bytes()
    (tmp_path / "again").mkdir()
    (tmp_path / "again" / "witness.json").write_bytes(newer)
    restore(tmp_path / "again", tmp_path / "it")
    assert (tmp_path / "again" / "witness.json").read_bytes() == newer


def test_nothing_is_overwritten(watched: Watched, tmp_path: Path) -> None:
    back_up(watched.node.settings, tmp_path / "it", noon())
    with pytest.raises(NoBackup, match="not empty"):
        restore(watched.directory, tmp_path / "it")


def test_a_test_says_what_is_in_it_and_leaves_nothing_behind(watched: Watched, tmp_path: Path) -> None:
    back_up(watched.node.settings, tmp_path / "it", noon())
    before = set(tmp_path.iterdir())
    content = try_out(tmp_path / "it")
    assert (content.organization, content.at, content.statements) == ("xa-centre", "2026-11-24T12:00:00.000Z", 2)
    assert content.signing_key == watched.node.keyring.signing.public.thumbprint
    assert set(tmp_path.iterdir()) == before
    assert watched.node.reading.chain().alarm is None


def test_a_damaged_backup_is_refused_and_leaves_an_empty_directory(watched: Watched, tmp_path: Path) -> None:
    back_up(watched.node.settings, tmp_path / "it", noon())
    whole = (tmp_path / "it").read_bytes()
    (tmp_path / "it").write_bytes(whole[: len(whole) // 2])
    for work in (lambda: try_out(tmp_path / "it"), lambda: restore(tmp_path / "again", tmp_path / "it")):
        with pytest.raises(NoBackup, match="take another"):
            work()
    assert list((tmp_path / "again").iterdir()) == []
    with tarfile.open(tmp_path / "other", "w"):
        pass
    with pytest.raises(NoBackup):
        try_out(tmp_path / "other")


def test_a_backup_of_newer_software_is_neither_good_nor_restored(watched: Watched, tmp_path: Path) -> None:
    with watched.node.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0099'"))
    copy_sqlite(watched.directory / DATABASE_FILE, tmp_path / "copy")
    files = [(DATABASE_FILE, tmp_path / "copy"), *files_of(watched.directory, (), watched.directory / DATABASE_FILE)]
    about = {"service": "liaison-node", "database": "sqlite"}
    for number, schema in enumerate((newest_version(MIGRATIONS), "0099")):  # older software named its own
        file = tmp_path / f"of-newer-{number}"
        write_archive(file, {**about, "schema": schema}, files)
        for work in (lambda: try_out(file), lambda: restore(tmp_path / "again", file)):  # noqa: B023 - called here
            with pytest.raises(NoBackup, match="newer software"):
                work()
        assert [*(tmp_path / "again").glob("*")] == []


def test_a_node_that_has_not_joined_goes_on_at_once(tmp_path: Path) -> None:
    node = make_node(tmp_path / "node")
    back_up(node.settings, tmp_path / "it", noon())
    node.engine.dispose()
    restore(tmp_path / "again", tmp_path / "it")
    node = build(tmp_path / "again")
    node.editor.apply([put("c")])
    node.engine.dispose()


def test_without_a_postgresql_database_it_says_what_is_not_in_it(watched: Watched, tmp_path: Path) -> None:
    back_up(replace(watched.node.settings, database="postgresql://host/name"), tmp_path / "it", noon())
    content = try_out(tmp_path / "it")
    assert (content.database, content.statements, content.files > 5) == ("postgresql", None, True)
