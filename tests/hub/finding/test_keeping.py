"""Tests of hub/finding/keeping.py: what is kept of a record goes with it, and nothing else goes."""

from typing import Any

from sqlalchemy import func, select, text

from hub import search
from hub.finding import tables as kept
from hub.finding.keeping import found_in
from hub.rebuild import rebuild
from hub.schema import MIGRATIONS
from tests.hub.erasing import order, say
from tests.hub.finding.asked import counted, found
from tests.hub.published import Published, example
from tests.migrated import migrate_again
from tests.signed_network import key_of, need
from wire.actions import KeyRevoked
from wire.database import reading


def rows(network: Published, table: str) -> list[tuple[object, ...]]:
    search.catch_up(reading(network.engine), network.tail.size)
    with network.engine.connect() as connection:
        chosen = select(getattr(kept, table))
        return sorted(tuple(row) for row in connection.execute(chosen))


def test_a_record_is_kept_once_with_its_terms_its_cells_and_whom_it_answers(network: Published) -> None:
    network.publish("need", need(), id="n1")
    network.publish("activity", example("activity", answers_needs=["need/xa-centre/n1"]), id="a1")
    network.publish("need", need("Changed"), id="n1", action="revised")
    listed = rows(network, "listings")
    assert [(row[0], row[1], row[2], row[4]) for row in listed] == [(3, 3, "activity", True), (4, 2, "need", True)]
    assert listed[1][6] == "theme_1373 KEN 2.10"
    assert rows(network, "answers") == [("need/xa-centre/n1", 3)]
    network.publish("activity", example("activity", answers_needs=None), id="a1", action="revised")
    assert rows(network, "answers") == []


def test_a_publisher_s_lines_are_those_of_its_records_that_stand(network: Published) -> None:
    network.publish("need", need(), id="n1", marking="TLP:GREEN")
    network.publish("activity", example("activity", answers_needs=["n1"]), id="a1")
    network.publish("offer", example("offer"), id="o1")
    network.publish("contact", id="c1", marking="TLP:GREEN")
    network.withdraw("offer", id="o1")
    lines = rows(network, "publisher_lines")
    assert {(line[1], line[4], line[5], line[6]) for line in lines} >= {
        ("theme_1373", "TLP:GREEN", "n1", "need"), ("", "TLP:CLEAR", "a1", "activity"),
    }  # fmt: skip
    assert {line[5] for line in lines} == {"n1", "a1"}
    network.publish("need", need(need_status="met"), id="n1", action="revised", marking="TLP:GREEN")
    assert {line[5] for line in rows(network, "publisher_lines")} == {"a1"}


def test_a_database_of_before_is_given_the_lines_that_the_fold_gives(network: Published) -> None:
    network.publish("need", need(), id="n1")
    network.publish("activity", example("activity", answers_needs=["n1"]), id="a1")
    network.publish("offer", example("offer"), id="o1")
    network.withdraw("offer", id="o1")
    folded = rows(network, "publisher_lines")
    assert len(folded) > 1
    with network.engine.begin() as connection:
        connection.execute(text("DROP TABLE publisher_lines"))
        connection.execute(text("DROP INDEX records_to_review"))
    migrate_again(network.engine, MIGRATIONS, "0010", "0011")
    assert rows(network, "publisher_lines") == folded


def test_of_an_erased_record_nothing_is_kept(network: Published) -> None:
    said = say(network, record=need("Secret pumps"))
    assert counted(network, kind=["need"]).total == 1
    order(network, said)
    assert counted(network, kind=["need"]).total == 0
    assert found(network, q="pumps") == []
    assert all(row[4] is False and row[5] == "" for row in rows(network, "listings"))


def test_what_a_revoked_key_said_is_not_counted_any_more(network: Published) -> None:
    network.publish("need", need(), id="n1")
    network.publish("need", need(), id="n2")
    assert counted(network, kind=["need"]).total == 2
    place: Any = network.roots.place()
    key = key_of("xa-centre").public.thumbprint
    network.register(KeyRevoked(organization="xa-centre", key=key, last_good_sequence=1, reason="Stolen.", **place))
    assert counted(network, kind=["need"]).total == 1


def test_a_rebuild_ends_with_the_same(network: Published) -> None:
    network.publish("need", need(), id="n1")
    network.publish("activity", example("activity", answers_needs=["need/xa-centre/n1"]), id="a1")
    network.withdraw("activity", id="a1")
    before = {name: rows(network, name) for name in ("listings", "facet_counts", "answers", "publisher_lines")}
    rebuild(network.engine)
    after = {name: rows(network, name) for name in before}
    assert [row for row in after["facet_counts"] if row[-1]] == [row for row in before["facet_counts"] if row[-1]]
    assert all(after[name] == before[name] for name in ("listings", "answers", "publisher_lines"))


def test_many_records_are_read_in_the_order_of_the_log(small_network: Published) -> None:
    for number in range(3):
        small_network.publish("need", need(), id=f"n{number}")
    small_network.publish("need", need("Changed"), id="n0", action="revised")
    with reading(small_network.engine).connect() as connection:
        found_now = found_in(connection, {2, 3, 4})
        assert connection.scalar(select(func.count()).select_from(kept.listings)) == 0
    assert [each.current for each in found_now] == [3, 4, 5]
