"""Drafts: kept as they were typed, with their owner; no change is lost and none overwrites another's."""

from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, Engine, Row, delete, func, insert, select, update

from node.store.draft_tables import drafts
from node.store.note import Note, no_note
from schemas.sentences import gettext_noop as N_
from schemas.sentences import sentence
from wire.database import reading

DRAFT, REVIEW = "draft", "review"
MAX_DRAFTS = 500  # of one person
MAX_BYTES = 400_000  # of one draft as JSON


class Draft(NamedTuple):
    """One draft; `entry` has marking, recipients and the record's fields as they were typed.

    `answers` is the address of the need to which it was begun as an answer.
    """

    number: int
    kind: str
    id: str | None
    owner: int
    owner_name: str
    entry: dict[str, Any]
    state: str
    note: str | None
    version: int
    began: str
    changed: str
    answers: str | None = None


class Changed(ValueError):
    """Somebody else changed the draft meanwhile, or took it away: nothing was saved."""


class TooMany(ValueError):
    """The person has as many drafts as one may have, or the draft is larger than one may be."""


class Drafts:
    """Every call is one short transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._reading = reading(engine)

    def begin(
        self, kind: str, record_id: str | None, owner: tuple[int, str], entry: dict[str, Any], now: str,
        answers: str | None = None, note: Note = no_note,
    ) -> Draft:  # fmt: skip
        """Begin a draft; of a record that the same person is revising already, give that draft as it is."""
        row = {
            "kind": kind, "id": record_id, "owner": owner[0], "owner_name": owner[1], "entry": _text(entry),
            "state": DRAFT, "note": None, "version": 1, "began": now, "changed": now,
            "answers": answers,
        }  # fmt: skip
        with self._engine.begin() as connection:
            known = None if record_id is None else _revising(connection, kind, record_id, owner[0])
            if known is not None:
                return _draft(known)
            number = connection.scalar(select(func.count()).select_from(drafts).where(drafts.c.owner == owner[0])) or 0
            if number >= MAX_DRAFTS:
                raise TooMany(
                    sentence("You have {n} drafts, which is as many as one may have. Delete or publish some.", n=number)
                )
            key = connection.execute(insert(drafts).values(row)).inserted_primary_key
            assert key is not None  # noqa: S101 - a row with a number of its own
            note(connection)
            return _draft(connection.execute(select(drafts).where(drafts.c.number == key[0])).one())

    def one(self, number: int) -> Draft | None:
        """Give a draft."""
        with self._reading.connect() as connection:
            row = connection.execute(select(drafts).where(drafts.c.number == number)).first()
        return None if row is None else _draft(row)

    def of(self, owner: int, limit: int = 100) -> list[Draft]:
        """Give a person's drafts, those changed last first."""
        query = select(drafts).where(drafts.c.owner == owner).order_by(drafts.c.changed.desc(), drafts.c.number.desc())
        with self._reading.connect() as connection:
            return [_draft(row) for row in connection.execute(query.limit(limit))]

    def to_review(self, besides: int, limit: int = 100) -> list[Draft]:
        """Give what waits for a second person, the oldest first; one's own waits for others."""
        query = select(drafts).where(drafts.c.state == REVIEW, drafts.c.owner != besides).order_by(drafts.c.number)
        with self._reading.connect() as connection:
            return [_draft(row) for row in connection.execute(query.limit(limit))]

    def save(self, draft: Draft, entry: dict[str, Any], now: str) -> Draft:
        """Keep what was typed; Changed if the draft is no longer the one that was opened."""
        return self._change(draft, {"entry": _text(entry), "state": DRAFT, "changed": now})

    def submit(self, draft: Draft, now: str, note: Note = no_note) -> Draft:
        """Hand it to a second person."""
        return self._change(draft, {"state": REVIEW, "note": None, "changed": now}, note)

    def give_back(self, draft: Draft, said: str, now: str, note: Note = no_note) -> Draft:
        """Give it back to its owner, who is told what is to be changed."""
        return self._change(draft, {"state": DRAFT, "note": said[:1000], "changed": now}, note)

    def end(self, draft: Draft, note: Note = no_note) -> None:
        """Take it away; Changed if somebody else did, or changed it."""
        with self._engine.begin() as connection:
            end_draft(connection, draft)
            note(connection)

    def _change(self, draft: Draft, values: dict[str, Any], note: Note = no_note) -> Draft:
        change = (
            update(drafts)
            .where(drafts.c.number == draft.number, drafts.c.version == draft.version)
            .values(**values, version=draft.version + 1)
        )
        with self._engine.begin() as connection:
            if not connection.execute(change).rowcount:
                raise Changed(_OTHER)
            note(connection)
            return _draft(connection.execute(select(drafts).where(drafts.c.number == draft.number)).one())


def end_draft(connection: Connection, draft: Draft) -> None:
    """Take a draft away in the transaction that publishes it; Changed if it is not the one that was opened."""
    gone = delete(drafts).where(drafts.c.number == draft.number, drafts.c.version == draft.version)
    if not connection.execute(gone).rowcount:
        raise Changed(_OTHER)


_OTHER = N_("This draft was changed or published meanwhile, in another window or by somebody else. Open it again.")


def _revising(connection: Connection, kind: str, record_id: str, owner: int) -> Row[Any] | None:
    query = select(drafts).where(drafts.c.kind == kind, drafts.c.id == record_id, drafts.c.owner == owner)
    return connection.execute(query).first()


def _text(entry: dict[str, Any]) -> str:
    try:
        data = orjson.dumps(entry)
    except orjson.JSONEncodeError as error:
        raise TooMany(sentence("The draft cannot be kept: {cause}.", cause=error)) from None
    if len(data) > MAX_BYTES:
        raise TooMany(
            sentence(
                "The draft has {n} bytes; at most {max_bytes} are kept. Make its texts shorter.",
                n=len(data),
                max_bytes=MAX_BYTES,
            )
        )
    return data.decode()


def _draft(row: Row[Any]) -> Draft:
    return Draft(**{**row._asdict(), "entry": orjson.loads(row.entry)})
