"""Tests of wire/durable_file.py: a file of our own state is whole, private, and survives a power cut."""

import os
from pathlib import Path

import pytest

from tests.on_disk import note_synced
from wire.durable_file import replace_durably


def test_a_replaced_file_is_whole_private_and_on_the_disk_with_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "state" / "file"
    path.parent.mkdir()
    path.write_text("old")
    path.chmod(0o644)
    left = path.parent / ".file.new"
    left.write_text("of one who was killed while writing, and longer")
    left.chmod(0o600)
    synced = note_synced(monkeypatch)
    replace_durably(path, b"new")
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("new", 0o600)
    assert synced == [".file.new", "state: file"]


def test_what_a_command_of_root_replaces_stays_with_the_user_of_the_service(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "fchown", lambda _file, user, group: given.append((user, group)))
    for user in (1000, 0):
        monkeypatch.setattr(os, "geteuid", lambda user=user: user)
        replace_durably(tmp_path / "file", b"new")
    folder = tmp_path.stat()
    assert given == [(folder.st_uid, folder.st_gid)]
