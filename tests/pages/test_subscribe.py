"""The journey of who subscribes: by mail and by webhook with real receivers, and out again by one click."""

import asyncio
import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select
from starlette.types import ASGIApp

from deploy.demo.service import wait_for
from hub.access import create_token
from hub.api.application import create_api
from hub.schema import MIGRATIONS
from hub.subscriptions.derived import DerivedSecrets
from hub.subscriptions.egress import Egress
from hub.subscriptions.sending import Sending
from hub.subscriptions.tables import deliveries
from hub.subscriptions.worker import Worker
from tests.hub.published import Published
from tests.hub.serving import Served
from tests.hub.subscriptions.driving import smtp_at
from tests.hub.subscriptions.receivers import Mailbox, Posted, Receiver, mailbox, receiving
from tests.migrated import migrated_engine
from tests.pages.browsing import a_page, axe_findings
from tests.signed_network import NETWORK, TRUST, need

SECONDS = 60


class Going:
    """A hub with its worker, and receivers that say when something has come."""

    def __init__(self, network: Published, box: Mailbox, receiver: Receiver) -> None:
        self.network = network
        self.box = box
        self.receiver = receiver
        self.server = Served(network, self._app)

    def _app(self, network: Published) -> ASGIApp:
        keys = DerivedSecrets(bytes(32))
        sending = Sending(NETWORK, self.server.address, Egress({"localhost"}), keys, smtp_at(self.box.port))
        worker = Worker(network.engine, network.tail, sending)
        registry = lambda: network.writer.state.registry  # noqa: E731
        self.running = asyncio.create_task(worker.run())  # it ends with the tail, as the server does
        return create_api(network.engine, NETWORK, TRUST.to_bytes(), registry, network.tail, sending=sending)

    def wait_for_mail(self, number: int) -> str:
        with self.box.came:
            assert self.box.came.wait_for(lambda: len(self.box.mails) >= number, SECONDS), "no mail came"
        return self.box.text(number - 1)

    def wait_for_post(self) -> Posted:
        with self.receiver.came:
            assert self.receiver.came.wait_for(lambda: self.receiver.posts, SECONDS), "nothing was posted"
        return self.receiver.taken[0]

    def wait_for_delivered(self, number: int) -> None:
        """What a receiver has taken is written down only once it has answered."""

        def written() -> bool:
            with self.network.engine.connect() as connection:
                rows = connection.execute(select(deliveries)).all()
                return [row.outcome for row in rows].count("delivered") >= number

        assert wait_for(written, SECONDS)


@pytest.fixture
def going(tmp_path: Path) -> Iterator[Going]:
    engine = migrated_engine(tmp_path / "hub.db", MIGRATIONS)
    network = Published(engine)
    network.publish("need", need("Document readers"), id="n1")
    with ExitStack() as stack:
        found = Going(network, stack.enter_context(mailbox()), stack.enter_context(receiving()))
        stack.callback(engine.dispose)
        stack.callback(found.server.stop)
        found.server.start()
        yield found


def test_subscribe_by_mail_and_webhook_then_a_change_arrives_by_both_and_one_click_ends_the_mail(
    browser: Browser, going: Going
) -> None:
    token = create_token(going.network.engine, "member", "reader")
    with a_page(browser, going.server.address) as page:
        page.goto("/en/login")
        page.get_by_label("Access token").fill(token)
        page.get_by_role("button", name="Log in with the token").click()
        page.goto("/en/subscribe")
        page.get_by_label("Need", exact=True).check()
        page.get_by_label("Add a place").fill("kenya")
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Show what this would send").click()
        expect(page.locator("main")).to_contain_text("Any Need in Kenya")
        expect(page.locator("main")).to_contain_text("1 message in the last 30 days.")
        assert axe_findings(page) == []
        address = page.url

        page.get_by_label("Address that is posted to").fill(going.receiver.url)
        page.get_by_role("button", name="Subscribe by webhook").click()
        page.locator("#secret").wait_for()
        page.wait_for_load_state()
        secret = page.locator("#secret").inner_text()
        page.goto(address)
        page.get_by_label("Mail addresses").fill("duty@centre.example")
        page.get_by_label("How often").select_option("at-once")
        page.get_by_role("button", name="Subscribe by mail").click()
        expect(page.locator("h1")).to_contain_text("One more step")

        confirm = re.search(r"http\S+/subscriptions/confirm/\S+", going.wait_for_mail(1))
        assert confirm is not None
        page.goto(confirm[0])
        page.get_by_role("button", name="Yes, send me these mails").click()
        expect(page.locator("main")).to_contain_text("Thank you")
        assert axe_findings(page) == []

        index = going.network.publish("need", need("Radio sets"), id="n2")
        assert "Radio sets" in going.wait_for_mail(2)
        assert going.wait_for_post().verified(secret)["index"] == index
        going.wait_for_delivered(2)

        page.goto("/en/subscriptions")
        assert axe_findings(page) == []
        page.locator("main table a").first.click()
        expect(page.locator("main")).to_contain_text("delivered")
        assert axe_findings(page) == []

        one_click = str(going.box.mails[1]["List-Unsubscribe"]).strip("<>")
        assert httpx2.post(one_click, content="List-Unsubscribe=One-Click", timeout=60).status_code == 200
        page.goto(one_click)
        page.get_by_role("button", name="Undo: subscribe again").click()
        expect(page.locator("main")).to_contain_text("subscribed again")
