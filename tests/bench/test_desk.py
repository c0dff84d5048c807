"""The benchmark of the desk measures every page, download and step of an import, and publishes what it says it does."""

from pathlib import Path

import pytest

from tests.bench import desk


def test_everything_is_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "LETTERS", 4)
    monkeypatch.setattr(desk, "OFFERS", 2)
    monkeypatch.setattr(desk, "ROWS", 5)
    found = desk.measure_desk(tmp_path, records=120, rounds=2)
    assert set(found["pages_ms"]) == {*desk.ADDRESSES, "a later page"}
    assert set(found["import_ms"]) == {"upload and check", "check", "publish", "published"}
    assert all(each["kilobytes"] > 0 for each in found["downloads_ms"].values())
