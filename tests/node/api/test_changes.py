"""Tests of the API's changes: what is answered to one says where the record is and which version stands."""

from pathlib import Path

from tests.node.api.test_conditions import client_of
from tests.node.nodes import contact, joined_node


def test_a_change_is_answered_with_the_version_that_stands_now(tmp_path: Path) -> None:
    node = joined_node(tmp_path / "node")
    member = client_of(node, "tests")
    made = member.post("/api/v1/records", json=contact("a"))
    assert made.headers["location"] == "/api/v1/records/contact/a"
    assert made.headers["etag"] == member.get(made.headers["location"]).headers["etag"]


def test_a_record_that_was_kept_here_only_is_gone_when_it_is_withdrawn(tmp_path: Path) -> None:
    node = joined_node(tmp_path / "node")
    member = client_of(node, "tests")
    key = {"Idempotency-Key": "k"}
    local = contact("a", marking="TLP:RED")
    assert member.post("/api/v1/records", json=local, headers=key).json()["outcome"] == "local"
    dropped = member.delete("/api/v1/records/contact/a", params={"reason": "Never mind."})
    assert (dropped.json()["outcome"], dropped.json()["record"]) == ("dropped", None)
    again = member.post("/api/v1/records", json=local, headers=key)
    assert (again.status_code, again.json()["record"]) == (201, None)
