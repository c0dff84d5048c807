"""One process holds a lock, whoever looks at it meanwhile; those who look are waited for, and its holder is not."""

import fcntl
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from hub import registrar
from node import lock as node_lock
from wire import lock
from wire.lock import is_held, take

Hold = Callable[[Path], AbstractContextManager[None]]


def test_a_lock_is_held_by_one_and_free_when_it_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    assert not is_held(path), "there is no such file"
    with path.open("w") as first, path.open() as second:
        assert not is_held(path)
        assert take(first.fileno())
        assert is_held(path)
        assert not take(second.fileno())
    assert not is_held(path)


def test_whoever_holds_it_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wire.lock.sleep", lambda _: pytest.fail("it waits"))
    path = tmp_path / "lock"
    with path.open("w") as first, path.open() as second:
        assert take(first.fileno())
        assert not take(second.fileno())


def test_whoever_looks_for_ever_holds_it_in_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wire.lock.LOOKERS_SECONDS", 0.05)
    path = tmp_path / "lock"
    with path.open("w") as first, path.open() as looking:
        fcntl.flock(looking, fcntl.LOCK_SH)
        assert not take(first.fileno())
        assert not is_held(path), "who looked on is not taken for its holder either"


@pytest.mark.parametrize(
    ("hold", "is_served", "name"),
    [
        (node_lock.sole_server, node_lock.is_served, node_lock.LOCK_FILE),
        (registrar.sole_owner, registrar.is_served, registrar.LOCK_FILE),
    ],
    ids=["node", "hub"],
)
def test_a_service_starts_though_somebody_looks_just_then_whether_it_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hold: Hold, is_served: Callable[[Path], bool], name: str
) -> None:
    (tmp_path / name).touch()
    looking = (tmp_path / name).open("rb")
    fcntl.flock(looking, fcntl.LOCK_SH)  # as who looks does
    waited = list[float]()

    def look_away(seconds: float) -> None:
        waited.append(seconds)
        looking.close()

    monkeypatch.setattr(lock, "sleep", look_away)
    with hold(tmp_path):
        assert is_served(tmp_path)
    assert len(waited) == 1
    assert not is_served(tmp_path)
