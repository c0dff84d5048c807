"""Tests of node/accounts/tokens.py: whose a token is, what it may, when it ends; on both databases."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from node.accounts.acts import Acts
from node.accounts.people import People
from node.accounts.tokens import MAX_DAYS, Tokens
from node.refusal import Refusal
from node.store import Access, open_store
from node.store.access import Holder, id_of
from tests.node.nodes import noon


class Place:
    """The parts that make and know tokens, in one database, with a clock that stands until it is moved."""

    def __init__(self, engine: Engine) -> None:
        self.now = noon()
        self.acts = Acts(engine, noon)
        self.people = People(engine, self.acts, noon)
        self.access = Access(engine, lambda: self.now)
        self.tokens = Tokens(self.access, self.acts)
        self.people.add("x", "amina", ["officer", "reviewer"], person="Amina Warsame")
        self.amina = self.people.account("amina").number

    def make(self, *roles: str, days: int = 90) -> str:
        held = self.people.account("amina").role.split()
        return self.tokens.for_person("x", self.amina, held, "Case system", roles, noon(), days)


@pytest.fixture
def place(any_url: str) -> Iterator[Place]:
    engine = open_store(any_url)
    yield Place(engine)
    engine.dispose()


def test_a_person_s_token_acts_in_that_name_with_the_roles_given_and_the_person_s_alone(place: Place) -> None:
    token = place.make("officer")
    assert place.access.holder(token) == Holder("Case system", place.amina, "Amina Warsame", "officer")
    place.people.give_roles("x", "amina", ["reviewer"])
    assert place.access.holder(token) == Holder("Case system", place.amina, "Amina Warsame", "")
    [listed] = place.access.listed()
    assert (listed.id, listed.person, listed.roles) == (id_of(token), "Amina Warsame", ("officer",))
    assert place.acts.listed(act="token")[0][4:7] == ("token.made", "Case system", "officer")


@pytest.mark.parametrize(
    ("roles", "days", "pointer"),
    [(("administrator",), 90, "/roles"), ((), 90, "/roles"), (("officer",), 0, "/days"),
     (("officer",), MAX_DAYS + 1, "/days")],
)  # fmt: skip
def test_a_token_gives_no_role_that_its_person_has_not_and_always_ends(
    place: Place, roles: tuple[str, ...], days: int, pointer: str
) -> None:
    with pytest.raises(Refusal) as refused:
        place.make(*roles, days=days)
    assert [each.pointer for each in refused.value.problems] == [pointer]
    assert place.access.listed() == []


@pytest.mark.parametrize("name", ["", " ", "x" * 201, "a\nb"])
def test_a_token_has_a_name_that_can_be_shown(place: Place, name: str) -> None:
    with pytest.raises(Refusal):
        place.tokens.for_program("x", name, noon())


def test_a_person_s_token_ends_by_itself_and_a_program_s_does_not(place: Place) -> None:
    mine, program = place.make("officer", days=90), place.tokens.for_program("x", "Old", noon())
    place.now = noon() + timedelta(days=89)
    assert place.access.holder(mine)
    place.now = noon() + timedelta(days=90)
    assert place.access.holder(mine) is None
    assert place.access.holder(program) == Holder("Old")


def test_whoever_may_not_log_in_has_no_token_either(place: Place) -> None:
    first = place.make("officer")
    place.people.disable("x", "amina")
    place.people.enable("x", "amina")
    assert place.access.holder(first) is None, "what was taken away does not come back"
    second = place.make("officer")
    place.people.reset("x", "amina")
    assert place.access.holder(second) is None
    assert place.access.listed() == []


def test_people_remove_their_own_tokens_only(place: Place) -> None:
    place.people.add("x", "bao", ["officer"])
    bao = place.people.account("bao").number
    token = place.make("officer")
    assert not place.tokens.remove("x", id_of(token), bao)
    assert not place.tokens.remove("x", "0" * 16)
    assert place.access.holder(token)
    assert place.tokens.remove("x", id_of(token), place.amina)
    assert place.access.holder(token) is None
    assert place.acts.listed(act="token.removed")[0].detail == "of Amina Warsame"
