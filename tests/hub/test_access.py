"""Tests of hub/access.py: tokens are known by their hash, and each role sees its markings."""

import pytest
from sqlalchemy import select

from hub import tables
from hub.access import VISIBLE, Role, create_token, role_of
from schemas.release import MARKINGS
from tests.hub.published import Published


@pytest.mark.parametrize("role", ["member", "operator"])
def test_a_token_gives_its_bearer_the_role_it_was_made_for(network: Published, role: str) -> None:
    token = create_token(network.engine, role, "Reader of the secretariat")
    with network.engine.connect() as connection:
        assert role_of(connection, token) == role


@pytest.mark.parametrize("token", ["", "x", "x" * 5000, "\udcff", "é" * 40])
def test_any_other_token_gives_nothing(network: Published, token: str) -> None:
    create_token(network.engine, "operator", "somebody")
    with network.engine.connect() as connection:
        assert role_of(connection, token) is None


def test_the_token_itself_is_kept_nowhere(network: Published) -> None:
    token = create_token(network.engine, "member", "somebody")
    with network.engine.connect() as connection:
        row = connection.execute(select(tables.access_tokens)).one()
    assert token not in str(row)
    assert token.encode() not in bytes(row.digest)
    assert create_token(network.engine, "member", "somebody") != token


def test_nobody_gets_a_token_for_what_is_public(network: Published) -> None:
    with pytest.raises(ValueError, match="nobody needs a token"):
        create_token(network.engine, "public", "somebody")


def test_no_role_sees_more_than_green() -> None:
    assert VISIBLE[Role.PUBLIC] == MARKINGS[:1]
    assert VISIBLE[Role.MEMBER] == VISIBLE[Role.OPERATOR] == MARKINGS[:2]
