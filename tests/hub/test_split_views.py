"""A member that has seen another log than this hub keeps leaves evidence, and is not refused for it."""

import asyncio
from pathlib import Path

import orjson

from hub.split_views import SplitViews
from hub.writer import Committed
from tests.bus_fixture import until
from tests.hub.batches import commit, restarted
from tests.hub.published import Published
from tests.signed_network import signed_anew
from wire.encoding import b64url


def said_to_have_seen(network: Published, size: int, root: bytes) -> Committed:
    author = network.admit("xa-centre")
    sealed = author.say(id=f"n{author.sequence}")
    message = signed_anew(sealed, author.key, seen=f"{size}:{b64url(root)}")
    committed = commit(network.writer, message)
    author.head = network.writer.state.speakers["xa-centre"].head
    return committed


def test_the_root_that_this_log_has_is_no_finding(network: Published, tmp_path: Path) -> None:
    network.admit("xa-centre")
    size, root = network.writer.state.tree.size, network.writer.state.tree.root()
    committed = said_to_have_seen(network, size, root)
    views = SplitViews(network.engine, tmp_path)
    assert [views.compare(seen, index) for seen, index in committed.outcome.seen.items()] == [True]
    assert not (tmp_path / "evidence").exists()


async def test_another_root_is_kept_as_evidence_with_the_statement_that_says_so(
    small_network: Published, tmp_path: Path
) -> None:
    small_network.admit("xa-centre")
    committed = said_to_have_seen(small_network, 1, bytes(32))
    entry = committed.outcome.entries[0]
    views = SplitViews(small_network.engine, tmp_path)
    running = asyncio.create_task(views.run())
    views.committed(committed)
    views.committed(committed)
    path = tmp_path / "evidence" / f"split-view-{entry.index}.json"
    try:
        await until(path.exists)
    finally:
        running.cancel()
    evidence = orjson.loads(path.read_bytes())
    assert entry.token.decode() == evidence["token"]
    assert (1, b64url(bytes(32))) == (evidence["size"], evidence["root_seen"])
    assert evidence["root_here"] != evidence["root_seen"]
    assert entry.exclusion is None
    for seen, index in committed.outcome.seen.items():
        views.compare(seen, index)
    assert views.found == SplitViews(small_network.engine, tmp_path).found == 1, "counted once, and not forgotten"


def test_evidence_is_put_in_its_place_as_a_whole(small_network: Published, tmp_path: Path) -> None:
    committed = said_to_have_seen(small_network, 1, bytes(32))
    path = tmp_path / "evidence" / f"split-view-{committed.outcome.entries[0].index}.json"
    path.parent.mkdir()
    path.write_bytes(b"from before")
    [(seen, index)] = committed.outcome.seen.items()
    with path.open("rb") as somebody_reads:
        assert SplitViews(small_network.engine, tmp_path).compare(seen, index) is False
        assert somebody_reads.read() == b"from before"
    assert orjson.loads(path.read_bytes())["index"] == index
    assert list(path.parent.iterdir()) == [path]


def test_what_was_seen_is_remembered_over_a_restart(network: Published) -> None:
    network.admit("xa-centre")
    said_to_have_seen(network, 2, bytes(32))
    assert restarted(network.engine).state.speakers["xa-centre"].seen == 2
    author = network.admit("xa-centre")
    refused = commit(restarted(network.engine), author.say(id="later")).outcome.quarantined
    assert [each.reason for each in refused] == ["malformed"]
