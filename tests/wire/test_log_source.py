"""Tests of wire/log_source.py: a hub and a directory read alike, and what neither can make us believe or wait for."""

import pickle
from pathlib import Path

import orjson
import pytest

from tests.wire.audited_log import AuditedLog, honest_log
from tests.wire.log_server import serving
from wire.client import BadAddress, HubRefused
from wire.log_source import DirectoryLog, HubLog, LogAway, LogSource, PartMissing, open_log


@pytest.fixture(scope="module")
def log() -> AuditedLog:
    return honest_log(events=300)


@pytest.fixture
def directory(log: AuditedLog, tmp_path: Path) -> Path:
    return log.write(tmp_path / "mirror")


def read_all(source: LogSource, size: int) -> tuple[object, ...]:
    entries = [source.entries(number, min(256, size - number * 256)) for number in range(-(-size // 256))]
    sizes = list(source.checkpoint_sizes())
    notes = [source.checkpoint_at(each) for each in sizes]
    return source.trust(), source.checkpoint(), sizes, notes, entries, source.tile(0, 0, 256), source.tile(1, 0, 1)


def test_a_hub_and_a_directory_give_the_same(log: AuditedLog, directory: Path) -> None:
    with serving(directory) as server:
        over_http = read_all(HubLog(server.address), log.size)
        assert over_http == read_all(DirectoryLog(directory), log.size)
        assert over_http[4] == [log.entries[:256], log.entries[256:]]
        hashes = [*list(log.bodies)[:3], b"\x00" * 32]
        assert HubLog(server.address).bodies(hashes) == [log.bodies[each] for each in hashes[:3]] + [None]
        assert DirectoryLog(directory).bodies(hashes) == [log.bodies[each] for each in hashes[:3]] + [None]


def test_the_first_entries_of_a_wider_tile_or_bundle_are_given_where_the_partial_one_has_gone(
    log: AuditedLog, directory: Path
) -> None:
    with serving(directory) as server:
        for source in (DirectoryLog(directory), HubLog(server.address)):
            assert source.entries(0, 7) == log.entries[:7]
            assert source.tile(0, 0, 3) == log.tile(0, 0, 3)
    assert DirectoryLog(directory).entries(1, 2) == log.entries[256:258]  # a wider partial one lies there


def test_a_part_that_is_missing_cut_or_too_large_is_named(directory: Path, log: AuditedLog) -> None:
    width = log.size - 256
    (directory / "tile/entries/000").write_bytes((directory / "tile/entries/000").read_bytes()[:-1])
    (directory / "tile/0/000").write_bytes(b"x" * 8191)
    (directory / f"tile/0/001.p/{width}").write_bytes(b"x" * 8193)
    source = DirectoryLog(directory)
    for ask in (
        lambda: source.entries(0, 256), lambda: source.tile(0, 0, 256), lambda: source.tile(0, 1, width),
        lambda: source.entries(2, 9), lambda: DirectoryLog(directory / "tile").checkpoint(),
    ):  # fmt: skip
        with pytest.raises(PartMissing):
            ask()


def test_a_damaged_file_is_named_with_what_mends_it(directory: Path) -> None:
    (directory / "tile/entries/000").write_bytes(b"")
    with pytest.raises(PartMissing, match=r"tile/entries/000 is damaged: .*; liaison mirror with --check mends it"):
        DirectoryLog(directory).entries(0, 256)


def test_an_answer_that_never_ends_is_cut_off(directory: Path) -> None:
    with serving(directory) as server:
        server.replaced["/log/checkpoint"] = b"x" * 1_000_001
        with pytest.raises(LogAway, match="more than 1000000 bytes"):
            HubLog(server.address, tries=1).checkpoint()


def test_a_hub_that_is_away_for_a_while_is_asked_again_and_then_given_up(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    monkeypatch.setattr("time.sleep", waits.append)
    said: list[str] = []
    with serving(directory) as server:
        server.refuse = 3
        source = HubLog(server.address, say=said.append)
        assert source.checkpoint() == DirectoryLog(directory).checkpoint()
        assert waits == [0.5, 1, 2]
        assert len(said) == 3
        server.refuse = 99
        with pytest.raises(LogAway, match="5 tries"):
            source.checkpoint()


@pytest.mark.parametrize(
    "page",
    [
        b'{"items":[{"size":9,"quorum":true},{"size":3,"quorum":true}]}',
        b'{"items":[{"size":"9","quorum":true}]}',
        b'{"items":[{"size":true,"quorum":true}]}',
        b'{"items":7}',
        b"{}",
    ],
)
def test_a_list_of_checkpoints_that_goes_back_is_none(directory: Path, page: bytes) -> None:
    with serving(directory) as server:
        server.replaced["/log/checkpoints"] = page
        with pytest.raises(PartMissing, match="in their order"):
            list(HubLog(server.address).checkpoint_sizes())


@pytest.mark.parametrize("following", [1, 4, 9, "4", True])
def test_a_list_of_checkpoints_that_goes_on_without_having_come_there_is_none(
    directory: Path, following: object
) -> None:
    items = [{"size": 5, "quorum": True}] if following != 1 else []
    with serving(directory) as server:
        server.replaced["/log/checkpoints"] = orjson.dumps({"items": items, "next": following})
        with pytest.raises(PartMissing, match="without having come there"):
            list(HubLog(server.address).checkpoint_sizes())
        assert server.asked == ["/log/checkpoints"]


def test_a_hub_is_asked_anything_with_the_same_patience_and_may_say_no(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    monkeypatch.setattr("time.sleep", waits.append)
    with serving(directory) as server:
        server.refuse = 2
        server.replaced["/api/v1/stats"] = b'{"entries":7}'
        source = HubLog(server.address)
        assert source.ask(lambda client: client.stats()) == {"entries": 7}
        assert waits == [0.5, 1]
        server.replaced["/api/v1/stats"], server.statuses["/api/v1/stats"] = b'{"type":"x/no","detail":"No."}', 403
        with pytest.raises(HubRefused, match="No"):
            source.ask(lambda client: client.stats())


def test_without_a_token_only_public_bodies_are_asked_for(directory: Path) -> None:
    assert not HubLog("http://127.0.0.1:9").may_read("TLP:GREEN")
    assert HubLog("http://127.0.0.1:9").may_read("TLP:CLEAR")
    assert HubLog("http://127.0.0.1:9", "token").may_read("TLP:GREEN")
    assert DirectoryLog(directory).may_read("TLP:GREEN")


def test_another_process_can_read_the_same_log(directory: Path) -> None:
    with serving(directory) as server:
        for source in (HubLog(server.address), DirectoryLog(directory)):
            again: LogSource = pickle.loads(pickle.dumps(source))  # noqa: S301 - our own
            assert again.checkpoint() == source.checkpoint()


def test_what_begins_with_http_is_a_hub_and_anything_else_a_directory() -> None:
    assert isinstance(open_log("http://hub.example"), HubLog)
    assert isinstance(open_log("HTTPS://hub.example"), HubLog)
    assert isinstance(open_log("some/where"), DirectoryLog)
    with pytest.raises(BadAddress):
        open_log("https://user:secret@hub.example")
