"""A worker driven by hand over a real log: its clock is the test's, and nothing is waited for that is not sent."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient
from sqlalchemy import select, update

from hub.access import Role
from hub.api.application import create_api
from hub.settings import SmtpSettings
from hub.subscriptions import store
from hub.subscriptions.derived import CONFIRM, MANAGE, DerivedSecrets
from hub.subscriptions.egress import Egress
from hub.subscriptions.forms import NewSubscription
from hub.subscriptions.owners import PUBLIC, Owner
from hub.subscriptions.recipients import asked, confirm, recipient
from hub.subscriptions.sending import Sending
from hub.subscriptions.tables import deliveries, subscriptions, targets
from hub.subscriptions.worker import Worker
from tests.hub.published import Published
from tests.signed_network import NETWORK, NOON, TRUST

SUBSCRIPTIONS = "/api/v1/subscriptions"
ADDRESS = "https://hub.example"
KEYS = DerivedSecrets(bytes(32))
PUBLIC_OWNER = Owner(PUBLIC, Role.PUBLIC)


def smtp_at(port: int, password_file: Path | None = None) -> SmtpSettings:
    return SmtpSettings("127.0.0.1", port, "none", "", password_file, "Liaison hub <hub@hub.example>")


class Driven:
    """Subscriptions over a network's log, with a clock that moves when the test says so."""

    def __init__(self, network: Published, *, port: int | None = None, hosts: Sequence[str] = ("localhost",)) -> None:
        self.network = network
        self.now = NOON
        smtp = None if port is None else smtp_at(port)
        self.sending = Sending(NETWORK, ADDRESS, Egress(hosts, total=60), KEYS, smtp)
        self.worker = self.restarted()

    def restarted(self) -> Worker:
        """A worker as after a restart: it knows what the tables know."""
        self.worker = Worker(self.network.engine, self.network.tail, self.sending, lambda: self.now)
        return self.worker

    def later(self, **time: float) -> None:
        self.now += timedelta(**time)

    async def settle(self) -> None:
        await self.worker.settle()

    def subscribe(self, owner: Owner = PUBLIC_OWNER, **form: Any) -> str:
        asked_for = NewSubscription.model_validate(form)
        with self.network.engine.begin() as connection:
            return store.create(connection, asked_for, owner, self.network.tail.size, self.now, self.sending.log.name)

    def confirm_all(self, subscription: str) -> list[str]:
        """Confirm every recipient; gives the tokens of their pages."""
        rows = self.targets(subscription)
        with self.network.engine.begin() as connection:
            found = [recipient(connection, row.id) for row in rows]
            for each in found:
                assert each is not None
                asked(connection, each.target.number, self.now)
                again = recipient(connection, each.target.id)
                assert again is not None
                assert confirm(connection, again, self.network.tail.size, self.now, self.sending.log.name)
        return [KEYS.token(MANAGE, each.target.id) for each in found if each is not None]

    def confirm_token(self, subscription: str) -> str:
        return KEYS.token(CONFIRM, self.targets(subscription)[0].id)

    def lose_a_part_of_the_log(self, subscription: str) -> None:
        """Put its places where the log does not reach, as when the hub has lost the end of it."""
        mine = targets.c.subscription == self.row(subscription).number
        with self.network.engine.begin() as connection:
            connection.execute(update(targets).where(mine).values(cursor=10_000, edition=targets.c.edition + 1))
            store.touch(connection)

    def row(self, subscription: str) -> Any:
        with self.network.engine.connect() as connection:
            return connection.execute(select(subscriptions).where(subscriptions.c.id == subscription)).one()

    def targets(self, subscription: str) -> list[Any]:
        with self.network.engine.connect() as connection:
            found = store.find(connection, subscription)
            assert found is not None
            return list(connection.execute(select(targets).where(targets.c.subscription == found.number)))

    def deliveries(self) -> list[Any]:
        with self.network.engine.connect() as connection:
            return list(connection.execute(select(deliveries).order_by(deliveries.c.number)))


def client_of(driven: Driven) -> TestClient:
    """The hub's application, with the clock and the worker of the test."""
    network = driven.network
    api = create_api(
        network.engine, NETWORK, TRUST.to_bytes(), lambda: network.writer.state.registry, network.tail,
        now=lambda: driven.now, sending=driven.sending,
    )  # fmt: skip
    return TestClient(api)


def hook(client: TestClient, url: str, **more: Any) -> dict[str, Any]:
    """Subscribe by webhook over the API."""
    answer = client.post(SUBSCRIPTIONS, json={"channel": "webhook", "url": url, **more})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found
