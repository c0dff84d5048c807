"""The evidence of a refusal lies in a file that its owner alone reads, and says what, from where, and when."""

from pathlib import Path

import orjson

from hub.following.refusal import LogRefused, keep_evidence

AT = "2026-11-26T12:00:00.000Z"


def test_what_was_shown_is_kept_as_it_was_and_hashes_as_they_are_written(tmp_path: Path) -> None:
    refused = LogRefused("rolled-back", "3 entries", "at least 5", note=b"a note\n\xff", root=bytes(32), size=3)
    path = keep_evidence(tmp_path, refused, "https://hub.example", AT)
    assert orjson.loads(path.read_bytes()) == {
        "refused": "rolled-back", "found": "3 entries", "expected": "at least 5", "hub": "https://hub.example",
        "at": AT, "evidence": {"note": "a note\n\ufffd", "root": "A" * 43, "size": 3},
    }  # fmt: skip
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_another_refusal_does_not_overwrite_it(tmp_path: Path) -> None:
    for size in (3, 4):
        keep_evidence(tmp_path, LogRefused("rolled-back", f"{size} entries", "5"), "https://hub.example", AT)
    assert len(list((tmp_path / "evidence").iterdir())) == 2
