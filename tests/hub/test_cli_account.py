"""Tests of hub/cli_account.py: accounts and tokens are made, listed and ended; no secret is ever an argument."""

from pathlib import Path

import orjson
import pytest
from typer.main import get_command

from hub.cli import app
from people.rules import BadAccount
from tests.hub.commands import Command


def test_an_account_goes_through_its_life(hub: Command, directory: Path) -> None:
    status, code, said = hub(
        "account", "add", directory, "Amina@Exercise.example", "--role", "operator", "--person", "Amina W."
    )
    assert (status, len(code.strip())) == (0, 39)
    assert "/login/first" in said
    assert all(code.strip() not in path.read_bytes() for path in directory.rglob("*") if path.is_file())
    [listed] = orjson.loads(hub("account", "list", directory, "--json")[1])
    assert (listed["name"], listed["role"], listed["state"]) == ("amina@exercise.example", "operator", "invited")
    assert b"has never logged in" in hub("account", "list", directory)[1]
    status, again, _ = hub("account", "reset", directory, "amina@exercise.example")
    assert (status, again != code) == (0, True)
    assert hub("account", "disable", directory, "amina@exercise.example")[0] == 0
    assert orjson.loads(hub("account", "list", directory, "--json")[1])[0]["state"] == "disabled"
    assert hub("account", "enable", directory, "amina@exercise.example")[0] == 0
    assert orjson.loads(hub("account", "log-ins", directory, "--json")[1]) == []
    assert hub("account", "log-ins", directory)[0] == 0


def test_what_cannot_be_done_is_told_in_a_sentence(hub: Command, directory: Path) -> None:
    assert hub("account", "add", directory, "amina", "--role", "king")[0] == 2
    status, _, said = hub("account", "disable", directory, "nobody")
    assert (status, "there is no account 'nobody'" in said) == (1, True)
    hub("account", "add", directory, "amina", "--role", "member")
    status, _, said = hub("account", "add", directory, "amina", "--role", "member")
    assert (status, "already" in said) == (1, True)
    assert hub("account", "add", directory, "bruno", "--role", "member", "--days", "100")[0] == 1


def test_tokens_are_listed_and_removed_by_name(hub: Command, directory: Path) -> None:
    token = hub("token", directory, "member", "Reader")[1].strip()
    listed = hub("token", directory, "list")[1]
    assert b"Reader" in listed
    assert token not in listed
    assert [each["name"] for each in orjson.loads(hub("token", directory, "list", "--json")[1])] == ["Reader"]
    assert hub("token", directory, "remove", "Reader")[0] == 0
    status, _, said = hub("token", directory, "remove", "Reader")
    assert (status, "no token of the name 'Reader'" in said) == (1, True)
    assert (hub("token", directory, "remove")[0], hub("token", directory, "king", "x")[0]) == (2, 2)


@pytest.mark.parametrize("name", ["add", "reset", "disable", "enable", "list", "log-ins"])
def test_no_command_of_accounts_takes_a_password_or_a_code(name: str) -> None:
    command = get_command(app).commands["account"].commands[name]  # type: ignore[attr-defined]
    taken = {parameter.name for parameter in command.params}
    assert taken & {"password", "code", "secret"} == set()
    assert BadAccount.__mro__[1] is ValueError
