"""What a power cut could not have taken: the files and folders in the order in which they were put on the disk."""

import os
from pathlib import Path

import pytest


def note_synced(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note every sync from now on: a file by its name, a folder as `folder: the names in it`."""
    done: list[str] = []
    really = os.fsync

    def fsync(descriptor: int) -> None:
        really(descriptor)
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        done.append(f"{path.name}: {_names(path)}" if path.is_dir() else path.name)

    monkeypatch.setattr(os, "fsync", fsync)
    return done


def _names(folder: Path) -> str:
    return " ".join(sorted(each.name for each in folder.iterdir()))
