"""Tests of hub/exports/json_lines.py."""

import orjson
import pytest
from fastapi.testclient import TestClient

RECORDS = "/api/v1/records"


def test_lines_are_the_very_objects_of_the_list_without_pages(
    member: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.exports.batches.MAX_LIMIT", 2)
    answer = member.get(f"{RECORDS}.jsonl")
    assert answer.headers["content-type"] == "application/jsonl"
    lines = [orjson.loads(line) for line in answer.content.splitlines()]
    assert lines == member.get(RECORDS).json()["items"]
    assert len(lines) > 12
