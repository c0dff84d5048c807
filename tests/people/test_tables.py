"""Tests of people/tables.py: two services put the tables beside their own, each with the roles that it has."""

from sqlalchemy import MetaData

from people.tables import create_tables


def test_each_service_has_its_own_tables() -> None:
    hub, node = MetaData(), MetaData()
    create_tables(hub)
    longer = create_tables(node, role_length=40)
    assert set(hub.tables) == set(node.tables) == {"accounts", "sessions", "known_browsers", "back_off", "log_ins"}
    assert longer.accounts.c.role.type.length == 40  # type: ignore[attr-defined]
    assert hub.tables["accounts"] is not longer.accounts
