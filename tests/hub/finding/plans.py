"""Shows by which way a database answers what is asked of it: a test of costs that needs no clock."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, event

from wire.database import is_sqlite, writing

Asked = tuple[str, Any]  # a statement and its values


@contextmanager
def asked_of(connection: Connection, part: str) -> Iterator[list[Asked]]:
    """Collect the statements with this part in them."""
    found: list[Asked] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        if part in statement and not statement.startswith("EXPLAIN"):
            found.append((statement, values))

    event.listen(connection, "before_cursor_execute", note)
    yield found
    event.remove(connection, "before_cursor_execute", note)


def plan_of(connection: Connection, asked: Asked) -> str:
    """Give the database's plan for a statement, of so few rows as if there were many."""
    statement, values = asked
    if is_sqlite(connection):
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        return "\n".join(str(row[-1]) for row in rows)
    # Whether the rows were counted by now is chance, unless they are; without these ways, what is cheap for few is out.
    with writing(connection.engine).begin() as another:
        another.exec_driver_sql("ANALYZE")
    for way in ("seqscan", "sort", "incremental_sort"):
        connection.exec_driver_sql(f"SET LOCAL enable_{way} = off")
    return "\n".join(row[0] for row in connection.exec_driver_sql(f"EXPLAIN {statement}", values))
