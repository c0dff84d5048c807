"""A body is found by its hash in whichever stretch of the log it is, and what a batch costs does not grow with them."""

import hashlib
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Engine, insert, select

from hub import tables
from hub.body_tags import has_hash, tag_of, tag_of_body
from tests.hub.finding.plans import asked_of, plan_of

STRETCH = 1 << tables.STRETCH_BITS


def _keep(connection: Connection, bodies: Iterable[tuple[int, bytes]]) -> None:
    rows = [{"index": index, "tag": tag_of_body(body), "body": body} for index, body in bodies]
    connection.execute(insert(tables.bodies), rows)


def _found(connection: Connection, body: bytes) -> list[int]:
    condition = has_hash(connection, hashlib.sha256(body).digest())
    return sorted(connection.scalars(select(tables.bodies.c.index).where(condition)))


def test_a_body_is_found_in_each_stretch_of_the_log_and_as_often_as_it_is_there(any_engine: Engine) -> None:
    with any_engine.begin() as connection:
        assert _found(connection, b"one") == []
        places = [
            (0, b"one"),
            (STRETCH - 1, b"two"),
            (STRETCH, b"three"),
            (3 * STRETCH, b"one"),
            (5 * STRETCH, b"four"),
        ]
        _keep(connection, places)
        assert _found(connection, b"one") == [0, 3 * STRETCH]
        assert _found(connection, b"two") == [STRETCH - 1]
        assert _found(connection, b"three") == [STRETCH]
        assert _found(connection, b"four") == [5 * STRETCH]
        assert _found(connection, b"five") == []


def test_the_stretches_are_searched_and_no_body_is_read(any_engine: Engine) -> None:
    with any_engine.begin() as connection:
        _keep(connection, ((number * STRETCH // 1000, b"body %d" % number) for number in range(10_000)))
    with any_engine.connect() as connection:
        with asked_of(connection, "bodies.tag =") as asked:
            assert _found(connection, b"body 7000") == [7 * STRETCH]
        [question] = asked
        plan = plan_of(connection, question)
    assert "bodies_by_hash" in plan, plan
    assert "SCAN" not in plan, plan


def test_a_batch_writes_to_few_pages_of_the_index_however_long_the_log_is(sqlite_engine: Engine) -> None:
    before, batch = 3 * STRETCH, 500
    _write(sqlite_engine, 0, before)
    by_stretch = _write(sqlite_engine, before, batch)
    with sqlite_engine.begin() as connection:
        connection.exec_driver_sql("DROP INDEX bodies_by_hash")
        connection.exec_driver_sql("CREATE INDEX naive ON bodies (tag)")
    _checkpoint(sqlite_engine)
    assert by_stretch < _write(sqlite_engine, before + batch, batch) / 3


def _write(engine: Engine, first: int, count: int) -> int:
    """Keep so many bodies by one transaction; give how many pages it wrote."""
    rows = [(index, tag_of(hashlib.sha256(b"%d" % index).digest()), b"-") for index in range(first, first + count)]
    with engine.begin() as connection:
        connection.exec_driver_sql('INSERT INTO bodies ("index", tag, body) VALUES (?, ?, ?)', rows)
    return _checkpoint(engine)


def _checkpoint(engine: Engine) -> int:
    """Have the journal's pages written to the file; give how many there were."""
    with engine.connect() as connection:
        raw: Any = connection.connection.dbapi_connection
        return int(raw.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()[1])
