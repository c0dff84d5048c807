"""The tables behind the grid of own records: narrow rows to filter and sort by, what each is about and answers."""

from sqlalchemy import BigInteger, Boolean, Column, ColumnElement, Index, String, Table

from node.tables import Number, metadata

NEVER = "9999-12-31"


def unindexed(column: ColumnElement[str]) -> ColumnElement[str]:
    """Give a column so that no index of it is used: where what else is asked for is rarer, or in order already."""
    return column.concat("")


# One row for each record that is not erased, written in the transaction that writes the record.
grid = Table(
    "grid",
    metadata,
    Column("number", Number, primary_key=True, autoincrement=False),  # of the record
    Column("kind", String(20), nullable=False),
    Column("id", String(64), nullable=False),
    Column("marking", String(20), nullable=False),
    Column("state", String(10), nullable=False),
    Column("sequence", BigInteger, nullable=True),
    Column("changed", String(24), nullable=False),
    Column("title", String(200), nullable=False),
    Column("title_key", String(80), nullable=False),  # folded, for sorting
    Column("due", String(10), nullable=False),  # the day by which it is to be confirmed; NEVER if that is never
    Column("holds", String(10), nullable=True),  # last day of an open offer or a priority; none for all else
)
Index("grid_by_changed", grid.c.changed, grid.c.number)
Index("grid_by_title", grid.c.title_key, grid.c.number)
Index("grid_by_kind", grid.c.kind, grid.c.title_key, grid.c.number)
Index("grid_by_due", grid.c.due, grid.c.number)
Index("grid_of_record", grid.c.kind, grid.c.id)
Index("grid_counts", grid.c.state, grid.c.kind, grid.c.marking, grid.c.due, grid.c.sequence)
Index("grid_holds", grid.c.kind, grid.c.holds)

grid_marks = Table(
    "grid_marks",
    metadata,
    Column("mark", String(80), primary_key=True),  # theme:scheme:code or place:code
    Column("number", Number, primary_key=True, autoincrement=False),
)
Index("grid_marks_of_record", grid_marks.c.number)

# Which own record answers which need of another organization. `said`: the record itself names the need; otherwise it
# was begun here as an answer to it, as an offer has no field for that.
answers = Table(
    "answers",
    metadata,
    Column("need", String(120), primary_key=True),  # need/organization/id
    Column("number", Number, primary_key=True, autoincrement=False),
    Column("said", Boolean, nullable=False),
)
Index("answers_of_record", answers.c.number)
