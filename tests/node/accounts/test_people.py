"""Tests of node/accounts/people.py: several roles, the first administrator and the last, and the trail of it all."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from node.accounts.acts import Acts
from node.accounts.people import FIRST, People
from node.accounts.rules import Role, roles_of
from node.store import open_store
from node.store.opening import MIGRATIONS
from people.log_ins import From
from people.rules import BadAccount
from tests.migrated import migrated_file
from tests.node.nodes import noon
from tests.people.desks import PASSWORD

HOME = From("192.0.2.1")


@pytest.fixture
def people(tmp_path: Path) -> Iterator[People]:
    """The people of a node that has none yet."""
    engine = open_store(migrated_file(tmp_path / "n.sqlite", MIGRATIONS))
    yield People(engine, Acts(engine, noon), noon)
    engine.dispose()


def test_the_newest_code_makes_the_first_administrator_and_then_nobody_can_claim_the_node(people: People) -> None:
    old, code = people.first_code(), people.first_code()
    assert old is not None
    assert code is not None
    assert people.log_ins.by_code(old, PASSWORD, HOME).session is None
    person = people.log_ins.by_code(code, PASSWORD, HOME).person
    assert person is not None
    assert roles_of(person.role) == {Role.OFFICER, Role.ADMINISTRATOR}
    assert people.first_code() is None


def test_a_person_holds_several_roles_in_one_form(people: People) -> None:
    code = people.add("command (root)", "Amina", ["reviewer", "officer"], person="Amina Warsame")
    [listed] = people.listed()
    assert (listed["name"], listed["roles"], listed["state"]) == ("amina", ["officer", "reviewer"], "invited")
    session = people.log_ins.by_code(code, PASSWORD, HOME).session or ""
    people.first_code()
    people.give_roles("command (root)", "amina", ["reviewer"])
    person = people.log_ins.person(session)
    assert person is not None
    assert roles_of(person.role) == {Role.REVIEWER}, "from the next page on"
    with pytest.raises(BadAccount, match="officer or reviewer or administrator"):
        people.add("command (root)", "bruno", ["king"])


def test_the_last_administrator_stays_one(people: People) -> None:
    people.log_ins.by_code(people.first_code() or "", PASSWORD, HOME)
    for change in (
        lambda: people.disable("x", FIRST),
        lambda: people.give_roles("x", FIRST, ["officer"]),
    ):
        with pytest.raises(BadAccount, match="last administrator"):
            change()
    people.add("x", "amina", ["administrator"])
    people.disable("x", FIRST)
    assert people.log_ins.by_password(FIRST, PASSWORD, HOME).session is None


def test_every_change_stands_in_the_trail_and_what_failed_does_not(people: People, tmp_path: Path) -> None:
    people.add("x", "amina", ["administrator"])
    people.add("x", "bruno", ["officer"])
    people.reset("x", "bruno")
    people.give_roles("x", "bruno", ["officer", "reviewer"])
    people.disable("x", "bruno")
    people.enable("x", "bruno")
    with pytest.raises(BadAccount):
        people.disable("x", "amina")
    acts = Acts(open_store(migrated_file(tmp_path / "n.sqlite", MIGRATIONS)))
    assert [(each.act, each.subject) for each in reversed(acts.listed())] == [
        ("person.added", "amina"), ("person.added", "bruno"), ("person.reset", "bruno"), ("person.roles", "bruno"),
        ("person.disabled", "bruno"), ("person.enabled", "bruno"),
    ]  # fmt: skip


@pytest.fixture
def shared(any_url: str) -> Iterator[People]:
    """The people of a node, in a database of each sort."""
    engine = open_store(any_url)
    yield People(engine, Acts(engine, noon), noon)
    engine.dispose()


def outcomes(*changes: Callable[[], None]) -> list[str]:
    """Make changes at the same time; gives what became of each."""
    together = Barrier(len(changes))

    def one(change: Callable[[], None]) -> str:
        together.wait()
        try:
            change()
        except BadAccount as error:
            return str(error)
        return "done"

    with ThreadPoolExecutor(len(changes)) as pool:
        return sorted(pool.map(one, changes))


def test_of_two_who_change_what_they_have_seen_at_once_one_is_told(shared: People) -> None:
    shared.add("x", "amina", ["officer"])

    def seen(account: dict[str, Any]) -> None:
        if account["roles"] != ["officer"]:
            raise BadAccount("changed meanwhile")

    change = partial(shared.give_roles, "x", "amina", seen=seen)
    told = outcomes(partial(change, ["reviewer"]), partial(change, ["administrator"]))
    assert told == ["changed meanwhile", "done"]


def test_two_administrators_who_disable_each_other_at_once_do_not_leave_the_node_alone(shared: People) -> None:
    for name in ("amina", "bao"):
        shared.add("x", name, ["administrator"])
    told = outcomes(partial(shared.disable, "x", "amina"), partial(shared.disable, "x", "bao"))
    assert told[0] == "done"
    assert "last administrator" in told[1]
