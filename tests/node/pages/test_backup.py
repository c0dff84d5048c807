"""The page Backup: made, tested, taken away and warned of, by administrators."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from node.backup import BACKUPS, try_out
from node.node import Node
from node.pages.desk import Role
from tests.node.nodes import joined_node
from tests.node.pages.asked import Reader, words_of


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    node = joined_node(tmp_path / "node")
    yield node
    node.engine.dispose()


def made(node: Node) -> list[Path]:
    return sorted((node.settings.directory / BACKUPS).glob("*"))


def test_a_backup_is_made_tested_and_taken_away(node: Node, tmp_path: Path) -> None:
    reader = Reader(node, Role.ADMINISTRATOR)
    page = reader.read("/en/backup")
    assert "No backup of this node is known." in words_of(page)
    assert "A backup is secret." in words_of(page)
    assert not page.xpath("//form[contains(@action, 'test')]")
    page = reader.send("/en/backup")
    assert "The backup is made." in words_of(page)
    [file] = made(node)
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    page = reader.send("/en/backup/test")
    assert "The backup is good" in words_of(page)
    assert "Signed statements 1" in words_of(page)
    got = reader.client.get("/en/backup/file")
    assert got.headers["cache-control"] == "no-store"
    assert f'filename="{file.name}"' in got.headers["content-disposition"]
    (tmp_path / "taken").write_bytes(got.content)
    assert try_out(tmp_path / "taken").organization == "xa-centre"
    assert [each.act for each in node.acts.listed(act="backup")] == [
        "backup.downloaded", "backup.tested", "backup.made",
    ]  # fmt: skip


def test_only_the_newest_is_kept_on_the_machine(node: Node) -> None:
    (node.settings.directory / BACKUPS).mkdir()
    older = node.settings.directory / BACKUPS / f"xa-centre-{datetime(2026, 1, 1, tzinfo=UTC):%Y%m%dT%H%M%SZ}.backup"
    older.write_text("an older one")
    Reader(node, Role.ADMINISTRATOR).send("/en/backup")
    assert len(made(node)) == 1
    assert not older.exists()


def test_a_backup_that_is_no_good_any_more_is_told_in_words(node: Node) -> None:
    reader = Reader(node, Role.ADMINISTRATOR)
    page = reader.send("/en/backup/test")
    assert (reader.status, "Make one first" in page.text_content()) == (422, True)
    reader.send("/en/backup")
    made(node)[0].write_bytes(b"damaged")
    page = reader.send("/en/backup/test")
    assert (reader.status, "is no backup" in page.text_content()) == (422, True)
    made(node)[0].unlink()
    assert "not there any more" in reader.words("/en/backup")
    reader.read("/en/backup/file")
    assert reader.status == 404
