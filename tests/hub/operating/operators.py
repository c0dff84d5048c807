"""A hub with an operator who is logged in, and whose acts reach the network's own writer, for the tests."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import lxml.html
from fastapi.testclient import TestClient
from httpx2 import Response

from hub.access import create_token
from hub.api.application import create_api
from hub.heads import note_heads
from hub.operating.deeds import Operating
from hub.operating.health import Senses
from hub.registrar import perform
from hub.writer import Committed
from tests.hub.published import Published
from tests.signed_network import NETWORK, ROOT, TRUST, key_of, message_of, need
from wire.actions import Action, sign_action
from wire.seal import timestamp

OURS = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}


@dataclass
class Office:
    """What an operator's pages reach: the writer of the network as the registrar reaches it, in this process."""

    network: Published
    roots: bool = True
    senses: Senses = field(default_factory=Senses)
    asked: list[str] = field(default_factory=list)
    early: dict[str, Sequence[int]] = field(default_factory=dict)

    def operating(self) -> Operating:
        """Give it to an application."""
        return Operating(
            self.senses, self.decide, lambda: self.roots, self.retry, self.asked.append,
            lambda organization: self.early.get(organization, ()),
        )  # fmt: skip

    def decide(self, make: Callable[..., Action]) -> int:
        """Sign with the one root, and log."""
        place = self.network.roots.place()
        committed = self.network.writer.register(sign_action(make(**place), [ROOT]))
        return self._done(committed)

    def retry(self, number: int) -> str:
        """Judge again."""
        answer, committed = perform(
            self.network.writer, self.network.engine, TRUST, "retry", str(number).encode()
        )  # fmt: skip
        self.network.announce(committed.size)
        return answer

    def _done(self, committed: Committed) -> int:
        self.network.roots.done(committed.outcome.entries[0].hash)
        self.network.announce(committed.size)
        return committed.outcome.entries[0].index

    def api(self, now: Callable[[], datetime] | None = None) -> Any:
        """Build the application."""
        network = self.network
        more = {} if now is None else {"now": now}
        return create_api(
            network.engine, NETWORK, TRUST.to_bytes(), lambda: network.writer.state.registry, network.tail,
            operating=self.operating(), **more,
        )  # fmt: skip

    def client(self, role: str | None = "operator", now: Callable[[], datetime] | None = None) -> TestClient:
        """Give a browser, logged in with a token of this role."""
        client = TestClient(self.api(now), headers=OURS, raise_server_exceptions=True)
        if role is not None:
            token = create_token(self.network.engine, role, f"The {role}")
            assert client.post("/login", data={"token": token}, follow_redirects=False).status_code == 303
        return client


def refuse(network: Published, times: int = 1, org: str = "xa-centre") -> None:
    """Have messages refused that somebody signed who is nobody, in an organization's name."""
    author = network.admit(org)
    for number in range(times):
        network.deliver(message_of(author.twin().say(need(f"False {number}"), key=key_of("somebody else"))))


def head(network: Published, sequence: int, at: datetime, org: str = "xa-centre", skew: int = 0) -> None:
    """Have a node announce how far it is."""
    said = {"organization": org, "head_sequence": sequence, "head_at": timestamp(at), "software": "node 1"}
    note_heads(network.engine, [{**said, "clock_skew": skew}])


def parsed(answer: Response) -> Any:
    """Read a page."""
    return lxml.html.fromstring(answer.text)


def act(client: TestClient, address: str, **fields: str) -> Response:
    """Open the page of an act, fill its form in, send it, and follow to what became of it."""
    page = parsed(client.get(address))
    hidden = {each.get("name"): each.get("value") for each in page.xpath("//main//form//input[@type='hidden']")}
    return client.post(address.partition("?")[0], data={**hidden, **fields})
