"""GET /metrics of the hub: without a log-in, on this machine; elsewhere there is no such address."""

from urllib.request import Request, urlopen

import pytest
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from hub.metrics import METRICS
from tests.hub.published import Published
from tests.hub.serving import Served, api_of


def client(network: Published, peer: str = "127.0.0.1") -> TestClient:
    network.admit("xa-centre")
    return TestClient(api_of(network), client=(peer, 50_000))


def test_a_program_on_this_machine_reads_them_without_a_log_in(small_network: Published) -> None:
    answer = client(small_network).get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    families = {family.name for family in text_string_to_metric_families(answer.text)}
    absent = {"liaison_hub_checkpoint_age_seconds", "liaison_hub_intake_age_seconds", "liaison_hub_following"}
    assert families == {name.removesuffix("_total") for name in METRICS} - absent


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"])
def test_for_all_others_it_is_as_if_it_were_not_there(small_network: Published, method: str) -> None:
    outside = client(small_network, "192.0.2.7")
    answer, nowhere = outside.request(method, "/metrics"), outside.request(method, "/there-is-no-such-address")
    assert (answer.status_code, answer.content, dict(answer.headers)) == (404, nowhere.content, dict(nowhere.headers))


def test_a_proxy_s_word_about_its_client_opens_nothing(small_network: Published) -> None:
    header = {"Forwarded": "for=127.0.0.1"}
    assert client(small_network, "192.0.2.7").get("/metrics", headers=header).status_code == 404
    assert TestClient(api_of(small_network), client=("::1", 1)).get("/metrics", headers=header).status_code == 404


def test_over_a_real_connection_from_this_machine_they_are_read(small_network: Published) -> None:
    served = Served(small_network, api_of)
    served.start()
    try:
        with urlopen(Request(f"{served.address}/metrics"), timeout=60) as answer:  # noqa: S310 - an address of our own
            assert b"liaison_hub_log_entries" in answer.read()
    finally:
        served.stop()
