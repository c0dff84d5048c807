"""Tests of hub/reading.py: who asks is known by token or session, once for a request, and not for longer than that."""

import pytest
from fastapi import Request

from hub.access import Reader, Role, create_token, remove_tokens
from hub.accounts import people
from hub.accounts.rules import RULES
from hub.problem_details import Refusal
from hub.reading import Reading
from tests.hub.published import Published
from tests.people.desks import Desk
from wire.registry import Registry


def asked(**headers: str) -> Request:
    pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "scheme": "http", "path": "/", "headers": pairs, "state": {}, "server": ("x", 80)})


@pytest.fixture
def hub(network: Published) -> Reading:
    return Reading(network.engine, "exercise.example", b"{}", Registry, network.tail)


def test_a_token_counts_before_a_session_and_one_that_is_not_known_is_refused(hub: Reading) -> None:
    desk = Desk(hub.engine, role="member", rules=RULES)
    hub.log_ins = desk.log_ins
    cookie = f"liaison-session={desk.first().session}"
    token = create_token(hub.engine, "operator", "Machine")
    assert hub.reader(asked()) == Reader(Role.PUBLIC)
    assert hub.reader(asked(cookie=cookie)) == Reader(Role.MEMBER, "Amina Warsame", 1)
    both = asked(cookie=cookie, authorization=f"Bearer {token}")
    assert (hub.reader(both), hub.role(both)) == (Reader(Role.OPERATOR, "Machine"), Role.OPERATOR)
    with pytest.raises(Refusal, match="not known here"):
        hub.reader(asked(cookie=cookie, authorization="Bearer nonsense"))
    assert hub.reader(asked(cookie="liaison-session=nonsense")).role is Role.PUBLIC


def test_operators_are_let_in_and_nobody_else(hub: Reading) -> None:
    for role, status in (("member", 403), (None, 401)):
        token = role and create_token(hub.engine, role, "x")
        with pytest.raises(Refusal) as refused:
            hub.operator(asked(authorization=f"Bearer {token}") if token else asked())
        assert refused.value.status == status
    operator = create_token(hub.engine, "operator", "y")
    assert hub.operator(asked(authorization=f"Bearer {operator}")).name == "y"


def test_who_is_let_in_is_asked_again_where_a_stream_lasts(hub: Reading) -> None:
    token = create_token(hub.engine, "member", "Reader")
    desk = Desk(hub.engine, role="member", rules=RULES)
    hub.log_ins = desk.log_ins
    by_token = asked(authorization=f"Bearer {token}")
    by_session = asked(cookie=f"liaison-session={desk.first().session}")
    for request in (by_token, by_session):
        hub.reader(request)
        assert hub.still(request)
    with hub.engine.begin() as connection:
        remove_tokens(connection, "Reader")
        people.disable(connection, "amina")
    assert not hub.still(by_token)
    assert not hub.still(by_session)
