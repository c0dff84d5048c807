"""Tests of wire/mirror_mending.py: what a disk has lost is got again, and nothing that leads to another root."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.wire.audited_log import AuditedLog, honest_log
from tests.wire.test_mirror import files
from wire.log_source import DirectoryLog
from wire.mirror import BadMirror, Copied, Mirror


@pytest.fixture
def log() -> AuditedLog:
    return honest_log(events=600)


@pytest.fixture
def origin(log: AuditedLog, tmp_path: Path) -> Path:
    return log.write(tmp_path / "origin")


@pytest.fixture
def copy(origin: Path, tmp_path: Path) -> Path:
    mirrored(origin, tmp_path / "copy")
    return tmp_path / "copy"


def mirrored(origin: Path, copy: Path, *, check: bool = False) -> Copied:
    return Mirror(DirectoryLog(origin), copy, lambda _done, _total: None, check=check).run()


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def changed(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1] + b"x")


LOST: dict[str, tuple[str, Callable[[Path], object]]] = {
    "all tiles and bundles": ("tile", shutil.rmtree),
    "a bundle": ("tile/entries/001", Path.unlink),
    "what is in a bundle": ("tile/entries/000", emptied),
    "the last bundle": ("tile/entries/002.p", shutil.rmtree),
    "a tile of leaf hashes": ("tile/0/001", Path.unlink),
    "what is in a tile": ("tile/0/000", emptied),
    "the tile at the top": ("tile/1", shutil.rmtree),
    "the kept checkpoints": ("checkpoints", shutil.rmtree),
    "what is in a kept checkpoint": ("checkpoints/4", emptied),
    "the bodies": ("bodies", shutil.rmtree),
}


@pytest.mark.parametrize("lost", LOST)
def test_what_is_lost_is_got_again_by_the_next_run(origin: Path, copy: Path, lost: str) -> None:
    name, lose = LOST[lost]
    lose(copy / name)
    copied = mirrored(origin, copy)
    assert files(copy) == files(origin)
    assert copied.mended or copied.bodies
    assert mirrored(origin, copy).mended == 0


@pytest.mark.parametrize("name", ["tile/entries/000", "tile/entries/002.p/96", "tile/0/000", "tile/1/000.p/2"])
def test_what_was_altered_is_found_and_mended_where_that_is_asked_for(origin: Path, copy: Path, name: str) -> None:
    changed(copy / name)
    assert mirrored(origin, copy, check=True).mended == 1
    assert files(copy) == files(origin)


@pytest.mark.parametrize("name", ["bodies", "checkpoints"])
def test_bodies_and_kept_checkpoints_that_were_altered_are_mended_too(origin: Path, copy: Path, name: str) -> None:
    for path in sorted((copy / name).iterdir())[:3]:
        changed(path)
    copied = mirrored(origin, copy, check=True)
    assert 3 in (copied.mended, copied.bodies)
    assert files(copy) == files(origin)


def test_an_altered_tile_of_the_mirror_is_no_fault_of_the_hub_s(origin: Path, copy: Path, log: AuditedLog) -> None:
    changed(copy / "tile/1/000.p/2")
    log.say("xa-centre", id="n8")
    log.sign()
    log.write(origin)
    with pytest.raises(BadMirror, match=r"copy is damaged: .* with --check"):
        mirrored(origin, copy)
    mirrored(origin, copy, check=True)
    assert mirrored(origin, copy).mended == 0


def test_a_hub_that_shows_something_else_in_the_place_of_what_is_lost_is_refused(origin: Path, copy: Path) -> None:
    (copy / "tile/entries/001").unlink()
    before = files(copy)
    changed(origin / "tile/entries/001")
    with pytest.raises(BadMirror, match="Nothing was changed"):
        mirrored(origin, copy)
    assert files(copy) == before


def test_what_a_disk_or_a_person_has_put_there_is_left_alone(origin: Path, copy: Path) -> None:
    (copy / "tile/lost+found").mkdir()
    (copy / "tile/notes").mkdir()
    (copy / "tile/notes/x.p").mkdir()
    (copy / "tile/notes/x.p/1").write_text("mine")
    mirrored(origin, copy)
    assert (copy / "tile/notes/x.p/1").read_text() == "mine"


@pytest.mark.parametrize("left", [b"", b"exercise.example/log\n60"])
def test_a_damaged_checkpoint_of_the_mirror_is_named_with_what_to_do(origin: Path, copy: Path, left: bytes) -> None:
    (copy / "checkpoint").write_bytes(left)
    with pytest.raises(BadMirror, match=r"copy/checkpoint is damaged: .* Put the newest file of .*/checkpoints"):
        mirrored(origin, copy)
    newest = max((copy / "checkpoints").iterdir(), key=lambda path: int(path.name))
    shutil.copy(newest, copy / "checkpoint")
    mirrored(origin, copy)
    assert files(copy) == files(origin)
