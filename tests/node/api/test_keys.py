"""Tests of the API's keys: told by thumbprint, and gone over to the next one once for a key of the request."""

from pathlib import Path

from node.accounts.rules import Role
from node.api.application import create_api
from tests.node.api.test_application import is_problem
from tests.node.asking import asker
from tests.node.nodes import joined_node


def test_the_next_key_speaks_after_a_rotation_that_is_done_once(tmp_path: Path) -> None:
    node, told = joined_node(tmp_path / "node"), list[str]()
    client = asker(create_api(node, edited=lambda: told.append("edited")), node, "ada", Role.ADMINISTRATOR)
    before = client.get("/api/v1/keys").json()
    key = {"Idempotency-Key": "rotation"}
    after = client.post("/api/v1/keys/rotate", headers=key)
    assert after.status_code == 200, after.text
    assert (after.json()["signing"], after.json()["before"]) == (before["next"], before["signing"])
    again = client.post("/api/v1/keys/rotate", headers=key)
    assert again.json() == after.json()
    assert again.headers["idempotency-replayed"] == "true"
    assert told == ["edited"]
    assert is_problem(client.post("/api/v1/keys/rotate"), 422)["reason"] == "rotation-waits"
    assert [(each.who, each.outcome) for each in node.acts.listed(act="key.rotated")] == [
        ("Ada", "refused"), ("Ada", "done"),
    ]  # fmt: skip
    node.engine.dispose()
