"""Two hubs' views compared over HTTP: what differs is named record by record, and who contradicts itself is named."""

import copy
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import update
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub import tables
from hub.tail import Tail
from hub.view_lines import forget
from tests.hub.batches import restarted
from tests.hub.plain_view import replayed
from tests.hub.published import Published, small_network, sqlite_engine
from tests.hub.serving import Served, api_of, served
from tests.signed_network import TRUST, need
from wire import compare as comparing
from wire.client import HubAway, HubClient
from wire.compare import Comparison, TwoNetworks, compare, told
from wire.database import open_database, sqlite_url
from wire.encoding import b64url
from wire.view_digest import bucket_of

__all__ = ["small_network", "sqlite_engine"]
BUCKET = "/api/v1/view/buckets/"
STATE = "/api/v1/view/state"
Rewrite = Callable[[str, dict[str, Any]], Any]


@pytest.fixture
def twins(small_network: Published, tmp_path: Path) -> Iterator[tuple[Published, Published]]:
    """A hub and a copy of it: from here on both take in what they are given."""
    for number in range(5):
        small_network.publish("need", need(f"Need {number}"), id=f"n{number}")
    small_network.publish("need", need("Anew"), id="n1", action="revised")
    with small_network.engine.connect() as connection:
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    path = shutil.copy(str(small_network.engine.url.database), tmp_path / "twin.db")
    twin = copy.copy(small_network)
    twin.engine = open_database(sqlite_url(Path(path)))
    twin.writer = restarted(twin.engine)
    twin.tail = Tail(twin.writer.state.size)
    twin.announce = twin.tail.advance
    twin.organizations = {name: author.twin() for name, author in small_network.organizations.items()}
    yield small_network, twin
    twin.engine.dispose()


class Lying:
    """A hub's application whose answers are changed on their way out."""

    def __init__(self, app: ASGIApp, rewrite: Rewrite) -> None:
        self._app = app
        self._rewrite = rewrite
        self.told = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        parts: list[bytes] = []

        async def keep(message: Message) -> None:
            if message["type"] == "http.response.body":
                parts.append(message.get("body", b""))

        await self._app(scope, receive, keep)
        said = self._rewrite(scope["path"], orjson.loads(b"".join(parts)))
        body = said if isinstance(said, bytes) else orjson.dumps(said)
        self.told += 1
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": body})


@contextmanager
def two_hubs(first: Published, second: Published, lie: Rewrite | None = None) -> Iterator[tuple[HubClient, HubClient]]:
    """Both served, the second one by a liar if told so."""

    def evil(network: Published) -> ASGIApp:
        return api_of(network) if lie is None else Lying(api_of(network), lie)

    with ExitStack() as stack:
        servers: list[Served] = [stack.enter_context(served(first)), stack.enter_context(served(second, evil))]
        yield (
            stack.enter_context(HubClient(servers[0].address)),
            stack.enter_context(HubClient(servers[1].address)),
        )


def compared(first: Published, second: Published, lie: Rewrite | None = None) -> Comparison:
    with two_hubs(first, second, lie) as hubs:
        found = compare(hubs, lambda _: None, pause=0)
        found.contradictions = [
            ("second" if hub == hubs[1].address else "both" if "or" in hub else "first", what)
            for hub, what in found.contradictions
        ]
        return found


def differences(first: Published, second: Published) -> dict[str, tuple[bytes | None, bytes | None]]:
    """What a plain replay says."""
    here, there = replayed(first.engine), replayed(second.engine)
    pairs = {address: (here.get(address), there.get(address)) for address in {**here, **there}}
    return {address: pair for address, pair in pairs.items() if pair[0] != pair[1]}


def test_two_hubs_that_show_the_same_are_equal(twins: tuple[Published, Published]) -> None:
    found = compared(*twins)
    assert found.equal
    assert (found.buckets, found.differences, found.contradictions) == ([], [], [])
    assert [line for line in told(found) if "equal" in line]
    assert found.document()["equal"] is True


def test_every_record_that_differs_is_named_with_what_each_hub_has(twins: tuple[Published, Published]) -> None:
    first, second = twins
    first.publish("need", need("Only here"), id="here")
    first.publish("need", need("So"), id="n2", action="revised")
    second.publish("need", need("Other"), id="n2", action="revised")
    second.withdraw("need", id="n3")
    found = compared(first, second)
    assert {each.address: each.hashes for each in found.differences} == differences(first, second)
    assert len(found.differences) == 3
    assert found.buckets == sorted({bucket_of(each.address) for each in found.differences})
    assert (found.compared, found.equal, found.same_log, not found.stopped) == (True, False, False, True)
    lines = list(told(found))
    assert any("DIFFERENT LOGS" in line for line in lines)
    assert any(line.startswith("need/xa-centre/here  ") and line.endswith("  absent") for line in lines)
    shown = found.document()["records"]
    assert {each["address"] for each in shown} == set(differences(first, second))


def test_a_hub_that_shows_another_view_of_the_same_log_is_found_out(twins: tuple[Published, Published]) -> None:
    """Its digest is honest, its view is not: it goes on showing what was revised."""
    first, second = twins
    with second.engine.begin() as connection:
        connection.execute(
            update(tables.records).where(tables.records.c.id == "n1").values(index=tables.records.c.record)
        )
        forget(connection)
    found = compared(first, second)
    assert found.same_log
    assert [each.address for each in found.differences] == ["need/xa-centre/n1"]
    now, before = found.differences[0].hashes
    assert now == replayed(first.engine)["need/xa-centre/n1"]
    assert before == replayed(first.engine, first.writer.state.size - 1)["need/xa-centre/n1"]


def test_a_hub_that_is_behind_is_named_and_nothing_is_compared(twins: tuple[Published, Published]) -> None:
    first, second = twins
    first.publish("need", need("Later"), id="n9")
    with two_hubs(first, second) as hubs:
        said: list[str] = []
        found = compare(hubs, said.append, pause=0)
        assert found.behind == hubs[1].address
        assert (found.compared, found.equal) == (False, False)
        assert len(said) == comparing.ATTEMPTS
        assert all(hubs[1].address in line for line in said)
        assert any("is behind" in line for line in told(found))


def test_a_hub_that_catches_up_meanwhile_is_compared(twins: tuple[Published, Published]) -> None:
    first, second = twins
    sealed = first.organizations["xa-centre"].say(need("Later"), id="n9")
    first.deliver(sealed)
    with two_hubs(first, second) as hubs:
        found = compare(hubs, lambda _: (second.deliver(sealed), None)[1], pause=0)
        assert found.equal


def different(twins: tuple[Published, Published]) -> tuple[Published, Published]:
    first, second = twins
    for network, title in ((first, "So"), (second, "Other")):
        network.publish("need", need(title), id="n2", action="revised")
    return first, second


def changed(path: str, **members: Any) -> Rewrite:
    """Changes members of answers under a path; a function is given what was there."""

    def rewrite(asked: str, document: dict[str, Any]) -> dict[str, Any]:
        if asked.startswith(path):
            for name, value in members.items():
                document[name] = value(document[name]) if callable(value) else value
        return document

    return rewrite


FOREIGN = ["need/xa-centre/foreign", b64url(bytes(32))]
LIES: list[tuple[str, Rewrite, str]] = [
    ("another state", changed(STATE, state=b64url(bytes(32))), "but that of its buckets is"),
    ("too few buckets", changed(STATE, buckets=lambda all_: all_[:-1]), "no 4096 buckets"),
    ("a bucket's digest is none", changed(STATE, buckets=lambda all_: [*all_[:-1], "x"]), "is no hash"),
    ("half a character", changed(STATE, root="\u00e9"), "is no hash"),
    ("a size that is none", changed(STATE, size=-1), "size is no number"),
    ("a size that is true", changed(STATE, rows=True), "rows is no number"),
    ("a record left out", changed(BUCKET, lines=lambda lines: lines[1:]), "in its state"),
    ("another hash", changed(BUCKET, lines=lambda lines: [[lines[0][0], FOREIGN[1]], *lines[1:]]), "in its state"),
    ("a record of another bucket", changed(BUCKET, lines=lambda lines: [*lines, FOREIGN]), "which belongs into"),
    ("a record twice", changed(BUCKET, lines=lambda lines: lines * 2), "twice"),
    ("no lines", changed(BUCKET, lines=None), "no lines"),
    ("lines that are none", changed(BUCKET, lines=[{"a": 1}]), "not address and hash"),
    ("control characters", changed(BUCKET, lines=[["need/\x1b[2J/x", FOREIGN[1]]]), r"'need/\x1b[2J/x'"),
    ("an address that goes on", changed(BUCKET, lines=[["need/xa-centre/n2/x", FOREIGN[1]]]), "without a record's"),
]  # fmt: skip


@pytest.mark.parametrize(("lie", "said"), [each[1:] for each in LIES], ids=[each[0] for each in LIES])
def test_a_hub_that_contradicts_itself_is_named(twins: tuple[Published, Published], lie: Rewrite, said: str) -> None:
    found = compared(*different(twins), lie)
    [(who, what)] = found.contradictions
    assert who == "second"
    assert said in what
    assert (found.equal, found.compared) == (False, False)
    assert any(line.startswith("CONTRADICTION at") for line in told(found))
    assert not any("\x1b" in line for line in told(found))


def test_a_wrong_count_is_found_although_every_digest_is_right(twins: tuple[Published, Published]) -> None:
    found = compared(*twins, changed(STATE, rows=lambda rows: rows + 1))
    [(_, what)] = found.contradictions
    assert "at least one of them miscounts" in what
    assert not found.equal
    found = compared(*different(twins), changed(STATE, rows=lambda rows: rows + 1))
    assert len(found.contradictions) == 1
    assert [each.address for each in found.differences] == ["need/xa-centre/n2"]


def test_a_hub_whose_buckets_are_never_of_its_state_s_size_ends_in_no_comparison(
    twins: tuple[Published, Published],
) -> None:
    found = compared(*different(twins), changed(BUCKET, size=lambda size: size + 1))
    assert (found.compared, found.equal, found.contradictions, found.differences) == (False, False, [], [])
    assert any("goes on too fast" in line for line in told(found))


@pytest.mark.parametrize("flood", [b"[" * 100_000, b"x", b"[]", b'"' + b"y" * (2 << 20) + b'"'], ids=len)
def test_what_is_no_answer_of_a_hub_is_an_error_in_a_sentence(twins: tuple[Published, Published], flood: bytes) -> None:
    with pytest.raises(HubAway):
        compared(*twins, lambda _path, _document: flood)
    with pytest.raises(HubAway):
        compared(*twins, lambda path, document: document if path == "/trust.json" else flood)


def test_more_differences_than_can_be_listed_are_counted_as_more(
    twins: tuple[Published, Published], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = twins
    for number in range(6):
        first.publish("need", id=f"a{number}")
        second.publish("need", id=f"b{number}")
    monkeypatch.setattr(comparing, "MAX_DIFFERENCES", 3)
    found = compared(first, second)
    assert 3 < len(found.differences) < 12
    assert found.document()["complete"] is False
    assert any("and more: the list ends after 3" in line for line in told(found))
    monkeypatch.undo()
    monkeypatch.setattr(comparing, "MAX_SECONDS", -1.0)
    found = compared(first, second)
    assert (found.equal, found.differences) == (False, [])
    assert "took longer" in found.stopped


def test_hubs_of_two_networks_are_not_compared(twins: tuple[Published, Published]) -> None:
    other = replace(TRUST, network="other.example").to_bytes()
    with pytest.raises(TwoNetworks, match=r"other\.example"):
        compared(*twins, lambda path, document: other if path == "/trust.json" else document)
