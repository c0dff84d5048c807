"""Tests of hub/api/application.py: what holds for every address: headers, limits, errors, descriptions."""

import pytest
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from hub.api.application import MAX_ADDRESS
from tests.hub.published import Published
from tests.hub.serving import api_of
from tests.signed_network import NETWORK

ADDRESSES = [
    "/",
    "/api/v1/matrix",
    "/api/v1/nodes",
    "/api/v1/nodes/xa-centre",
    "/api/v1/records",
    "/api/v1/records.csv",
    "/api/v1/records.jsonl",
    "/api/v1/stats",
    "/asyncapi.json",
    "/livez",
    "/openapi.json",
    "/readyz",
    "/schemas/need/1",
    "/trust.json",
    "/version",
]


@pytest.fixture
def client(small_network: Published) -> TestClient:
    small_network.admit("xa-centre")
    return TestClient(api_of(small_network), raise_server_exceptions=False)


@pytest.mark.parametrize("address", [*ADDRESSES, "/nowhere", "/api/v1/quarantine"])
def test_every_answer_forbids_browsers_to_load_run_or_frame_anything(client: TestClient, address: str) -> None:
    headers = client.get(address).headers
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"  # without an origin, no form of ours could be told


@pytest.mark.parametrize("address", ADDRESSES)
def test_addresses_open_to_anybody_answer(client: TestClient, address: str) -> None:
    assert client.get(address).status_code == 200


@pytest.mark.parametrize("address", [*ADDRESSES, "/nothing-here", "/api/v1/records?limit=x"])
def test_head_tells_what_get_would(client: TestClient, address: str) -> None:
    asked, told = client.get(address), client.head(address)
    assert (told.status_code, told.content) == (asked.status_code, b"")
    pages = {"content-length": "of a page that tells the time"} if "html" in asked.headers["content-type"] else {}
    assert {**told.headers, **pages} == {**asked.headers, **pages}


@pytest.mark.parametrize("address", ["/api/v1/events", "/feed/stream"])
def test_head_of_what_does_not_end_ends_and_leaves_its_place(client: TestClient, address: str) -> None:
    for _ in range(20):
        told = client.head(address)
        assert (told.status_code, told.content) == (200, b"")
        assert told.headers["content-type"].startswith("text/event-stream")


def test_every_error_is_a_problem_document(client: TestClient) -> None:
    for address, status in (("/nowhere", 404), ("/api/v1/records?x=1", 400), ("/api/v1/quarantine", 401)):
        answer = client.get(address)
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"
        problem = answer.json()
        assert problem["type"].startswith(f"https://{NETWORK}/problems/")
        assert (problem["status"], bool(problem["title"]), bool(problem["detail"])) == (status, True, True)


def broken(*_: object, **__: object) -> None:
    raise RuntimeError("secret")


def test_an_error_of_the_hub_is_told_to_programs_and_readers_without_its_words(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.api.network.stats", broken)
    monkeypatch.setattr("hub.pages.plans.by_theme", broken)
    answer = client.get("/api/v1/stats")
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert answer.json()["type"] == f"https://{NETWORK}/problems/internal-server-error"
    page = client.get("/fr/plans", headers={"Accept": "text/html"})
    assert (page.status_code, page.headers["content-type"]) == (500, "text/html; charset=utf-8")
    assert "Une erreur est survenue dans le hub" in page.text
    assert "secret" not in answer.text + page.text
    for told in (answer, page):
        assert (told.headers["x-content-type-options"], told.headers["referrer-policy"]) == ("nosniff", "same-origin")
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")


def test_where_no_page_can_be_made_the_error_is_still_answered(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.pages.Pages.render", broken)
    answer = client.get("/fr/plans", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")


def test_a_method_that_writes_is_refused(client: TestClient) -> None:
    answer = client.post("/api/v1/records", json={})
    assert answer.status_code == 405
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_parameter_that_cannot_be_used_is_pointed_at(client: TestClient) -> None:
    [error] = client.get("/api/v1/records?kind=nead").json()["errors"]
    assert error["pointer"] == "/kind/0"
    assert "perhaps need was meant" in error["detail"]
    both = client.get("/api/v1/records?kind=nead&limit=x").json()
    assert [error["pointer"] for error in both["errors"]] == ["/kind/0", "/limit"]


@pytest.mark.parametrize("cursor", ["4_0", "+4", "%2B4", " 4", "4.0", "\u0664", "0x4"])
def test_a_cursor_in_another_form_is_refused_and_never_taken_for_another_number(
    client: TestClient, cursor: str
) -> None:
    answer = client.get(f"/api/v1/records?after={cursor}")
    assert (answer.status_code, [error["pointer"] for error in answer.json()["errors"]]) == (400, ["/after"])


def test_a_parameter_of_an_address_that_takes_none_is_an_error(client: TestClient) -> None:
    assert client.get("/api/v1/stats?x=1").status_code == 400
    assert client.get("/api/v1/stats").status_code == 200


def test_an_address_that_is_too_long_is_refused(client: TestClient) -> None:
    answer = client.get("/api/v1/records", params={"org": "x" * MAX_ADDRESS})
    assert answer.status_code == 414
    assert answer.json()["type"].endswith("/problems/too-long")
    assert "content-security-policy" in answer.headers


def test_every_address_can_be_built(client: TestClient) -> None:
    routes = [route for route in client.app.routes if isinstance(route, APIRoute)]  # type: ignore[attr-defined]
    assert len(routes) > 80
    assert all(route.dependant.call == route.endpoint for route in routes)


def test_the_interface_describes_every_address_and_filter(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    assert set(document["paths"]) == {
        "/api/v1/bodies/{datahash}",
        "/api/v1/doctor",
        "/api/v1/erasures",
        "/api/v1/events",
        "/api/v1/evidence/{org}/{sequence}",
        "/api/v1/matrix",
        "/api/v1/matrix.csv",
        "/api/v1/matrix.xlsx",
        "/api/v1/nodes",
        "/api/v1/nodes/{org}",
        "/api/v1/quarantine",
        "/api/v1/records",
        "/api/v1/records.atom",
        "/api/v1/records.csv",
        "/api/v1/records.feed.json",
        "/api/v1/records.iati.xml",
        "/api/v1/records.jsonl",
        "/api/v1/records.vcf",
        "/api/v1/records.xlsx",
        "/api/v1/records/contact/{org}/{id}.qr.svg",
        "/api/v1/records/contact/{org}/{id}.vcf",
        "/api/v1/records/{kind}/{org}/{id}",
        "/api/v1/records/{kind}/{org}/{id}/evidence",
        "/api/v1/records/{kind}/{org}/{id}/history",
        "/api/v1/records/{kind}/{org}/{id}/history.atom",
        "/api/v1/records/{kind}/{org}/{id}/history.feed.json",
        "/api/v1/stats",
        "/api/v1/subscriptions",
        "/api/v1/subscriptions/preview",
        "/api/v1/subscriptions/{id}",
        "/api/v1/subscriptions/{id}/deliveries",
        "/api/v1/subscriptions/{id}/resend",
        "/api/v1/subscriptions/{id}/secret",
        "/api/v1/subscriptions/{id}/test",
        "/api/v1/view/buckets/{number}",
        "/api/v1/view/state",
        "/asyncapi.json",
        "/livez",
        "/log/checkpoint",
        "/log/checkpoints",
        "/log/checkpoints/{size}",
        "/log/tile/entries/{path}",
        "/log/tile/{level}/{path}",
        "/readyz",
        "/schemas/{kind}/{version}",
        "/trust.json",
        "/version",
    }
    for path, said in document["paths"].items():
        assert all(each["summary"] for each in said.values()), path
    parameters = {each["name"]: each for each in document["paths"]["/api/v1/records"]["get"]["parameters"]}
    names = "kind org place theme q status role language available_24x7 since after limit"
    assert list(parameters) == names.split()
    assert all(each["description"] for each in parameters.values())


def test_no_page_loads_from_another_host(client: TestClient) -> None:
    for address in ("/docs", "/redoc"):
        assert client.get(address).status_code == 404
