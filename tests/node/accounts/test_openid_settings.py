"""Tests of the settings of log-in by a provider: what is whole is read, and every fault is named."""

from pathlib import Path
from typing import Any

import pytest

from node.accounts.openid_settings import read_openid


@pytest.fixture
def table(tmp_path: Path) -> dict[str, Any]:
    """A table that can be used, with its secret in a file."""
    secret = tmp_path / "openid.secret"
    secret.touch(mode=0o600)
    secret.write_text("s3cret\n")
    return {
        "issuer": "https://login.example/realm/", "client": "liaison", "secret_file": "openid.secret",
        "address": "https://node.example", "roles": {"ct-desk": "officer", "it": "administrator officer"},
    }  # fmt: skip


def test_a_table_is_read_and_without_one_there_is_no_provider(tmp_path: Path, table: dict[str, Any]) -> None:
    assert read_openid(None, tmp_path) is None
    found = read_openid(table, tmp_path)
    assert found is not None
    assert (found.issuer, found.secret, found.claim) == ("https://login.example/realm", "s3cret", "groups")
    assert found.callback == "https://node.example/login/openid/callback"
    assert found.roles_for(["it", "other", 5]) == ["officer", "administrator"]
    assert found.roles_for("ct-desk") == ["officer"]
    assert found.roles_for(None) == found.roles_for({"it": 1}) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"issuer": "http://login.example"}, "openid.issuer"), ({"issuer": ""}, "openid.issuer"),
        ({"address": "node.example"}, "openid.address"), ({"client": 5}, "openid.client"),
        ({"secret_file": "none"}, "cannot be read"), ({"roles": {}}, "openid.roles"),
        ({"roles": {"it": "king"}}, "openid.roles"), ({"colour": "red"}, "colour"),
    ],
)  # fmt: skip
def test_every_fault_is_named(tmp_path: Path, table: dict[str, Any], change: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read_openid(table | change, tmp_path)
    with pytest.raises(ValueError, match="table"):
        read_openid("x", tmp_path)


def test_a_secret_that_others_can_read_is_refused(tmp_path: Path, table: dict[str, Any]) -> None:
    (tmp_path / "openid.secret").chmod(0o644)
    with pytest.raises(ValueError, match="chmod 600"):
        read_openid(table, tmp_path)


def test_http_is_for_this_machine_only(tmp_path: Path, table: dict[str, Any]) -> None:
    assert read_openid(table | {"issuer": "http://127.0.0.1:9", "address": "http://localhost:8310"}, tmp_path)
