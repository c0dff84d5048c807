"""Tests of hub/accounts/log_ins.py: at the hub, an access token begins a session, which ends with it."""

from sqlalchemy import Engine

from hub.access import Reader, Role, create_token, remove_tokens
from hub.accounts.log_ins import list_log_ins, open_log_ins
from hub.accounts.rules import reader_of
from people.log_ins import From


def test_a_session_by_token_ends_when_the_token_is_removed(any_engine: Engine) -> None:
    log_ins = open_log_ins(any_engine)
    token = create_token(any_engine, "member", "Reader of the secretariat")
    session = log_ins.by_token(f" {token}\n", From("192.0.2.1")).session or ""
    person = log_ins.person(session)
    assert person is not None
    assert reader_of(person) == Reader(Role.MEMBER, "Reader of the secretariat")
    with any_engine.begin() as connection:
        remove_tokens(connection, "Reader of the secretariat")
        assert [each["outcome"] for each in list_log_ins(connection)] == ["by token"]
    assert log_ins.person(session) is None
