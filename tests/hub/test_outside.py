"""What leaves the hub names the address that people reach it at, whichever host a proxy or a stranger asked for."""

import feedparser
import pytest
from fastapi.testclient import TestClient

from hub.subscriptions.derived import DerivedSecrets
from hub.subscriptions.egress import Egress
from hub.subscriptions.sending import Sending
from tests.hub.published import Published
from tests.hub.serving import api_of
from tests.signed_network import NETWORK, need

HUB = "https://hub.example"


@pytest.fixture
def reader(network: Published) -> TestClient:
    network.publish("need", need(), id="n1")
    sending = Sending(NETWORK, HUB, Egress(), DerivedSecrets.passing())
    return TestClient(api_of(network, sending=sending), base_url="http://127.0.0.1:8300")


@pytest.mark.parametrize("host", ["127.0.0.1:8300", "evil.example"])
@pytest.mark.parametrize("path", ["/api/v1/records.atom?kind=need", "/api/v1/records/need/xa-centre/n1/history.atom"])
def test_a_feed_leads_to_the_hub(reader: TestClient, host: str, path: str) -> None:
    found = feedparser.parse(reader.get(path, headers={"Host": host}).content)
    links = [link.href for link in [*found.feed.links, *found.entries[0].links]]
    assert f"{HUB}{path}" in links
    assert [link for link in links if not link.startswith(f"{HUB}/")] == []


def test_the_feed_of_the_log_and_what_programs_read_of_live_events_lead_to_it_too(reader: TestClient) -> None:
    asked = {"Host": "evil.example"}
    assert f'href="{HUB}/fr/audit.atom' in reader.get("/fr/audit.atom", headers=asked).text
    servers = reader.get("/asyncapi.json", headers=asked).json()["servers"].values()
    assert ("hub.example", "https") in {(each["host"], each["protocol"]) for each in servers}


@pytest.mark.parametrize(("asked", "led_to"), [
    ("/records/?kind=need", "/records?kind=need"), ("/fr/records/", "/fr/records"),
    ("/api/v1/records/", "/api/v1/records"),
])  # fmt: skip
def test_a_redirect_names_no_host(reader: TestClient, asked: str, led_to: str) -> None:
    found = reader.get(asked, headers={"Host": "evil.example"}, follow_redirects=False)
    assert (found.status_code, found.headers["location"]) == (307, led_to)
