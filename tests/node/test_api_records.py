"""Tests of the API's questions about records: an answer that is known already is not sent again."""

from pathlib import Path

from starlette.testclient import TestClient

from node.store import Promise
from tests.node.nodes import ORG, joined_node
from tests.node.test_api_conditions import client_of


def test_a_record_that_is_known_is_not_sent_again_until_something_of_it_changes(tmp_path: Path) -> None:
    node = joined_node(tmp_path / "node")
    member: TestClient = client_of(node, "tests")
    address = f"/api/v1/records/organization/{ORG}"
    tag = member.get(address).headers["etag"]
    for header in (tag, f'"x", {tag}', f"W/{tag}", "*"):
        same = member.get(address, headers={"If-None-Match": header})
        assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag)
    node.outbox.logged(Promise(1, 7, b""), [], [], {"logged": 1})
    changed = member.get(address, headers={"If-None-Match": tag})
    assert (changed.status_code, changed.json()["progress"]) == (200, "logged")
    # Of the same version: who read it before may still change it.
    assert member.post(f"{address}/confirm", headers={"If-Match": tag}).status_code == 200
