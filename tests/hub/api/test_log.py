"""The log over HTTP: every tile and bundle leads to the root that the log has signed, in the specification's form."""

import gzip
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from hub import checkpoints, tables
from hub.log_checks import LogDamaged
from tests.hub.published import Published
from tests.hub.serving import api_of
from tests.on_the_line import on_the_line
from tests.signed_network import TRUST, key_of
from wire.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from wire.merkle import leaf_hash, tree_root
from wire.tiles import parse_bundle, subtree_of, tile_path, tiles_of


@pytest.fixture
def client(network: Published) -> Iterator[TestClient]:
    with TestClient(api_of(network)) as client:
        yield client


def fill(network: Published, count: int) -> None:
    for number in range(count):
        network.publish("need", id=f"n{number}")


def keep_checkpoint(network: Published, *, quorum: bool = True) -> Checkpoint:
    tree = network.writer.state.tree
    made = Checkpoint(TRUST.origin, tree.size, tree.root())
    with network.engine.begin() as connection:
        note = sign_checkpoint(made, key_of("log"))
        checkpoints.keep(connection, made, note, "2026-11-23T12:00:00.000Z", quorum=quorum)
    return made


def test_tiles_and_bundles_lead_to_the_root_of_the_checkpoint(network: Published, client: TestClient) -> None:
    fill(network, 260)
    made = keep_checkpoint(network)
    answer = client.get("/log/checkpoint")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    assert made == open_checkpoint(answer.content, TRUST.log_verifier).checkpoint
    served = {
        (tile.level, tile.number): client.get(f"/log/tile/{tile.level}/{tile_path(tile.number, tile.width)}")
        for tile in tiles_of(made.size)
    }
    assert {place: each.status_code for place, each in served.items()} == {(0, 0): 200, (0, 1): 200, (1, 0): 200}
    assert all("immutable" in each.headers["cache-control"] for each in served.values())
    assert {"application/octet-stream"} == {each.headers["content-type"] for each in served.values()}
    hashes = {place: each.content for place, each in served.items()}
    subtree = subtree_of(made.size, lambda level, number, _: hashes[level, number])
    assert made.root == tree_root(made.size, subtree)
    for number, width in ((0, 256), (1, made.size - 256)):
        entries = parse_bundle(client.get(f"/log/tile/entries/{tile_path(number, width)}").content, width)
        assert hashes[0, number] == b"".join(map(leaf_hash, entries))


def test_a_partial_tile_stays_what_it_was_when_the_log_has_grown(
    small_network: Published,
) -> None:
    with TestClient(api_of(small_network)) as client:
        fill(small_network, 3)
        size = small_network.tail.size
        before = client.get(f"/log/tile/0/000.p/{size}").content
        bundle = client.get(f"/log/tile/entries/000.p/{size}").content
        fill(small_network, 9)
        assert before == client.get(f"/log/tile/0/000.p/{size}").content
        assert bundle == client.get(f"/log/tile/entries/000.p/{size}").content


@pytest.mark.parametrize(
    "path",
    ["tile/0/0", "tile/0/x000", "tile/0/x000/000", "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/01",
     "tile/64/000.p/1", "tile/00/000.p/1", "tile/-1/000.p/1", "tile/a/000.p/1", "tile/entries/1", "tile/entries/",
     "tile/0/000.p/1/..", "checkpoints/007", "checkpoints/x", "tile/0/٠٠٠.p/1"],
)  # fmt: skip
def test_other_spellings_of_an_address_are_refused(small_network: Published, path: str) -> None:
    with TestClient(api_of(small_network)) as client:
        answer = client.get(f"/log/{path}")
    assert answer.status_code in (400, 404)
    assert answer.headers["content-type"] == "application/problem+json"


def test_tiles_that_do_not_exist_yet_are_not_found(network: Published, client: TestClient) -> None:
    fill(network, 2)
    size = network.tail.size
    for path in (f"tile/0/000.p/{size + 1}", "tile/0/000", "tile/0/001.p/1", "tile/1/000.p/1", "tile/entries/000"):
        assert client.get(f"/log/{path}").status_code == 404, path
    assert client.get("/log/checkpoint").status_code == 404
    assert client.get("/log/checkpoints/3").status_code == 404


def test_only_checkpoints_with_a_quorum_are_the_newest_and_all_of_them_are_listed(
    network: Published, client: TestClient
) -> None:
    fill(network, 1)
    first = keep_checkpoint(network)
    fill(network, 2)
    keep_checkpoint(network, quorum=False)
    assert first == open_checkpoint(client.get("/log/checkpoint").content, TRUST.log_verifier).checkpoint
    second = keep_checkpoint(network)
    listed = client.get("/log/checkpoints").json()
    assert [first.size, second.size] == [each["size"] for each in listed["items"]]
    page = client.get("/log/checkpoints?limit=1").json()
    assert [first.size] == [each["size"] for each in page["items"]]
    following = client.get(f"/log/checkpoints?limit=1&after={page['next']}").json()
    assert [second.size] == [each["size"] for each in following["items"]]
    note = client.get(f"/log/checkpoints/{first.size}").content
    assert first == open_checkpoint(note, TRUST.log_verifier).checkpoint


def test_bundles_are_compressed_for_those_who_ask(small_network: Published) -> None:
    with TestClient(api_of(small_network)) as client:
        fill(small_network, 5)
        path = f"/log/tile/entries/000.p/{small_network.tail.size}"
        plain, said_of_plain = on_the_line(client, path, "identity")
        raw, said = on_the_line(client, path, "gzip")
        assert said["content-encoding"] == "gzip"
        assert "content-encoding" not in said_of_plain
        assert plain == gzip.decompress(raw)


def test_a_damaged_entry_is_never_served_and_stops_the_hub(small_network: Published) -> None:
    fill(small_network, 2)
    found: list[LogDamaged] = []
    with small_network.engine.begin() as connection:
        other = connection.scalar(select(tables.log.c.token).where(tables.log.c.index == 1))
        connection.execute(update(tables.log).where(tables.log.c.index == 2).values(token=other))
    with TestClient(api_of(small_network, damaged=found.append)) as client:
        answer = client.get(f"/log/tile/entries/000.p/{small_network.tail.size}")
    assert answer.status_code == 500
    assert "log-damaged" in answer.json()["type"]
    assert [each.evidence["index"] for each in found] == [2]
