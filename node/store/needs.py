"""What this organization has for needs of others: offers and priorities that hold, and what answers a need already."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from sqlalchemy import Connection, Engine, insert, select

from node import tables
from node.store.grid_tables import answers, grid, grid_marks, unindexed
from wire.database import reading

_CHUNK: Final = 500
_STANDS: Final = ("current", "local")


class Held(NamedTuple):
    """An open offer or a priority; `marks` say what it is about, as in the grid."""

    kind: str
    id: str
    title: str
    marks: tuple[str, ...]


class Answer(NamedTuple):
    """An own record that answers a need."""

    kind: str
    id: str
    title: str


class Needs:
    """Never waits for a writer, and reads no record whole."""

    def __init__(self, engine: Engine) -> None:
        self._engine = reading(engine)

    def held(self, today: str, limit: int) -> list[Held]:
        """Give the offers and priorities that hold today or later, those that were changed last first."""
        query = select(grid.c.number, grid.c.kind, grid.c.id, grid.c.title).where(
            grid.c.kind.in_(("offer", "priority")), grid.c.holds >= today, unindexed(grid.c.state).in_(_STANDS)
        )
        with self._engine.connect() as connection:
            rows = connection.execute(query.order_by(grid.c.changed.desc(), grid.c.number.desc()).limit(limit)).all()
            marks = _marks(connection, [row.number for row in rows])
        return [Held(row.kind, row.id, row.title, tuple(marks.get(row.number, ()))) for row in rows]

    def answers(self, needs: Sequence[str]) -> dict[str, list[Answer]]:
        """Give, by the address of a need (need/organization/id), the own records that stand and answer it."""
        found: dict[str, list[Answer]] = {}
        joined = answers.join(grid, grid.c.number == answers.c.number)
        query = select(answers.c.need, grid.c.kind, grid.c.id, grid.c.title).select_from(joined)
        query = query.where(unindexed(grid.c.state).in_(_STANDS)).order_by(answers.c.need, answers.c.number)
        with self._engine.connect() as connection:
            for place in range(0, len(needs), _CHUNK):
                part = query.where(answers.c.need.in_(needs[place : place + _CHUNK]))
                for need, *answer in connection.execute(part):
                    found.setdefault(need, []).append(Answer(*answer))
        return found


def remember_answer(connection: Connection, need: str, kind: str, record_id: str) -> None:
    """Remember that a record was begun as the answer to a need, in the transaction that publishes it."""
    records = tables.records.c
    number = connection.scalar(select(records.number).where(records.kind == kind, records.id == record_id))
    known = select(answers.c.number).where(answers.c.need == need, answers.c.number == number)
    if number is not None and connection.execute(known).first() is None:
        connection.execute(insert(answers).values(need=need, number=number, said=False))


def _marks(connection: Connection, numbers: Sequence[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for place in range(0, len(numbers), _CHUNK):
        query = select(grid_marks.c.number, grid_marks.c.mark).where(
            grid_marks.c.number.in_(numbers[place : place + _CHUNK])
        )
        for number, mark in connection.execute(query.order_by(grid_marks.c.number, grid_marks.c.mark)):
            found.setdefault(number, []).append(mark)
    return found
