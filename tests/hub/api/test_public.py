"""Tests of hub/api/public.py: trust, schemas, health, version."""

from fastapi.testclient import TestClient
from sqlalchemy import text

from schemas.json_schema import schema_for
from schemas.records import KINDS
from tests.hub.published import Published
from tests.hub.serving import api_of
from tests.signed_network import NETWORK, TRUST
from wire.trust import parse_trust


def test_trust_is_given_byte_for_byte(small_network: Published) -> None:
    given = TestClient(api_of(small_network)).get("/trust.json").content
    assert given == TRUST.to_bytes()
    assert parse_trust(given) == TRUST


def test_schemas_bear_the_name_of_the_network(small_network: Published) -> None:
    client = TestClient(api_of(small_network))
    for kind in KINDS:
        answer = client.get(f"/schemas/{kind}/1")
        assert answer.headers["content-type"] == "application/schema+json"
        assert answer.json() == schema_for(kind, NETWORK)
    for address in ("/schemas/need/2", "/schemas/nead/1"):
        assert client.get(address).json()["type"].endswith("/no-such-schema")


def test_health_and_version_answer(small_network: Published) -> None:
    client = TestClient(api_of(small_network))
    assert client.get("/livez").json() == {"status": "pass"}
    ready = client.get("/readyz").json()
    assert (ready["status"], ready["log_size"]) == ("pass", small_network.tail.size)
    assert client.get("/version").json()["software"] == "liaison-network"


def test_a_hub_that_cannot_read_its_database_is_alive_but_not_ready(small_network: Published) -> None:
    client = TestClient(api_of(small_network))
    with small_network.engine.begin() as connection:
        connection.execute(text("ALTER TABLE log RENAME TO lost"))
    assert client.get("/livez").status_code == 200
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["checks"]) == (503, {"database": "fail"})
