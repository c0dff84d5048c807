"""PostgreSQL's index of words in stretches of the log; an index of what is due for review."""

import sqlalchemy as sa
from alembic import op

from hub.finding.stretches import make_room, table_ddl

revision = "0011"
down_revision = "0010"

_RELIED_ON = "kind IN ('contact', 'need') AND withdrawn IS {no} AND disputed IS {no} AND erased IS {no} AND held IS {yes}"


def upgrade() -> None:
    op.create_index(
        "records_to_review", "records", ["marking", "review_due", "index"],
        sqlite_where=sa.text(_RELIED_ON.format(no=0, yes=1)),
        postgresql_where=sa.text(_RELIED_ON.format(no="false", yes="true")),
    )  # fmt: skip
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    whole = sa.text("SELECT relkind FROM pg_class WHERE oid = 'record_search'::regclass")
    if connection.scalar(whole) == "p":  # of a new database
        return
    op.execute("DROP INDEX record_search_words")
    op.execute("ALTER TABLE record_search RENAME TO record_search_before")
    op.execute("ALTER TABLE record_search_before DROP CONSTRAINT record_search_pkey")
    table, index, *first = table_ddl()
    for statement in (table, *first):
        op.execute(statement)
    make_room(connection, connection.scalar(sa.text("SELECT coalesce(max(index), 0) FROM record_search_before")))
    op.execute("INSERT INTO record_search SELECT index, words FROM record_search_before")
    op.execute(index)  # filled first, it is made much faster
    op.execute("DROP TABLE record_search_before")
