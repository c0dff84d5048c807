"""Tests of hub/access.py: tokens are known by their hash, and each role sees its markings."""

import pytest
from sqlalchemy import select

from hub import tables
from hub.access import VISIBLE, Reader, Role, bearer_of, create_token, list_tokens, remove_tokens
from schemas.release import MARKINGS
from tests.hub.published import Published


@pytest.mark.parametrize("role", ["member", "operator"])
def test_a_token_gives_its_bearer_the_role_it_was_made_for(network: Published, role: str) -> None:
    token = create_token(network.engine, role, "Reader of the secretariat")
    with network.engine.connect() as connection:
        found = bearer_of(connection, token)
    assert found is not None
    assert found[0] == Reader(Role(role), "Reader of the secretariat")


@pytest.mark.parametrize("token", ["", "x", "x" * 5000, "\udcff", "é" * 40])
def test_any_other_token_gives_nothing(network: Published, token: str) -> None:
    create_token(network.engine, "operator", "somebody")
    with network.engine.connect() as connection:
        assert bearer_of(connection, token) is None


def test_the_token_itself_is_kept_nowhere(network: Published) -> None:
    token = create_token(network.engine, "member", "somebody")
    with network.engine.connect() as connection:
        row = connection.execute(select(tables.access_tokens)).one()
    assert token not in str(row)
    assert token.encode() not in bytes(row.digest)
    assert create_token(network.engine, "member", "somebody") != token


def test_tokens_are_listed_without_what_they_are_and_removed_by_name(network: Published) -> None:
    tokens = [create_token(network.engine, role, name) for role, name in (("member", "A"), ("operator", "B"))]
    with network.engine.begin() as connection:
        assert [(each["name"], each["role"]) for each in list_tokens(connection)] == [
            ("A", "member"),
            ("B", "operator"),
        ]
        assert all(set(each) == {"name", "role", "created"} for each in list_tokens(connection))
        assert (remove_tokens(connection, "A"), remove_tokens(connection, "nobody")) == (1, 0)
    with network.engine.connect() as connection:
        assert [bearer_of(connection, token) is None for token in tokens] == [True, False]


def test_nobody_gets_a_token_for_what_is_public(network: Published) -> None:
    with pytest.raises(ValueError, match="nobody needs a token"):
        create_token(network.engine, "public", "somebody")


def test_no_role_sees_more_than_green() -> None:
    assert VISIBLE[Role.PUBLIC] == MARKINGS[:1]
    assert VISIBLE[Role.MEMBER] == VISIBLE[Role.OPERATOR] == MARKINGS[:2]
