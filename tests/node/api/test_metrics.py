"""GET /metrics of the node: without a log-in, on this machine; elsewhere there is no such address."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from node.api.application import create_api
from node.metrics import METRICS
from node.node import Node
from tests.node.nodes import joined_node


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    node = joined_node(tmp_path / "node")
    yield node
    node.engine.dispose()


def client(node: Node, peer: str = "127.0.0.1") -> TestClient:
    return TestClient(create_api(node), client=(peer, 50_000))


def test_a_program_on_this_machine_reads_them_without_a_log_in(node: Node) -> None:
    answer = client(node).get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    found = {sample.name for family in text_string_to_metric_families(answer.text) for sample in family.samples}
    assert found == set(METRICS)


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"])
def test_for_all_others_it_is_as_if_it_were_not_there(node: Node, method: str) -> None:
    outside = client(node, "192.0.2.7")
    answer, nowhere = outside.request(method, "/metrics"), outside.request(method, "/there-is-no-such-address")
    assert (answer.status_code, answer.content, dict(answer.headers)) == (404, nowhere.content, dict(nowhere.headers))


def test_a_proxy_s_word_about_its_client_opens_nothing(node: Node) -> None:
    header = {"X-Forwarded-For": "127.0.0.1"}
    assert client(node, "192.0.2.7").get("/metrics", headers=header).status_code == 404
    assert client(node).get("/metrics", headers=header).status_code == 404


def test_it_is_not_among_the_addresses_of_the_interface(node: Node) -> None:
    assert "/metrics" not in client(node).get("/openapi.json").json()["paths"]
