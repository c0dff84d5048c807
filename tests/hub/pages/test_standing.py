"""Records of organizations that are suspended or have retired stay, and are marked wherever they are shown."""

import pytest
from fastapi.testclient import TestClient

from tests.hub.pages.asked import Reader
from tests.hub.published import Published, example
from tests.hub.serving import api_of
from tests.signed_network import need
from wire.actions import Reinstated, Retired, Suspended

PAGES = (
    "/en/records/need/xa-centre/n1", "/en/needs/xa-centre/n1", "/en/needs", "/en/directory", "/en/records?kind=plan",
    "/en/resources",
)  # fmt: skip


@pytest.fixture
def network(small_network: Published) -> Published:
    small_network.publish("need", need(), id="n1")
    small_network.publish("contact", example("contact", visibility="public"), id="c1")
    small_network.publish("plan", id="p1")
    small_network.publish("resource", id="r1")
    return small_network


def standing_of(network: Published) -> set[str | None]:
    client = TestClient(api_of(network))
    listed = client.get("/api/v1/records").json()["items"]
    one = client.get("/api/v1/records/need/xa-centre/n1").json()
    return {each.get("standing") for each in (*listed, one)}


@pytest.mark.parametrize("address", PAGES)
@pytest.mark.parametrize("action", [Suspended, Retired])
def test_pages_mark_what_they_have_said(network: Published, address: str, action: type[Suspended | Retired]) -> None:
    word = "organization suspended" if action is Suspended else "organization retired"
    assert word not in Reader(network).words(address)
    network.register(action(**network.roots.place(), organization="xa-centre", reason="For a test."))
    assert word in Reader(network).words(address)


def test_the_api_says_it_of_each_record_and_no_longer_than_it_is_so(network: Published) -> None:
    assert standing_of(network) == {None}
    network.register(Suspended(**network.roots.place(), organization="xa-centre", reason="For now."))
    assert standing_of(network) == {"suspended"}
    network.register(Reinstated(**network.roots.place(), organization="xa-centre", reason="It is well."))
    assert standing_of(network) == {None}
