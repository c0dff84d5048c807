"""Tests of hub/api/parameters.py: no parameter is ignored, and none is taken for another."""

import pytest
from fastapi.testclient import TestClient

from tests.hub.published import Published
from tests.hub.serving import api_of
from tests.signed_network import need

ALONE = (
    "/api/v1/nodes/xa-centre", "/api/v1/records/need/xa-centre/n1", "/api/v1/records/need/xa-centre/n1/evidence",
    "/api/v1/evidence/xa-centre/1", f"/api/v1/bodies/{'A' * 43}", "/api/v1/stats",
)  # fmt: skip


@pytest.fixture
def client(small_network: Published) -> TestClient:
    small_network.publish("need", need(), id="n1")
    return TestClient(api_of(small_network), raise_server_exceptions=False)


@pytest.mark.parametrize("address", ALONE)
def test_addresses_that_take_no_parameter_refuse_every_one(client: TestClient, address: str) -> None:
    answer = client.get(address, params={"zz": "1"})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/zz")
    assert client.get(address).status_code in {200, 404}  # evidence wants a checkpoint first


def test_the_nodes_come_at_once_and_other_questions_about_them_are_refused(client: TestClient) -> None:
    assert [each["org"] for each in client.get("/api/v1/nodes?limit=1").json()["items"]] == ["xa-centre"]
    assert client.get("/api/v1/nodes?after=1").json()["errors"][0]["pointer"] == "/after"
    assert client.get("/api/v1/nodes?limit=4_0").status_code == 400


@pytest.mark.parametrize(
    "query", ["q=nothing&q=readers", "limit=1&kind=need&limit=2", "after=0&after=1", "since=&since="]
)
def test_a_parameter_of_one_value_given_twice_is_refused_and_none_is_chosen(client: TestClient, query: str) -> None:
    answer = client.get(f"/api/v1/records?{query}")
    assert answer.status_code == 400
    name = query.partition("=")[0]
    assert answer.json()["errors"] == [
        {"pointer": f"/{name}", "detail": "has several values and takes one", "found": "2", "allowed": "one value"}
    ]


def test_a_parameter_of_several_values_is_repeated_for_each(client: TestClient) -> None:
    for name in (
        "kind=need&kind=offer",
        "org=xa-centre&org=xb-office",
        "status=current&status=withdrawn",
        "place=KEN&place=002",
    ):
        assert [each["id"] for each in client.get(f"/api/v1/records?{name}").json()["items"]] == ["n1"], name
    assert client.get("/api/v1/matrix?place=KEN&place=UGA").status_code == 200


def test_thousands_of_parameters_are_not_read(client: TestClient) -> None:
    assert client.get("/api/v1/records?" + "&".join(f"a{number}" for number in range(1_500))).status_code == 400
