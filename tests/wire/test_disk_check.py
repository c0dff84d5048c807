"""Tests of wire/disk_check.py: a disk that fills is told before it is full."""

import shutil
from pathlib import Path

import pytest

from hub.doctor.results import CHECKS as HUB
from node.doctor.results import CHECKS as NODE
from wire.disk_check import check_disk
from wire.examination import Checks, Result


@pytest.mark.parametrize("checks", [HUB, NODE], ids=["hub", "node"])
@pytest.mark.parametrize(("free", "result"), [(50, Result.PASS), (9, Result.WARNING), (4, Result.FAIL)])
def test_a_disk_that_fills_is_told_before_it_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, checks: Checks, free: int, result: Result
) -> None:
    usage = type(shutil.disk_usage(tmp_path))(100, 100 - free, free)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage)
    found = check_disk(checks, tmp_path, "Make room.")
    assert (found.name, found.result, f"{free}%" in found.cause) == ("disk", result, True)
    assert (found.what_to_do == "") == (result is Result.PASS)
