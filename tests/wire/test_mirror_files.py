"""Tests of wire/mirror_files.py: tiles are written as a tree grows, whole or not at all, and partial ones go."""

from pathlib import Path

import pytest

from tests.wire.audited_log import honest_log
from wire.log_source import DirectoryLog
from wire.merkle import leaf_hash
from wire.mirror_files import GrowingTiles, superseded, write_file
from wire.tiles import tiles_of


@pytest.mark.parametrize("begin", [0, 5, 256, 300])
def test_the_tiles_of_a_tree_that_grows_are_those_of_the_whole_tree(tmp_path: Path, begin: int) -> None:
    log = honest_log(events=600)
    here = DirectoryLog(tmp_path)
    for start, end in ((0, begin), (begin, log.size)):
        tiles = GrowingTiles(tmp_path, start, here, [])
        for entry in log.entries[start:end]:
            tiles.append(leaf_hash(entry))
        tiles.flush()
    for tile in tiles_of(log.size):
        assert here.tile(*tile) == log.tile(*tile), tile
    kept = {tmp_path / "tile/0/002.p/96", tmp_path / "tile/1/000.p/2"}
    assert set((tmp_path / "tile").rglob("*.p/*")) - set(superseded(tmp_path, log.size)) == kept


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    for content in (b"one", b"two"):
        write_file(tmp_path / "a/b", content)
        assert [path.read_bytes() for path in (tmp_path / "a").iterdir()] == [content]
