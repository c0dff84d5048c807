"""The hub's evidence verifies from trust.json alone; bodies go only to those who may read them."""

from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from fastapi.testclient import TestClient

from hub.access import create_token
from tests.hub.published import Published
from tests.hub.serving import api_of
from tests.hub.signing import sign
from tests.signed_network import TRUST, need, statement_of
from wire.encoding import b64url
from wire.evidence import parse_evidence
from wire.evidence_checks import verify_evidence


@pytest.fixture
def client(network: Published) -> Iterator[TestClient]:
    with TestClient(api_of(network)) as client:
        yield client


def bearer(network: Published, role: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {create_token(network.engine, role, role)}"}


def results(data: bytes) -> dict[str, str]:
    return {check.name: str(check.result) for check in verify_evidence(data, TRUST).checks}


def test_the_evidence_of_a_statement_verifies_from_trust_json_alone(network: Published, client: TestClient) -> None:
    network.publish("need", need(), id="n1")
    size = sign(network)
    for number in range(20):
        network.publish("need", need(), org="xb-police", id=f"n{number}")
    sign(network)
    answer = client.get("/api/v1/evidence/xa-centre/1")
    assert answer.headers["content-type"] == "application/json"
    found = results(answer.content)
    assert "fail" not in found.values()
    assert found["quorum"] == found["body form"] == found["time"] == "pass"
    assert f"\n{size}\n" in parse_evidence(answer.content).proof.checkpoint.decode(), "not the first that covers it"
    assert client.get("/api/v1/records/need/xa-centre/n1/evidence").content == answer.content


def test_every_statement_has_evidence_also_those_of_hub_and_registry(network: Published, client: TestClient) -> None:
    network.publish("need", need(consent_to_publish=False), id="n1")  # left out, which the hub states
    sign(network)
    for organization, sequence in (("registry", 1), ("registry", 2), ("hub", 1)):
        found = results(client.get(f"/api/v1/evidence/{organization}/{sequence}").content)
        assert "fail" not in found.values(), (organization, sequence)


def test_without_a_quorum_the_newest_checkpoint_is_given_and_fails_to_convince(
    network: Published, client: TestClient
) -> None:
    network.publish("need", need(), id="n1")
    sign(network, quorum=False)
    assert results(client.get("/api/v1/evidence/xa-centre/1").content)["quorum"] == "fail"


def test_a_body_goes_only_to_those_who_may_read_it(network: Published, client: TestClient) -> None:
    network.publish("contact", marking="TLP:GREEN", id="c1")
    network.publish("need", need(consent_to_publish=False), id="n1")
    sign(network)
    readers: list[tuple[dict[str, str], Any, Any]] = [
        ({}, "marking", "excluded"),
        (bearer(network, "member"), None, "excluded"),
        (bearer(network, "operator"), None, None),
    ]
    for headers, contact, left_out in readers:
        for sequence, absent in ((1, contact), (2, left_out)):
            answer = client.get(f"/api/v1/evidence/xa-centre/{sequence}", headers=headers)
            assert orjson.loads(answer.content).get("absent") == absent, (headers, sequence)
            evidence = parse_evidence(answer.content)
            datahash = statement_of(evidence.token)["datahash"]
            body = client.get(f"/api/v1/bodies/{datahash}", headers=headers)
            assert (body.content if body.status_code == 200 else None) == evidence.body
            assert body.headers["vary" if body.status_code == 200 else "content-type"]
        assert client.get("/api/v1/records/contact/xa-centre/c1/evidence", headers=headers).status_code == (
            404 if contact else 200
        )


@pytest.mark.parametrize(
    ("path", "status", "name"),
    [
        ("evidence/xa-centre/9", 404, "not-there"), ("evidence/nobody/1", 404, "not-there"),
        ("evidence/xa-centre/0", 400, "invalid-parameters"), ("evidence/xa-centre/-1", 400, "invalid-parameters"),
        ("evidence/xa-centre/²", 400, "invalid-parameters"), ("evidence/xa-centre/2", 404, "not-covered"),
        ("records/need/xa-centre/n9/evidence", 404, "not-there"), ("bodies/short", 400, "invalid-parameters"),
        ("records/need/xa-centre/n2/evidence", 404, "not-covered"),
        (f"bodies/{b64url(bytes(32))}", 404, "not-there"),
    ],
)  # fmt: skip
def test_what_is_not_there_or_not_covered_yet_is_said(
    network: Published, client: TestClient, path: str, status: int, name: str
) -> None:
    network.publish("need", need(), id="n1")
    sign(network)
    network.publish("need", need(), id="n2")
    answer = client.get(f"/api/v1/{path}")
    assert answer.status_code == status
    assert answer.json()["type"].endswith(f"/{name}")
