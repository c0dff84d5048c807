"""What people do to many records at once: uploads and bulk acts, from the first step to their end; known mappings."""

from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, Engine, Row, delete, func, insert, select, update

from node.store.batch_tables import batches, mappings
from node.store.drafts import Changed, TooMany
from node.store.note import Note, no_note
from schemas.sentences import gettext_noop as N_
from schemas.sentences import sentence
from wire.database import reading

MAPPING, CHECKED, REVIEW, PUBLISHING, DONE = "mapping", "checked", "review", "publishing", "done"
IMPORT, BULK = "import", "bulk"
MAX_BATCHES = 20  # of one person that are not done
MAX_MAPPINGS = 200


class Batch(NamedTuple):
    """One of them; `work` is what is to be done, `outcome` what came of it."""

    number: int
    sort: str
    owner: int
    owner_name: str
    state: str
    work: dict[str, Any]
    digest: str | None
    done: int
    total: int
    outcome: dict[str, Any] | None
    note: str | None
    version: int
    began: str
    expires: str


class Remembered(NamedTuple):
    """A mapping under its name, with the header of the file that it was made for."""

    name: str
    toml: str
    columns: list[str]
    saved: str
    saved_by: str


class Batches:
    """Every call is one short transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._reading = reading(engine)

    def begin(
        self, sort: str, owner: tuple[int, str], state: str, work: dict[str, Any], times: tuple[str, str],
        note_act: Note = no_note, **values: Any,
    ) -> int:  # fmt: skip
        """Begin one; `times` are now and when it expires. Gives its number; TooMany if the person has too many."""
        row = {
            "sort": sort, "owner": owner[0], "owner_name": owner[1], "state": state, "work": _text(work), "done": 0,
            "total": 0, "version": 1, "began": times[0], "expires": times[1], **values,
        }  # fmt: skip
        mine = select(func.count()).select_from(batches).where(batches.c.owner == owner[0], batches.c.state != DONE)
        with self._engine.begin() as connection:
            if (connection.scalar(mine) or 0) >= MAX_BATCHES:
                raise TooMany(
                    sentence(
                        "You have {max_batches} batches that are not finished, as many as one person may have. "
                        "Finish or delete some.",
                        max_batches=MAX_BATCHES,
                    )
                )
            key = connection.execute(insert(batches).values(row)).inserted_primary_key
            assert key is not None  # noqa: S101 - a row with a number of its own
            note_act(connection)
            return int(key[0])

    def one(self, number: int) -> Batch | None:
        """Give one."""
        with self._reading.connect() as connection:
            row = connection.execute(select(batches).where(batches.c.number == number)).first()
        return None if row is None else _batch(row)

    def of(self, owner: int, limit: int = 50) -> list[Batch]:
        """Give a person's, the newest first."""
        query = select(batches).where(batches.c.owner == owner).order_by(batches.c.number.desc()).limit(limit)
        with self._reading.connect() as connection:
            return [_batch(row) for row in connection.execute(query)]

    def to_review(self, besides: int, limit: int = 50) -> list[Batch]:
        """Give what waits for a second person, the oldest first."""
        query = select(batches).where(batches.c.state == REVIEW, batches.c.owner != besides)
        with self._reading.connect() as connection:
            return [_batch(row) for row in connection.execute(query.order_by(batches.c.number).limit(limit))]

    def expired(self, now: str) -> list[int]:
        """Give the numbers of those whose time is over; one that waits for a second person, or is under way, stays."""
        query = select(batches.c.number).where(batches.c.expires < now, batches.c.state != PUBLISHING)
        with self._reading.connect() as connection:
            return list(connection.scalars(query))

    def change(self, batch: Batch, note_act: Note = no_note, **values: Any) -> Batch:
        """Change one; Changed if somebody else did meanwhile."""
        for name in ("work", "outcome"):
            if values.get(name) is not None:
                values[name] = _text(values[name])
        same = (batches.c.number == batch.number, batches.c.version == batch.version)
        with self._engine.begin() as connection:
            if not connection.execute(
                update(batches).where(*same).values(**values, version=batch.version + 1)
            ).rowcount:
                raise Changed(N_("This was changed meanwhile, in another window or by somebody else. Open it again."))
            note_act(connection)
            return _batch(connection.execute(select(batches).where(batches.c.number == batch.number)).one())

    def note_progress(self, number: int, done: int, total: int) -> None:
        """Say how far it has come."""
        with self._engine.begin() as connection:
            connection.execute(update(batches).where(batches.c.number == number).values(done=done, total=total))

    def end(self, number: int, note_act: Note = no_note) -> None:
        """Delete one."""
        with self._engine.begin() as connection:
            end_batch(connection, number)
            note_act(connection)

    def remember(self, known: Remembered, note_act: Note = no_note) -> None:
        """Keep a mapping under its name, in the place of an older one."""
        with self._engine.begin() as connection:
            connection.execute(delete(mappings).where(mappings.c.name == known.name))
            if (connection.scalar(select(func.count()).select_from(mappings)) or 0) >= MAX_MAPPINGS:
                raise TooMany(
                    sentence(
                        "{max_mappings} mappings are kept, as many as may be. Delete one first.",
                        max_mappings=MAX_MAPPINGS,
                    )
                )
            row = {**known._asdict(), "columns": orjson.dumps(known.columns).decode()}
            connection.execute(insert(mappings).values(row))
            note_act(connection)

    def remembered(self) -> list[Remembered]:
        """Give all mappings, by name."""
        with self._reading.connect() as connection:
            rows = connection.execute(select(mappings).order_by(mappings.c.name))
            return [Remembered(**{**row._asdict(), "columns": orjson.loads(row.columns)}) for row in rows]

    def forget(self, name: str, note_act: Note = no_note) -> None:
        """Delete a mapping; records that it brought stay."""
        with self._engine.begin() as connection:
            connection.execute(delete(mappings).where(mappings.c.name == name))
            note_act(connection)


def end_batch(connection: Connection, number: int) -> None:
    """Delete one in the transaction that does what it asks for."""
    connection.execute(delete(batches).where(batches.c.number == number))


def _text(value: dict[str, Any]) -> str:
    return orjson.dumps(value).decode()


def _batch(row: Row[Any]) -> Batch:
    outcome = None if row.outcome is None else orjson.loads(row.outcome)
    return Batch(**{**row._asdict(), "work": orjson.loads(row.work), "outcome": outcome})
