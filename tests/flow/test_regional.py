"""A regional hub as people run it: the command on its own, beside a hub that it knows by its address alone."""

import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete

from deploy.demo.service import free_port
from hub import checkpoints, tables
from hub.access import create_token
from hub.tree import load_tree
from tests.hub.following.regional import opened
from tests.hub.published import Published
from tests.hub.serving import served
from tests.hub.signing import after_all_of
from tests.signed_network import NETWORK, TRUST, key_of, need
from wire.audit.run import Audit, Wish
from wire.audit.view import compare_view
from wire.checkpoint import Checkpoint, cosign, sign_checkpoint
from wire.client import HubAway, HubClient, HubRefused
from wire.compare import compare
from wire.encoding import b64url
from wire.log_source import HubLog

PATIENCE = 120.0
OURS = "xa-centre"


@dataclass
class First:
    """The hub that keeps the log, at an address; `checkpoint` is what its witnesses do."""

    network: Published
    address: str

    def checkpoint(self) -> int:
        """Have the log as it is signed and cosigned by everybody; gives its size."""
        size, registry = self.network.writer.state.size, self.network.writer.state.registry
        now = after_all_of(self.network)
        with self.network.engine.begin() as connection:
            signed = Checkpoint(TRUST.origin, size, load_tree(connection, size).root())
            lines = [
                cosign(signed, NETWORK, name, key_of(f"{name} witness"), now).line
                for name in registry.witnesses(NETWORK).keys
            ]
            note = sign_checkpoint(signed, key_of("log")) + "".join(lines).encode()
            checkpoints.keep(connection, signed, note, "2026-11-26T12:00:00.000Z", quorum=True)
        return size

    def say(self, id: str, **how: Any) -> int:  # noqa: A002
        """An organization says something, and it is signed for; gives its index."""
        index = self.network.publish("need", org=OURS, id=id, **how)
        self.checkpoint()
        return index


class Regional:
    """`liaison-hub follow` in a process of its own."""

    def __init__(self, place: Path, first: First, *options: str) -> None:
        self.directory = place / "regional"
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        (place / "trust.json").write_bytes(TRUST.to_bytes())
        token = place / "token"
        token.touch(mode=0o600)
        token.write_text(create_token(first.network.engine, "member", "The regional hub"))
        self._words = ["follow", str(self.directory), first.address, "--token-file", str(token)]
        self._words += ["--port", str(self.port)]
        self._begin = ["--trust", str(place / "trust.json"), *options]

    def start(self) -> None:
        """Begin it, the first time with what the first time needs."""
        begin = [] if self.directory.exists() else self._begin
        command = [str(Path(sys.executable).parent / "liaison-hub"), *self._words, *begin]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, env=os.environ | {"LIAISON_HUB_WORKERS": "1"})

    def end(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        """End it; gives its status and what it said."""
        self.process.send_signal(number)
        _, said = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, said.decode()

    def stands(self) -> dict[str, Any]:
        """How it stands to the first hub; nothing while it does not answer."""
        try:
            with HubClient(self.address) as client:
                found: dict[str, Any] = client.get("/readyz")["following"]
        except HubAway:
            assert self.process.poll() is None, self.process.stderr and self.process.stderr.read().decode()
            return {}
        return found

    def wait(self, size: int, word: str = "following") -> dict[str, Any]:
        """Wait until it is there."""
        return until(self.stands, lambda found: (found.get("state"), found.get("log_size")) == (word, size))


def until(look: Callable[[], Any], right: Callable[[Any], bool]) -> Any:
    """Look until it is right."""
    deadline = time.monotonic() + PATIENCE
    while not right(found := look()):
        assert time.monotonic() < deadline, found
        time.sleep(0.05)
    return found


@contextmanager
def running(regional: Regional) -> Iterator[None]:
    """Have it run while the block runs."""
    regional.start()
    try:
        yield
    finally:
        if regional.process.poll() is None:
            regional.end(signal.SIGKILL)


@pytest.fixture
def first(tmp_path: Path) -> Iterator[First]:
    engine = opened(tmp_path / "first.sqlite")
    network = Published(engine)
    with served(network) as server:
        first = First(network, server.address)
        first.say("n1")
        yield first
    engine.dispose()


def same(first: First, regional: Regional) -> bool:
    with HubClient(first.address) as one, HubClient(regional.address) as other:
        found = compare((one, other), lambda _: None, pause=0.1)
    return found.equal


def test_it_follows_live_goes_on_when_killed_and_refuses_another_history(first: First, tmp_path: Path) -> None:
    first.network.publish("contact", org=OURS, id="duty", marking="TLP:GREEN")
    regional = Regional(tmp_path, first)
    with running(regional):
        regional.wait(first.checkpoint())
        assert same(first, regional)
        # A live reader of the regional hub hears what somebody says at the first.
        with HubClient(regional.address) as reader, reader.stream({}, None) as opened_stream:
            index = first.say("n2")
            assert next(line for line in opened_stream.lines if line.startswith("data:"))
        assert HubClient(regional.address).record("need", OURS, "n2")["index"] == index
        # Its own members see TLP:GREEN, others do not.
        token = create_token(opened(regional.directory / "hub.sqlite"), "member", "A reader")
        assert HubClient(regional.address, token).record("contact", OURS, "duty")["marking"] == "TLP:GREEN"
        with pytest.raises(HubRefused):
            HubClient(regional.address).record("contact", OURS, "duty")
        # Killed without a word while there is something to take, it goes on where it was.
        first.say("n3")
        regional.end(signal.SIGKILL)
        ours = first.network.admit(OURS)
        said = ours.say(need("Zauberlehrling"), id="n4")
        first.network.deliver(said)
        first.checkpoint()
        regional.start()
        regional.wait(first.network.writer.state.size)
        assert same(first, regional)
        # An order to erase reaches it.
        body = f"/api/v1/bodies/{b64url(hashlib.sha256(said.body).digest())}"
        assert HubClient(regional.address).fetch(body, 10_000) == said.body
        first.network.deliver(ours.order(f"need/{OURS}/n4", [said.hash]))
        regional.wait(first.checkpoint())
        assert HubClient(regional.address).fetch(body, 10_000) is None
        assert same(first, regional)
        source = HubLog(regional.address)
        audit = Audit(source, TRUST, Wish(workers=1), lambda _done, _total: None)
        report = audit.run()
        compare_view(source, audit.folds, report)
        assert [finding.code for finding in report.findings.kept] == []
        assert report.size == first.network.writer.state.size
        # Somebody who has the log's key signs another history: it is refused, and what was verified is served on.
        size = first.network.writer.state.size
        with first.network.engine.begin() as connection:
            connection.execute(delete(tables.checkpoints))
            lie = Checkpoint(TRUST.origin, size, bytes(32))
            checkpoints.keep(connection, lie, sign_checkpoint(lie, key_of("log")), "", quorum=True)
        assert "another-history" in regional.wait(size, "refused")["reason"]
        [evidence] = (regional.directory / "evidence").iterdir()
        assert b64url(bytes(32)).encode() in evidence.read_bytes()
        with HubClient(regional.address) as client:
            assert client.record("need", OURS, "n1")["status"] == "current"
        status, text = regional.end()
    assert status == 1
    assert "refused: another-history" in text
    assert "Traceback" not in text
