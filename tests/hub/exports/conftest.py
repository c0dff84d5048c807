"""One network for the tests of all formats: a record of every kind, members' contacts, and text that attacks."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from hub.access import create_token
from hub.schema import MIGRATIONS
from schemas.fields import KIND_NAMES
from tests.hub.published import Published, example
from tests.hub.serving import api_of
from tests.migrated import migrated_engine
from tests.signed_network import NOON, contact, need

FORMULA = '=HYPERLINK("https://evil.example";"x")'
BREAKING = "Duty\nEND:VCARD\nTEL:+1"


@pytest.fixture(scope="package")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Published]:
    """Nobody changes it: what needs other records makes a network of its own."""
    engine = migrated_engine(tmp_path_factory.mktemp("exports") / "hub.db", MIGRATIONS)
    network = Published(engine)
    organization = example("organization", name={"en": "National Centre of Xandia", "fr": "Centre national"})
    network.publish("organization", organization, id="xa-centre")
    for kind in KIND_NAMES:
        changes = {"visibility": "public"} if kind == "contact" else {}
        network.publish(kind, example(kind, **changes), id=f"{kind}1")
    network.publish("contact", contact(name={"en": "Members only"}), marking="TLP:GREEN", id="members")
    network.publish("contact", contact(name={"en": BREAKING}, visibility="public", unit="a;b,c\\d"), id="breaking")
    network.publish(
        "need", need(FORMULA, description={"en": "Two\nlines, with comma", "sv": "På svenska"}), id="formula"
    )
    network.publish("need", need("Withdrawn"), id="gone")
    network.withdraw("need", id="gone")
    yield network
    engine.dispose()


@pytest.fixture(scope="package")
def reader(everything: Published) -> TestClient:
    """Anybody."""
    return TestClient(api_of(everything, now=lambda: NOON), raise_server_exceptions=True)


@pytest.fixture(scope="package")
def member(everything: Published) -> TestClient:
    """A member of the network."""
    client = TestClient(api_of(everything, now=lambda: NOON), raise_server_exceptions=True)
    client.headers["Authorization"] = f"Bearer {create_token(everything.engine, 'member', 'reader')}"
    return client
