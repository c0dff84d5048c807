"""Tests of hub/search.py: what the projection finds in the view, on both databases, always up to date."""

import asyncio

import pytest
from sqlalchemy import Connection, select

from hub import search, tables
from hub.access import Role
from hub.filters import Page
from hub.queries import list_records
from hub.reading import visible
from tests.hub.published import Published
from tests.signed_network import NOON, contact, need
from wire.database import reading

READERS = {
    "en": "Border posts without document readers",
    "fr": "Postes frontière sans lecteurs",
    "ar": "مراكز حدودية بلا أجهزة قراءة الوثائق",
    "zh": "边境哨所没有证件阅读器",
    "ru": "Пограничные посты без считывателей",
}


def found(network: Published, query: str, role: Role = Role.PUBLIC, **filters: list[str]) -> list[str]:
    search.catch_up(reading(network.engine), network.tail.size)
    with reading(network.engine).connect() as connection:
        page = Page.model_validate({"q": query, **filters})
        return [item["id"] for item in list_records(connection, page, visible(role), NOON.date()).items]


@pytest.mark.parametrize(
    "query", ["reader", "FRONTIERE", "اجهزه", "الوثائق", "وثائق", "证件", "器", "посты", "border posts"]
)
def test_words_of_any_language_find_a_record(network: Published, query: str) -> None:
    network.publish("need", need(title=None) | {"title": READERS, "description": {"en": "-x-"}}, id="n1")
    network.publish("resource", id="other")
    assert found(network, query) == ["n1"]


@pytest.mark.parametrize(
    "query", ["reader pumps", "eader", "阅证", "'; DROP TABLE records; --", '" OR 1', "a:* | b", "NEAR(a b)"]
)
def test_what_is_not_there_is_not_found_and_signs_are_no_commands(network: Published, query: str) -> None:
    network.publish("need", need(), id="n1")
    assert found(network, query) == []
    assert found(network, "readers") == ["n1"]


def test_a_revised_record_is_found_by_its_new_words_only(network: Published) -> None:
    network.publish("need", need("Pumps", description={"en": "Water."}), id="n1")
    assert found(network, "pumps") == ["n1"]
    network.publish("need", need("Gates", description={"en": "Iron."}), id="n1", action="revised")
    assert found(network, "pumps") == []
    assert found(network, "gates") == ["n1"]


def test_a_withdrawn_record_is_found_where_withdrawn_ones_are_asked_for(network: Published) -> None:
    network.publish("need", need(), id="n1")
    network.withdraw("need", id="n1")
    assert found(network, "readers") == []
    assert found(network, "readers", status=["withdrawn"]) == ["n1"]


def test_words_tell_nothing_of_what_may_not_be_seen(network: Published) -> None:
    network.publish("contact", contact(), marking="TLP:GREEN", id="c1")
    assert found(network, "duty office") == []
    assert found(network, "duty office", Role.MEMBER) == ["c1"]


def test_what_was_left_out_of_the_view_is_not_found(network: Published) -> None:
    network.publish("need", need("Secret pumps", consent_to_publish=False), id="n1")
    assert found(network, "pumps", Role.OPERATOR) == []


def test_a_withdrawal_of_what_was_never_seen_does_no_harm(network: Published) -> None:
    network.withdraw("need", id="n1")
    assert found(network, "readers", status=["withdrawn"]) == []


def test_catching_up_reads_each_entry_once_and_more_than_a_batch(
    network: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "BATCH", 3)
    for number in range(8):
        network.publish("need", need(f"Number{number}"), id=f"n{number}")
    engine = reading(network.engine)
    assert search.catch_up(engine, network.tail.size) == network.tail.size
    assert search.catch_up(engine, network.tail.size) == 0
    assert found(network, "number7") == ["n7"]


def test_emptied_it_fills_itself_again(network: Published) -> None:
    network.publish("need", need(), id="n1")
    assert found(network, "readers") == ["n1"]
    with network.engine.begin() as connection:
        search.forget(connection)
        assert _position(connection) is None
    assert found(network, "readers") == ["n1"]


def _position(connection: Connection) -> int | None:
    cursors = tables.cursors.c
    return connection.scalar(select(cursors.position).where(cursors.name == search.CURSOR))


async def test_the_projection_keeps_up_by_itself_when_the_log_rests(
    network: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "IDLE_SECONDS", 0.01)
    monkeypatch.setattr(search, "BATCH", 2)
    monkeypatch.setattr(search, "IDLE_BATCHES", 1)
    for number in range(5):
        network.publish("need", need(), id=f"n{number}")
    keeping = asyncio.create_task(search.keep_up(reading(network.engine), network.tail))
    await _caught_up(network)
    network.publish("need", need(), id="later")
    await _caught_up(network)
    network.tail.close()
    await keeping


async def _caught_up(network: Published) -> None:
    async with asyncio.timeout(60):
        while await asyncio.to_thread(search._position, network.engine) < network.tail.size:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
