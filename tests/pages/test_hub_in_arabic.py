"""An operator's pages, and what is refused on any page, say nothing in English to who reads Arabic."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from hub.operating.health import Senses
from hub.schema import MIGRATIONS
from tests.hub.operating.operators import Office, act, head, parsed, refuse
from tests.hub.published import Published
from tests.hub.signing import sign
from tests.migrated import migrated_engine
from tests.pages.left_in_latin import left_in_latin
from tests.signed_network import key_of, message_of, need
from wire.actions import Suspended

# Every page of operators, and questions that every page may be asked and cannot answer.
PAGES = (
    "/sync",
    "/sync?only=problems",
    "/sync/acts",
    *(f"/sync/{org}" for org in ("xa-centre", "xb-office", "xc-office", "xd-office", "xe-office", "none")),
    *(f"/sync/xb-office/{act}" for act in ("note", "maintenance", "resend", "suspend", "nothing")),
    "/quarantine",
    "/quarantine?org=xc-office&reason=suspended",
    "/quarantine?reason=nonsense&limit=0&nothing=1",
    *(f"/quarantine/{number}" for number in (1, 2, 3, 4, 5, 99)),
    "/quarantine/1/retry",
    "/quarantine/retry-all/suspended",
    "/quarantine/retry-all/nothing",
    "/doctor",
    "/account",
    "/login",
    "/login/first",
    "/subscriptions",
    "/subscriptions/own/none",
    "/subscriptions/none",
    "/subscriptions/confirm/none",
    "/records/need/xa-centre/none",
    "/records/need/xa-centre/n1?version=3",
    "/records?kind=nees&place=KE&theme=nothing:1&since=soon&q=.&language=1&after=x&limit=0&role=x&status=x&nothing=1",
    "/feed?after=x",
    "/needs/none",
    "/audit/log/9999",
    "/audit/log/x",
    "/audit?key=none&day=2020-01-01",
    "/audit/keys/none",
    "/verify?q=1",
    "/verify?q=3",
    "/verify?q=a.b.c",
    "/organizations/none",
)
ORGANIZATIONS = ("xa-centre", "xb-office", "xc-office", "xd-office", "xe-office")
# What an Arabic page says in Latin letters all the same: formats and files, and organizations in titles and choices.
LATIN = {"JSON", "Atom", "trust.json", "hub", *ORGANIZATIONS, *(f"{org} · Liaison" for org in ORGANIZATIONS)}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """An operator of a network in which nothing is as it should be, who has acted on some of it."""
    engine = migrated_engine(tmp_path_factory.mktemp("hub") / "hub.db", MIGRATIONS)
    network = Published(engine)
    now = datetime.now(UTC)
    for org in ORGANIZATIONS:
        network.publish("need", need(), org=org, id="n1")
    for org, age in (("xa-centre", -3600), ("xb-office", 600), ("xd-office", -3600)):
        head(network, 1, now - timedelta(seconds=age), org)
    sign(network)
    office = Office(network, senses=Senses(directory=tmp_path_factory.mktemp("no hub"), bus=lambda: False))
    office.decide(lambda **place: Suspended(organization="xc-office", reason="تسرب", **place))
    network.publish("need", need("Water"), org="xc-office", id="n2")
    refuse(network, 2, "xd-office")
    network.deliver(message_of(network.admit("xe-office").twin().say(need("Another"))))
    secret = network.admit("xa-centre").twin().say(need("Secret"), marking="TLP:AMBER", key=key_of("somebody else"))
    network.deliver(secret)
    client = office.client()
    act(client, "/ar/sync/xb-office/note", reason="ملاحظة")
    act(client, "/ar/sync/xb-office/maintenance", reason="صيانة", hours="3")
    act(client, "/ar/sync/xa-centre/end-maintenance", reason="انتهت")
    act(client, "/ar/sync/xa-centre/resend", reason="ناقص")
    act(client, "/ar/sync/xc-office/suspend", reason="مرة أخرى")
    act(client, "/ar/quarantine/1/retry", reason="مرة أخرى")
    act(client, "/ar/quarantine/retry-all/unknown-key", reason="مرة أخرى")
    yield client
    engine.dispose()


def english(answer: Response) -> list[str]:
    return [each for each in left_in_latin(parsed(answer)) if each not in LATIN]


@pytest.mark.parametrize("address", PAGES)
def test_a_page_says_nothing_in_english(client: TestClient, address: str) -> None:
    assert english(client.get(f"/ar{address}", headers={"Accept": "text/html"})) == []


@pytest.mark.parametrize(
    "given",
    [
        {"channel": "mail", "recipients": "nobody"},
        {"channel": "mail", "recipients": "nobody@-"},
        {"channel": "mail", "recipients": "a@b.example"},
        {"channel": "mail"},
        {"channel": "webhook", "url": "http://receiver.example"},
        {"channel": "webhook", "url": "https://10.0.0.1/hook"},
        {"channel": "webhook", "url": "https://u:p@receiver.example"},
        {"channel": "webhook", "url": "https://receiver.example:22"},
        {"channel": "webhook", "url": "no address"},
        {"channel": "webhook", "url": "https://[x"},
        {"channel": "webhook", "url": "https://receiver.example", "notify": "nobody"},
        {"channel": "pigeon", "name": "x" * 201},
    ],
)
def test_a_refused_subscription_is_refused_in_the_reader_s_language(client: TestClient, given: dict[str, str]) -> None:
    answer = client.post("/ar/subscribe", data=given)
    assert answer.status_code in {409, 422}
    assert english(answer) == []


@pytest.mark.parametrize("given", [b"", b"{}", b'{"form":1}', b"\xff"], ids=["empty", "object", "form", "bytes"])
def test_a_file_that_is_no_evidence_is_refused_in_the_reader_s_language(client: TestClient, given: bytes) -> None:
    answer = client.post("/ar/verify", data={"q": ""}, files={"file": ("evidence.json", given)})
    assert english(answer) == []


def test_evidence_that_was_changed_is_refused_in_the_reader_s_language(client: TestClient) -> None:
    evidence = client.get("/api/v1/evidence/xa-centre/1").text
    for old, new in (('"token":"', '"token":"x'), ('"body":"', '"body":"x'), ("\\n\\n—", "\\nx\\n\\n—")):
        assert old in evidence
        answer = client.post("/ar/verify", files={"file": ("evidence.json", evidence.replace(old, new, 1).encode())})
        assert english(answer) == []
