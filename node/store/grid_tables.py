"""The tables behind the grid of own records: narrow rows to filter and sort by, and what each record is about."""

from sqlalchemy import BigInteger, Column, Index, String, Table

from node.tables import Number, metadata

NEVER = "9999-12-31"

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
)
Index("grid_by_changed", grid.c.changed, grid.c.number)
Index("grid_by_title", grid.c.title_key, grid.c.number)
Index("grid_by_kind", grid.c.kind, grid.c.title_key, grid.c.number)
Index("grid_by_due", grid.c.due, grid.c.number)
Index("grid_of_record", grid.c.kind, grid.c.id)
Index("grid_counts", grid.c.state, grid.c.kind, grid.c.marking)

grid_marks = Table(
    "grid_marks",
    metadata,
    Column("mark", String(80), primary_key=True),  # theme:scheme:code or place:code
    Column("number", Number, primary_key=True, autoincrement=False),
)
Index("grid_marks_of_record", grid_marks.c.number)
