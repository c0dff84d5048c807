"""DIR/witness.json: what was cosigned, whole or not at all, and never believed when it was changed."""

from pathlib import Path

import orjson
import pytest

from node.store import Tree
from node.witness_file import WITNESS_FILE, BadWitnessFile, WitnessFile
from tests.node.logs import LogEnd
from tests.node.nodes import HubEnd


@pytest.fixture
def log() -> LogEnd:
    found = LogEnd(HubEnd())
    found.grow(5)
    return found


def tree(log: LogEnd) -> Tree:
    return Tree(log.size, log.checkpoint().root, log.note(), "2026-11-24T12:00:00.000Z")


def test_what_is_written_is_read(tmp_path: Path, log: LogEnd) -> None:
    file = WitnessFile(tmp_path, log.end.trust)
    assert file.read() is None
    file.write(tree(log))
    assert file.read() == tree(log)
    assert (tmp_path / WITNESS_FILE).stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [WITNESS_FILE]


def test_a_crash_while_writing_leaves_the_old_one(tmp_path: Path, log: LogEnd, monkeypatch: pytest.MonkeyPatch) -> None:
    file = WitnessFile(tmp_path, log.end.trust)
    before = tree(log)
    file.write(before)
    log.grow(3)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        file.write(tree(log))
    assert file.read() == before


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"[]", b'{"note":7,"size":5,"at":""}', b'{"note":"x","size":5,"at":""}']
)
def test_a_damaged_file_is_said_so_and_not_taken_for_none(tmp_path: Path, log: LogEnd, content: bytes) -> None:
    (tmp_path / WITNESS_FILE).write_bytes(content)
    with pytest.raises(BadWitnessFile, match="Restore it from the newest backup"):
        WitnessFile(tmp_path, log.end.trust).read()


def test_a_file_that_says_less_than_its_note_was_changed(tmp_path: Path, log: LogEnd) -> None:
    file = WitnessFile(tmp_path, log.end.trust)
    file.write(tree(log))
    document = orjson.loads((tmp_path / WITNESS_FILE).read_bytes())
    (tmp_path / WITNESS_FILE).write_bytes(orjson.dumps({**document, "size": 2}))
    with pytest.raises(BadWitnessFile, match="it was changed"):
        file.read()


def test_a_note_by_another_log_is_not_believed(tmp_path: Path, log: LogEnd) -> None:
    other = LogEnd(HubEnd())
    WitnessFile(tmp_path, other.end.trust).write(tree(other))
    with pytest.raises(BadWitnessFile):
        WitnessFile(tmp_path, log.end.trust).read()
