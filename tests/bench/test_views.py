"""Tests of tests/bench/views.py: the benchmark of the views runs, and asks what the hub answers."""

from pathlib import Path

import pytest

from tests.bench import filled, views


def test_every_question_is_answered_on_a_small_view(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filled, "KEPT", tmp_path)
    result = views.measure_views(300, "sqlite", rounds=1)
    assert result["records"] == 300
    assert {"search: Han", "matrix: world (member)", "page: directory", "history"} <= set(result["ms"])
    assert all(figures["p95"] > 0 for figures in result["ms"].values())
    assert {"csv", "jsonl"} == set(result["exports"])
    assert result["entries"] > 300
    assert result["bytes"] > 0
