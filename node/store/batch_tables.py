"""The tables of what people do to many records at once: uploads and bulk acts on their way, and known mappings."""

from sqlalchemy import BigInteger, Column, Integer, String, Table, Text

from node.tables import Number, metadata

# The uploaded file and its report lie beside the database, in DIR/uploads/NUMBER.
batches = Table(
    "batches",
    metadata,
    Column("number", Number, primary_key=True, autoincrement=True),
    Column("sort", String(10), nullable=False),  # import · bulk
    Column("owner", BigInteger, nullable=False),  # number of the account
    Column("owner_name", String(200), nullable=False),
    Column("state", String(10), nullable=False),  # mapping · checked · review · publishing · done
    Column("work", Text, nullable=False),  # JSON: of an import its file and mapping, of a bulk act what and to which
    Column("digest", String(64), nullable=True),  # of the changes as they were shown
    Column("done", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    Column("outcome", Text, nullable=True),  # JSON: how many changes had which outcome, or what went wrong
    Column("note", Text, nullable=True),  # what a second person said in giving it back
    Column("version", Integer, nullable=False),
    Column("began", String(24), nullable=False),  # this node's clock
    Column("expires", String(24), nullable=False),
)

mappings = Table(
    "mappings",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("toml", Text, nullable=False),
    Column("columns", Text, nullable=False),  # JSON: the header that it was made for
    Column("saved", String(24), nullable=False),
    Column("saved_by", String(200), nullable=False),
)
