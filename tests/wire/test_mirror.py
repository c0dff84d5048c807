"""Tests of wire/mirror.py: copies that can be interrupted anywhere, grow, and refuse what leads to another root."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.signed_network import key_of, trust_of
from tests.wire.audited_log import AuditedLog, honest_log
from tests.wire.log_server import serving
from wire import mirror as module
from wire.checkpoint import Checkpoint, sign_checkpoint
from wire.log_source import DirectoryLog, HubLog, LogSource
from wire.mirror import BadMirror, Copied, Mirror
from wire.trust import BadTrust


def mirror(source: LogSource, directory: Path, *, check: bool = False) -> Copied:
    return Mirror(source, directory, lambda _done, _total: None, check=check).run()


def files(directory: Path) -> dict[str, bytes]:
    return {str(path.relative_to(directory)): path.read_bytes() for path in directory.rglob("*") if path.is_file()}


def grown(log: AuditedLog, events: int) -> AuditedLog:
    for number in range(events):
        log.say("xa-centre", id=f"g{number % 9}")
    if events:
        log.sign()
    return log


def test_a_mirror_is_the_log_file_by_file(tmp_path: Path) -> None:
    log = honest_log(events=300)
    origin = log.write(tmp_path / "origin")
    copied = mirror(DirectoryLog(origin), tmp_path / "copy")
    assert files(tmp_path / "copy") == files(origin)
    assert (copied.size, copied.entries, copied.bodies, copied.absent) == (log.size, log.size, log.size, 0)


def test_over_http_only_public_bodies_are_copied(tmp_path: Path) -> None:
    log = honest_log()
    log.say("xa-centre", id="green", marking="TLP:GREEN")
    log.sign()
    origin = log.write(tmp_path / "origin")
    with serving(origin) as server:
        copied = mirror(HubLog(server.address), tmp_path / "copy")
    assert copied.bodies == log.size - 1
    assert len(files(origin)) - len(files(tmp_path / "copy")) == 1


def test_it_grows_with_the_log_and_keeps_full_tiles_as_they_are(tmp_path: Path) -> None:
    log = honest_log(events=250)
    mirror(DirectoryLog(log.write(tmp_path / "small")), tmp_path / "copy")
    for events in (1, 3, 600, 0):
        origin = grown(log, events).write(tmp_path / f"at-{log.size}")
        before = {path: path.stat().st_mtime_ns for path in (tmp_path / "copy/tile").rglob("[0-9]*") if path.is_file()}
        mirror(DirectoryLog(origin), tmp_path / "copy")
        assert files(tmp_path / "copy") == files(origin)
        kept = {path for path in before if path.exists() and ".p" not in path.parent.name}
        assert all(path.stat().st_mtime_ns == before[path] for path in kept)


class Interrupted(Exception):
    """Power goes."""


class Cut:
    """A log that breaks off at the nth question."""

    def __init__(self, source: DirectoryLog, after: int) -> None:
        self._source = source
        self._left = after

    def __getattr__(self, name: str) -> Callable[..., object]:
        ask = getattr(self._source, name)

        def asked(*given: object) -> object:
            if self._left == 0:
                raise Interrupted
            self._left -= 1
            return ask(*given)

        return asked if callable(ask) else ask


def test_interrupted_anywhere_it_goes_on_and_is_whole_up_to_its_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "STEP", 256)
    log = honest_log(events=200)
    for _ in range(5):
        grown(log, 200)
    origin = log.write(tmp_path / "origin")
    directory, runs, stood = tmp_path / "copy", 0, set[int]()
    while True:
        try:
            mirror(Cut(DirectoryLog(origin), 4 + 5 * runs), directory)  # type: ignore[arg-type]
            break
        except Interrupted:
            runs += 1
        if (directory / "checkpoint").exists():
            size = int((directory / "checkpoint").read_text().split("\n")[1])
            stood.add(size)
            whole = [each for number in range(-(-size // 256)) for each in entries_of(directory, number, size)]
            assert whole == log.entries[:size]
    assert runs > 5
    assert len(stood) > 1, "it was never interrupted between two checkpoints"
    assert files(directory) == files(origin)


def entries_of(directory: Path, number: int, size: int) -> Sequence[bytes]:
    return DirectoryLog(directory).entries(number, min(256, size - number * 256))


def test_entries_that_do_not_lead_to_the_signed_root_are_not_kept(tmp_path: Path) -> None:
    log = honest_log(events=300)
    origin = log.write(tmp_path / "origin")
    bundle = origin / "tile/entries/000"
    bundle.write_bytes(bundle.read_bytes().replace(b".", b"x", 1))
    with pytest.raises(BadMirror, match="its log signed"):
        mirror(DirectoryLog(origin), tmp_path / "copy")
    assert [name for name in files(tmp_path / "copy") if name.startswith(("tile", "checkpoint"))] == []
    mirror(DirectoryLog(log.write(origin)), tmp_path / "copy")
    assert files(tmp_path / "copy") == files(origin)


@pytest.mark.parametrize("lie", ["rolled back", "another history", "another history of the same size"])
def test_a_log_that_does_not_continue_what_it_signed_before_is_refused(tmp_path: Path, lie: str) -> None:
    mirror(DirectoryLog(honest_log(events=30).write(tmp_path / "first")), tmp_path / "copy")
    before = files(tmp_path / "copy")
    other = honest_log(events=20)
    if lie != "rolled back":
        other = honest_log(events=29)
        other.say("xc-border", id="other")
        other.sign()
    if lie == "another history":
        grown(other, 9)
    with pytest.raises(BadMirror):
        mirror(DirectoryLog(other.write(tmp_path / "second")), tmp_path / "copy")
    assert files(tmp_path / "copy") == before


def test_a_checkpoint_that_the_log_did_not_sign_is_refused(tmp_path: Path) -> None:
    log = honest_log()
    log.sign(key=key_of("somebody"))
    with pytest.raises(BadMirror, match="does not verify"):
        mirror(DirectoryLog(log.write(tmp_path / "origin")), tmp_path / "copy")


def test_another_network_is_not_mixed_into_a_mirror(tmp_path: Path) -> None:
    log = honest_log()
    mirror(DirectoryLog(log.write(tmp_path / "origin")), tmp_path / "copy")
    log.trust_json = trust_of(key_of("other root")).to_bytes()
    with pytest.raises(BadTrust, match="another network"):
        mirror(DirectoryLog(log.write(tmp_path / "origin")), tmp_path / "copy")


def test_another_network_is_refused_and_nothing_of_the_mirror_changes_even_if_its_trust_json_is_given(
    tmp_path: Path,
) -> None:
    log = honest_log()
    mirror(DirectoryLog(log.write(tmp_path / "origin")), tmp_path / "copy")
    before, other = files(tmp_path / "copy"), trust_of(key_of("other root"))
    log.trust_json = other.to_bytes()
    shown = DirectoryLog(log.write(tmp_path / "other"))
    with pytest.raises(BadTrust, match=r"copy/trust.json has"):
        Mirror(shown, tmp_path / "copy", lambda _done, _total: None, other).run()
    with pytest.raises(BadTrust, match="you gave"):
        Mirror(DirectoryLog(tmp_path / "origin"), tmp_path / "new", lambda _done, _total: None, other).run()
    assert (files(tmp_path / "copy"), (tmp_path / "new").exists()) == (before, False)


def test_a_body_of_another_hash_is_not_kept(tmp_path: Path) -> None:
    log = honest_log()
    log.bodies[list(log.bodies)[6]] = b'{"forged":true}'
    copied = mirror(DirectoryLog(log.write(tmp_path / "origin")), tmp_path / "copy")
    assert (copied.absent, copied.bodies) == (1, log.size - 1)


def test_hub_shows_the_checkpoint_of_another_size_as_a_kept_one(tmp_path: Path) -> None:
    log = honest_log(events=30)
    origin = log.write(tmp_path / "origin")
    sizes = sorted(log.notes)
    (origin / f"checkpoints/{sizes[0]}").write_bytes(log.notes[sizes[1]])
    with pytest.raises(BadMirror, match=f"a checkpoint of {sizes[1]} entries as that of {sizes[0]}"):
        mirror(DirectoryLog(origin), tmp_path / "copy")
    assert [name for name in files(tmp_path / "copy") if name.startswith("checkpoint")] == []


@pytest.mark.parametrize("first", [0, 12])
def test_hub_shows_a_kept_checkpoint_of_another_history(tmp_path: Path, first: int) -> None:
    log = honest_log(events=30)
    if first:  # a mirror of a part is there already
        short = honest_log(events=first)
        mirror(DirectoryLog(short.write(tmp_path / "short")), tmp_path / "copy")
        log = grown(short, 9)
        log.say("xa-centre", id="g9")
        log.sign()
    before = {name for name in files(tmp_path / "copy") if name.startswith(("checkpoint", "tile"))}
    size = sorted(log.notes)[-2]
    log.notes[size] = sign_checkpoint(Checkpoint(log.origin, size, b"\x01" * 32), log.log_key)
    with pytest.raises(BadMirror, match="its log signed AQEB"):
        mirror(DirectoryLog(log.write(tmp_path / "origin")), tmp_path / "copy")
    assert {name for name in files(tmp_path / "copy") if name.startswith(("checkpoint", "tile"))} == before


def test_a_stop_on_the_way_is_just_the_size_that_was_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STEP", 256)
    log = honest_log(events=200)
    for _ in range(5):
        grown(log, 200)
    origin = log.write(tmp_path / "origin")
    sizes = sorted(log.notes)
    (origin / f"checkpoints/{sizes[-3]}").write_bytes(log.notes[sizes[-2]])
    with pytest.raises(BadMirror, match="as that of"):
        mirror(DirectoryLog(origin), tmp_path / "copy")
