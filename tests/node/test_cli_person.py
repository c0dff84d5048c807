"""The commands for people and tokens: accounts go through their life, secrets are never arguments, all is noted."""

from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner, Result

from node.accounts.acts import command
from node.cli import app
from node.node import Node, build
from node.store.access import Holder
from people.log_ins import From
from people.rules import BadAccount
from tests.node.nodes import make_node
from tests.people.desks import PASSWORD


@pytest.fixture
def node(tmp_path: Path) -> Node:
    """A node that nobody administers yet."""
    return make_node(tmp_path / "node")


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(each) for each in arguments])


def acts(node: Node) -> list[tuple[str, str]]:
    return [(each.act, each.subject) for each in reversed(node.acts.listed())]


def test_a_person_goes_through_its_life(node: Node) -> None:
    place = node.settings.directory
    made = run("person", "add", place, "Amina", "--role", "officer", "--role", "reviewer", "--person", "Amina W.")
    assert (made.exit_code, len(made.stdout.strip())) == (0, 39)
    assert "/login/first" in made.stderr
    [listed] = orjson.loads(run("person", "list", place, "--json").stdout)
    assert (listed["name"], listed["roles"], listed["state"]) == ("amina", ["officer", "reviewer"], "invited")
    assert "has never logged in" in run("person", "list", place).stdout
    assert run("person", "roles", place, "amina", "--role", "administrator").exit_code == 0
    again = run("person", "reset", place, "amina").stdout
    assert again != made.stdout
    assert node.people.log_ins.by_code(again, PASSWORD, From("192.0.2.1")).session
    run("person", "add", place, "bruno", "--role", "administrator")
    assert run("person", "disable", place, "amina").exit_code == 0
    assert run("person", "enable", place, "amina").exit_code == 0
    assert orjson.loads(run("person", "log-ins", place, "--json").stdout)[0]["outcome"] == "first log-in"
    assert "first log-in" in run("person", "log-ins", place).stdout
    assert [act for act, _ in acts(node)] == [
        "person.added", "person.roles", "person.reset", "person.added", "person.disabled", "person.enabled",
    ]  # fmt: skip
    assert {each.who for each in node.acts.listed()} == {command()}


def test_what_cannot_be_done_is_told(node: Node) -> None:
    place = node.settings.directory
    assert run("person", "add", place, "amina", "--role", "king").exit_code == 2
    for wrong in (("disable", place, "nobody"), ("add", place, "x y", "--role", "officer")):
        assert isinstance(run("person", *wrong).exception, BadAccount), "which main() tells in a sentence"


def test_the_first_code_is_good_until_somebody_has_used_one(node: Node) -> None:
    place = node.settings.directory
    code = run("person", "first", place).stdout
    assert node.people.log_ins.by_code(code, PASSWORD, From("192.0.2.1")).session
    assert run("person", "first", place).exit_code == 1


def test_no_command_takes_a_password(node: Node) -> None:
    for name in ("add", "reset", "first"):
        assert "--password" not in run("person", name, "--help").stdout


def test_a_code_is_told_to_a_person_at_a_terminal_and_never_to_a_log(node: Node) -> None:
    made = run("init", node.settings.directory.parent / "other", "--org", "xb-it", "--name", "IT")
    assert "liaison-node person first" in made.stderr
    assert "this code" not in made.output
    assert build(node.settings.directory.parent / "other").people.listed() == []


def test_tokens_are_made_listed_and_removed(node: Node) -> None:
    place = node.settings.directory
    token = run("token", place, "Case system").stdout.strip()
    assert node.access.holder(token) == Holder("Case system")
    listed = run("token", place, "--list").stdout
    assert "Case system" in listed
    [data] = orjson.loads(run("token", place, "--list", "--json").stdout)
    assert (data["name"], data["person"], data["ends"]) == ("Case system", None, None)
    assert token not in listed
    assert token not in str(data)
    assert run("token", place, "Other", "--json").exit_code == 2
    assert run("token", place, "Case system", "--remove").exit_code == 0
    assert node.access.holder(token) is None
    assert run("token", place, "Case system", "--remove").exit_code == 1
    assert run("token", place).exit_code == 2
    assert acts(node) == [("token.made", "Case system"), ("token.removed", "Case system")]


def test_a_token_of_a_person_has_some_of_the_roles_of_the_person(node: Node) -> None:
    place = node.settings.directory
    run("person", "add", place, "amina", "--role", "officer", "--role", "reviewer", "--person", "Amina Warsame")
    named = ("token", place, "Laptop", "--person", "amina")
    token = run(*named, "--role", "reviewer").stdout.strip()
    holder = node.access.holder(token)
    assert holder is not None
    assert (holder.person, holder.role) == ("Amina Warsame", "reviewer")
    assert "Amina Warsame: reviewer, until" in run("token", place, "--list").stdout
    for wrong in (named, (*named, "--role", "administrator"), ("token", place, "x", "--person", "nobody")):
        refused = run(*wrong)
        assert refused.exit_code == 1
        assert "Traceback" not in refused.output
