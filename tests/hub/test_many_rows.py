"""All rows arrive, in both databases, whether they fill a statement or not."""

import pytest
from sqlalchemy import Engine, func, select

from hub import tables
from hub.many_rows import AT_ONCE, ManyRows


@pytest.mark.parametrize("count", [0, 1, AT_ONCE - 1, AT_ONCE, AT_ONCE + 1, 3 * AT_ONCE, 3 * AT_ONCE + 7])
def test_all_rows_arrive_as_they_are(any_engine: Engine, count: int) -> None:
    rows = [(number, -number, b"%d" % number) for number in range(count)]
    with any_engine.begin() as connection:
        ManyRows(connection.dialect, tables.bodies).insert(connection, rows)
        found = connection.execute(select(*tables.bodies.c).order_by(tables.bodies.c.index))
        assert [(index, tag, bytes(body)) for index, tag, body in found] == rows


def test_rows_with_nothing_in_them_and_with_odd_text_arrive_too(any_engine: Engine) -> None:
    row = (1, "need", 2, "é' --", 3, 4, "TLP:CLEAR", True, "2026-11-23T18:00:00.000Z", "%s ? :x", None, None, None)
    row = (*row, False, True, True, -7)
    with any_engine.begin() as connection:
        others = [(number, *row[1:3], f"r{number}", *row[4:]) for number in range(2, 150)]
        ManyRows(connection.dialect, tables.records).insert(connection, [row, *others])
        assert tuple(connection.execute(select(*tables.records.c).where(tables.records.c.record == 1)).one()) == row
        assert connection.scalar(select(func.count()).select_from(tables.records)) == 149


def test_columns_that_are_left_out_have_their_defaults(any_engine: Engine) -> None:
    row = (1, "need", 2, "n1", 3, 4, "TLP:CLEAR", False, "2026-11-23T18:00:00.000Z", "Readers", None, None)
    left_out = {"excluded_index": None, "disputed": False, "erased": False, "held": True}
    with any_engine.begin() as connection:
        ManyRows(connection.dialect, tables.records, left_out).insert(connection, [(*row, 7)])
        [found] = connection.execute(select(*tables.records.c)).all()
    assert tuple(found) == (*row, *left_out.values(), 7)
