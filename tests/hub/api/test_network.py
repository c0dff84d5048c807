"""Tests of hub/api/network.py: nodes and counts for everybody, the quarantine for operators."""

import pytest
from fastapi.testclient import TestClient

from hub import checkpoints
from hub.access import create_token
from tests.hub.published import Published
from tests.hub.serving import api_of
from tests.signed_network import NETWORK, TRUST, contact, key_of, message_of, need
from wire.checkpoint import Checkpoint, cosign, sign_checkpoint


@pytest.fixture
def client(small_network: Published) -> TestClient:
    small_network.publish("need", need())
    small_network.publish("contact", contact(), marking="TLP:GREEN", id="c1")
    author = small_network.admit("xa-centre")
    for number in range(3):
        small_network.deliver(message_of(author.twin().say(need(f"False {number}"), key=key_of("somebody else"))))
    return TestClient(api_of(small_network))


def bearer(network: Published, role: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {create_token(network.engine, role, 'reader')}"}


def test_nodes_are_a_list_with_states_and_the_time_they_were_seen(client: TestClient) -> None:
    page = client.get("/api/v1/nodes").json()
    assert (page["next"], bool(page["as_of"])) == (None, True)
    [node] = page["items"]
    assert (node["org"], node["state"], node["sequence"]) == ("xa-centre", "refused", 2)
    alone = client.get("/api/v1/nodes/xa-centre").json()
    assert alone | {"as_of": None} == node | {"as_of": None}


def test_a_node_that_was_never_admitted_is_not_found(client: TestClient) -> None:
    answer = client.get("/api/v1/nodes/nobody-here")
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (404, "no-such-node")


def test_the_quarantine_is_for_operators(client: TestClient, small_network: Published) -> None:
    assert client.get("/api/v1/quarantine").status_code == 401
    assert client.get("/api/v1/quarantine", headers=bearer(small_network, "member")).status_code == 403
    operator = bearer(small_network, "operator")
    first = client.get("/api/v1/quarantine", params={"limit": 2}, headers=operator).json()
    assert [item["reason"] for item in first["items"]] == ["unknown-key", "unknown-key"]
    rest = client.get("/api/v1/quarantine", params={"after": first["next"]}, headers=operator).json()
    assert (len(rest["items"]), rest["next"]) == (1, None)
    other = client.get("/api/v1/quarantine", params={"org": "other-office"}, headers=operator).json()
    assert other["items"] == []


def test_counts_tell_the_public_only_what_it_may_see(client: TestClient, small_network: Published) -> None:
    public = client.get("/api/v1/stats").json()
    assert public["records"] == {"need": 1}
    assert public["statements"]["by_kind"] == {"contact": 1, "control": 2, "need": 1}
    assert (public["quarantine"], public["nodes"], public["log_size"]) == (3, {"refused": 1}, 4)
    member = client.get("/api/v1/stats", headers=bearer(small_network, "member")).json()
    assert member["records"] == {"contact": 1, "need": 1}


def test_counts_say_how_far_the_log_is_witnessed_and_by_whom(client: TestClient, small_network: Published) -> None:
    assert client.get("/api/v1/stats").json()["checkpoint"] is None
    tree = small_network.writer.state.tree
    made = Checkpoint(TRUST.origin, tree.size, tree.root())
    note = sign_checkpoint(made, key_of("log"))
    with small_network.engine.begin() as connection:
        checkpoints.keep(connection, made, note, "2026-11-23T12:00:00.000Z", quorum=True)
    alone = client.get("/api/v1/stats").json()["checkpoint"]
    assert (tree.size, "not witnessed", [], 1, 1) == tuple(
        alone[name] for name in ("size", "state", "cosigners", "witnesses", "quorum")
    )
    line = cosign(made, NETWORK, "xa-centre", key_of("xa-centre witness"), 5).line
    with small_network.engine.begin() as connection:
        checkpoints.complete(connection, [(made, note + line.encode(), "2026-11-23T12:00:00.000Z")])
    found = client.get("/api/v1/stats").json()["checkpoint"]
    assert (found["state"], found["cosigners"]) == ("witnessed", ["xa-centre"])
