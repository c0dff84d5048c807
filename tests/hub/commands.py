"""liaison-hub as a person uses it, for the tests of its commands: a hub that has begun, and an enrolment."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from hub.backup import DATABASE_FILE
from hub.cli import main
from hub.schema import MIGRATIONS
from tests.migrated import migrated_file
from tests.signed_network import enrolled, key_of
from wire.enrolment import make_enrolment


class Command:
    """Runs liaison-hub; gives exit status, standard output and standard error."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
        self._monkeypatch, self._captured = monkeypatch, capfdbinary

    def __call__(self, *words: str | Path) -> tuple[int, bytes, str]:
        self._monkeypatch.setattr("sys.argv", ["liaison-hub", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = self._captured.readouterr()
        text = err.decode()
        assert "Traceback" not in text
        return int(ended.value.code or 0), out, text


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> Iterator[Command]:
    yield Command(monkeypatch, capfdbinary)
    structlog.reset_defaults()  # the command set up its log for standard error as it was in this test


@pytest.fixture
def directory(hub: Command, tmp_path: Path) -> Path:
    """A hub that has begun, on a database whose tables need not be made once more."""
    path = tmp_path / "hub"
    path.mkdir(mode=0o700)
    migrated_file(path / DATABASE_FILE, MIGRATIONS)
    assert hub("init", path, "--network", "exercise.example")[0] == 0
    return path


@pytest.fixture
def enrolment(tmp_path: Path) -> Path:
    path = tmp_path / "enrolment.json"
    path.write_bytes(make_enrolment(enrolled("ke-nctc"), key_of("ke-nctc")))
    return path
