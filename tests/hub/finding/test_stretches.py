"""Tests of hub/finding/stretches.py: stretch by stretch the same is found, and no more is read than is asked for."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from hub import search
from hub.access import VISIBLE, Role
from hub.filters import Filters
from hub.finding import stretches
from hub.finding.listing import find, find_newest
from hub.finding.stretches import make_room, parts, table_ddl
from hub.schema import MIGRATIONS
from tests.hub.finding.plans import asked_of, plan_of
from tests.hub.published import Published
from tests.migrated import migrate_again, migrated_postgres
from tests.signed_network import contact, need
from wire.database import reading

SMALL, FIRST = 8, 3
RECORDS = 40


@pytest.fixture(scope="module")
def filled(postgres_server: str) -> Iterator[Published]:
    """Records in stretches of eight: each is a need, one in seven speaks of pumps, the last alone of wells."""
    with pytest.MonkeyPatch.context() as patch, migrated_postgres(postgres_server, MIGRATIONS) as engine:
        patch.setattr(stretches, "STRETCH", SMALL)
        patch.setattr(stretches, "NEAR", FIRST)
        patch.setattr(stretches, "FEWEST", 2)
        with engine.begin() as connection:
            connection.execute(text("DROP TABLE record_search"))
            for statement in table_ddl():
                connection.execute(text(statement))
        network = Published(engine)
        for number in range(RECORDS):
            title = "Wells" if number == RECORDS - 1 else "Pumps" if number % 7 == 0 else "Gates"
            marking = "TLP:GREEN" if number % 5 == 0 else "TLP:CLEAR"
            network.publish("need", need(title, description={"en": "-"}), id=f"n{number}", marking=marking)
        network.publish("contact", contact(), id="hidden", marking="TLP:GREEN")
        network.publish("need", need("Pumps again", description={"en": "-"}), id="n1", action="revised")
        search.catch_up(reading(engine), network.tail.size)
        yield network


@pytest.fixture
def as_served(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stretches of the size that hubs have."""
    monkeypatch.setattr(stretches, "STRETCH", 131_072)
    monkeypatch.setattr(stretches, "NEAR", 2_048)


def plainly(network: Published, word: str, role: Role) -> list[int]:
    """What the words of each record say, one by one."""
    query = text(
        "SELECT r.index FROM records r JOIN bodies b ON b.index = r.body_index WHERE r.marking = ANY(:markings)"
        " AND convert_from(b.body, 'UTF8') ILIKE :word ORDER BY r.index"
    )
    with network.engine.connect() as connection:
        said = {"markings": list(VISIBLE[role]), "word": f"%{word}%"}
        return list(connection.scalars(query, said))


@pytest.mark.parametrize("role", [Role.PUBLIC, Role.MEMBER])
@pytest.mark.parametrize("word", ["pumps", "pump", "gates", "wells", "nothing"])
def test_stretch_by_stretch_the_same_is_found(filled: Published, word: str, role: Role) -> None:
    expected = plainly(filled, word, role)
    assert bool(expected) == (word != "nothing") or (word, role) == ("wells", Role.PUBLIC)
    asked = Filters(q=word)
    with reading(filled.engine).connect() as connection:
        assert find(connection, asked, VISIBLE[role], -1, 500) == expected
        assert find_newest(connection, asked, VISIBLE[role], None, 500) == expected[::-1]
        for limit in (1, 2, 5):
            assert find(connection, asked, VISIBLE[role], -1, limit) == expected[:limit]
            assert find_newest(connection, asked, VISIBLE[role], None, limit) == expected[::-1][:limit]
        for place in expected:
            assert find(connection, asked, VISIBLE[role], place, 3) == [each for each in expected if each > place][:3]
            before = [each for each in expected if each < place][::-1][:3]
            assert find_newest(connection, asked, VISIBLE[role], place, 3) == before


def test_what_is_common_is_found_in_the_first_entries_and_no_stretch_is_read_whole(filled: Published) -> None:
    with reading(filled.engine).connect() as connection, asked_of(connection, "words @@") as asked:
        assert len(find(connection, Filters(q="gates", kind=["need"]), VISIBLE[Role.MEMBER], 10, 2)) == 2
    assert len(asked) == 1
    assert "record_search WHERE" in asked[0][0]


def test_of_what_is_rare_ever_more_stretches_are_read_at_once(filled: Published) -> None:
    with reading(filled.engine).connect() as connection, asked_of(connection, "words @@") as asked:
        assert len(find(connection, Filters(q="wells"), VISIBLE[Role.MEMBER], -1, 2)) == 1
    assert [statement.count("@@") for statement, _ in asked] == [1, 1, 2, 3]


def test_a_stretch_is_asked_by_its_own_index_never_row_by_row(filled: Published) -> None:
    with reading(filled.engine).connect() as connection, asked_of(connection, "words @@") as asked:
        find(connection, Filters(q="wells"), VISIBLE[Role.MEMBER], -1, 2)
        plan = plan_of(connection, asked[-1])
    assert "Bitmap Index Scan on record_search_3_words_idx" in plan
    assert "Seq Scan" not in plan


@pytest.mark.usefixtures("as_served")
@pytest.mark.parametrize("newest", [False, True])
@pytest.mark.parametrize(("low", "high"), [(0, 0), (5, 5), (0, 1), (0, 2_048), (7, 140_000), (131_072, 131_073),
                                           (100, 1_100_000), (0, 131_072)])  # fmt: skip
def test_parts_are_all_of_it_each_entry_once(low: int, high: int, newest: bool) -> None:
    found = list(parts(low, high, newest=newest))
    ordered = found[::-1] if newest else found
    edges = [low, *(each.high for each in ordered)]
    assert [each.low for each in ordered] == edges[:-1]
    assert edges[-1] == high
    for each in found[1:]:
        assert (
            each.stretches.start * stretches.STRETCH <= each.low < each.high <= each.stretches.stop * stretches.STRETCH
        )
    assert all(not each.stretches for each in found[:1])


@pytest.mark.usefixtures("as_served")
def test_a_database_of_before_keeps_its_words(postgres_server: str) -> None:
    with migrated_postgres(postgres_server, MIGRATIONS) as engine:
        with engine.begin() as connection:
            connection.execute(text("DROP TABLE record_search"))
            connection.execute(text("CREATE TABLE record_search (index BIGINT PRIMARY KEY, words TSVECTOR NOT NULL)"))
            connection.execute(text("CREATE INDEX record_search_words ON record_search USING GIN (words)"))
            connection.execute(text("INSERT INTO record_search VALUES (7, 'pumps'), (140000, 'wells')"))
            connection.execute(text("DROP INDEX records_to_review"))
            connection.execute(text("DROP TABLE publisher_lines"))
        migrate_again(engine, MIGRATIONS, "0010", "0011")
        with engine.begin() as connection:
            assert connection.execute(text("SELECT index, words::text FROM record_search ORDER BY index")).all() == [
                (7, "'pumps'"), (140000, "'wells'")
            ]  # fmt: skip
            assert connection.scalar(text("SELECT count(*) FROM record_search_1")) == 1
            make_room(connection, 300_000)
            make_room(connection, 300_000)
            connection.execute(text("INSERT INTO record_search VALUES (300000, 'gates')"))
            assert connection.scalar(text("SELECT count(*) FROM record_search_2")) == 1
