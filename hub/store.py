"""Writing to the hub's database: log, view, chains, quarantine and cursors of a batch change in one transaction."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from operator import itemgetter
from typing import Any

import orjson
import structlog
from sqlalchemy import Connection, Dialect, Table, bindparam, case, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from hub import tables
from hub.addresses import tag_of_address
from hub.body_tags import tag_of_body
from hub.decide import Outcome, problem_documents
from hub.entries import Entry, ExclusionStated, Quarantined
from hub.log_state import Speaker
from hub.many_rows import ManyRows
from hub.operating.refused import count_refused
from hub.project import Address, Change, Row, fold
from hub.tree import Tree
from schemas.statement import CONTROL
from wire.seal import timestamp

QUARANTINE_PER_ORGANIZATION = 10_000
MAX_FOUND = 2000
_TICK = timedelta(milliseconds=1)  # of the clock as the tables write it

_log = structlog.get_logger()
_LOOKUP = 400
_TAG = itemgetter(-1)
# How nearly every new record is: not ended, nothing left out, not disputed, not erased, held. The database knows it.
_ORDINARY = {"excluded_index": None, "disputed": False, "erased": False, "held": True}
_PLAIN, _PLAINLY = -len(_ORDINARY), tuple(_ORDINARY.values())


@lru_cache(maxsize=2)  # a database has one, and to compile them takes longer than most transactions
def store_for(dialect: Dialect) -> "Store":
    """Give what writes to databases of a dialect."""
    return Store(dialect)


class Store:
    """Statements compiled once for the database's dialect, so that the hot path hands over plain tuples."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        on_sqlite = dialect.name == "sqlite"
        self._upsert = sqlite.insert if on_sqlite else postgresql.insert
        self._log = ManyRows(dialect, tables.log)
        self._bodies = ManyRows(dialect, tables.bodies)
        self._record_places = ManyRows(dialect, tables.record_places)
        self._record_themes = ManyRows(dialect, tables.record_themes)
        self._coverage = ManyRows(dialect, tables.coverage)
        self._ordinary_records = ManyRows(dialect, tables.records, _ORDINARY)
        self.put_record = self._text(self._replacing(tables.records))
        self.put_subject = self._text(self._replacing(tables.subjects))
        self._mark = "?" if on_sqlite else "%s"
        row = [column for column in tables.records.c if column.name != "tag"]
        self._find_records = self._text(select(*row)) + " WHERE records.tag IN "
        self.put_tile = self._text(self._replacing(tables.tiles))
        self.put_speaker = self._text(self._put_speaker())
        self.put_cursor = self._text(self._replacing(tables.cursors))

    def _text(self, statement: Any) -> str:
        return str(statement.compile(dialect=self._dialect))

    def _put_speaker(self) -> Any:
        names = tables.organizations.c
        chain = ("organization", "sequence", "head", "forked", "last_index")
        statement = self._upsert(tables.organizations).values(dict.fromkeys(("org", *chain, "last_at")))
        changed: dict[str, Any] = {name: statement.excluded[name] for name in chain}
        logged_at = statement.excluded.last_at
        changed["last_at"] = func.coalesce(logged_at, names.last_at)
        # Whether the last event was refused is told by what came later, also where the clock was set back in between.
        changed["refused_at"] = case((names.refused_at > logged_at, logged_at), else_=names.refused_at)
        return statement.on_conflict_do_update(index_elements=["org"], set_=changed)

    def _replacing(self, table: Table) -> Any:
        statement = self._upsert(table)
        keys = [column.name for column in table.primary_key]
        changed = {column.name: statement.excluded[column.name] for column in table.c if column.name not in keys}
        return statement.on_conflict_do_update(index_elements=keys, set_=changed)

    def write(self, connection: Connection, outcome: Outcome, speakers: dict[str, Speaker], now: datetime) -> None:
        """Write everything that a batch changes; the caller's transaction makes it one."""
        at = timestamp(now)
        about = self.write_view(connection, outcome.entries)
        self.write_log(connection, outcome.entries, about)
        self.write_speakers(connection, outcome.entries, speakers, at)
        for organization in outcome.forked:
            self.write_speaker(connection, speakers[organization], None)
        self.write_exclusions(connection, outcome.exclusions)
        self._write_quarantine(connection, outcome.quarantined, at)

    def write_view(self, connection: Connection, entries: Sequence[Entry]) -> dict[int, int]:
        """Fold entries into the view; gives the record that each entry is about."""
        tags = {
            (e.kind, e.org, e.record_id): tag_of_address(e.kind, e.organization, e.record_id)
            for e in entries if e.kind != CONTROL
        }  # fmt: skip
        changes = fold(entries, self._rows(connection, tags.values()))
        self._write_records(connection, changes.of_record, tags)
        return changes.about

    def write_log(self, connection: Connection, entries: Sequence[Entry], about: dict[int, int]) -> None:
        """Append entries to the log; `about` is the record that each is about."""
        if not entries:
            return
        log_rows = [
            (e.index, e.org, e.kind, e.marking, e.sequence, e.lastindex, e.hash, about.get(e.index), e.token)
            for e in entries
        ]
        self._log.insert(connection, log_rows)
        bodies = [
            (e.index, tag_of_body(e.body) if e.tag is None else e.tag, e.body) for e in entries if e.body is not None
        ]
        self._bodies.insert(connection, bodies)
        subjects = {(e.org, e.kind, e.marking): e.index for e in entries}
        _run(connection, self.put_subject, [(*subject, index) for subject, index in subjects.items()])

    def write_about(self, connection: Connection, about: dict[int, int]) -> None:
        """Set which record each log entry is about, as a rebuild finds it."""
        if about:
            log = tables.log
            statement = update(log).where(log.c.index == bindparam("at")).values(record=bindparam("number"))
            connection.execute(statement, [{"at": index, "number": number} for index, number in about.items()])

    def _rows(self, connection: Connection, tags: Iterable[int]) -> dict[Address, Row]:
        rows: dict[Address, Row] = {}
        ordered = sorted(set(tags))
        for place in range(0, len(ordered), _LOOKUP):
            part = tuple(ordered[place : place + _LOOKUP])
            query = f"{self._find_records}({','.join([self._mark] * len(part))})"
            for found in connection.exec_driver_sql(query, part):
                row = Row(*found)
                rows[row.kind, row.org, row.id] = row
        return rows

    def _write_records(self, connection: Connection, changed: dict[Address, Change], tags: dict[Address, int]) -> None:
        if not changed:
            return
        changes = list(changed.values())
        # An upsert costs more than an insertion, and most records are new and ordinary.
        old = [change for change in changes if change.existed]
        ordinary, other = [], []
        for address, change in changed.items():
            row = change.row
            if change.existed or row[_PLAIN:] != _PLAINLY:
                other.append((*row, tags[address]))
            else:
                ordinary.append((*row[:_PLAIN], tags[address]))
        # By tag, as their index has them: each of its pages is then visited once.
        self._ordinary_records.insert(connection, sorted(ordinary, key=_TAG))
        _run(connection, self.put_record, other)
        self._clear_facets(connection, old)
        places, themes, covers = [], [], []
        for change in changes:
            entry = change.facets_of
            if entry is None or entry.facets is None:
                continue
            number = change.row.number
            places += [(place, number) for place in entry.facets.places]
            themes += [(scheme, code, number) for scheme, code in entry.facets.themes]
            if change.covers:
                covers += [(number, line, *covered) for line, covered in enumerate(entry.coverage)]
        self._record_places.insert(connection, sorted(places))
        self._record_themes.insert(connection, sorted(themes))
        self._coverage.insert(connection, covers)

    def _clear_facets(self, connection: Connection, changes: Sequence[Change]) -> None:
        renewed = [change.row.number for change in changes if change.facets_of is not None]
        uncovered = [change.row.number for change in changes if change.facets_of is not None or not change.covers]
        for table, numbers in (
            (tables.record_places, renewed),
            (tables.record_themes, renewed),
            (tables.coverage, uncovered),
        ):
            for place in range(0, len(numbers), _LOOKUP):
                connection.execute(delete(table).where(table.c.record.in_(numbers[place : place + _LOOKUP])))

    def write_speakers(
        self, connection: Connection, entries: Sequence[Entry], speakers: dict[str, Speaker], at: str
    ) -> None:
        """Bring the chains of everybody who spoke up to date."""
        self._put_speakers(connection, [speakers[name] for name in {entry.organization for entry in entries}], at)

    def write_speaker(self, connection: Connection, speaker: Speaker, at: str | None) -> None:
        """Bring one chain up to date; a new organization gets its row. Without `at` the time of its last stays."""
        self._put_speakers(connection, [speaker], at)

    def _put_speakers(self, connection: Connection, speakers: Sequence[Speaker], at: str | None) -> None:
        rows = [
            (s.number, s.organization, s.sequence, s.head, s.forked, s.last_index, at if s.sequence else None)
            for s in speakers
        ]
        _run(connection, self.put_speaker, rows)

    def write_exclusions(self, connection: Connection, exclusions: Sequence[ExclusionStated]) -> None:
        """Keep which entries are not in the view, and which statement of the hub says so."""
        if not exclusions:
            return
        connection.execute(
            insert(tables.exclusions),
            [
                {
                    "index": stated.index,
                    "org": stated.org,
                    "reason": str(stated.exclusion.reason),
                    "problems": orjson.dumps(problem_documents(stated.exclusion.problems)).decode(),
                    "stated_at": stated.stated_at,
                }
                for stated in exclusions
            ],
        )

    def _write_quarantine(self, connection: Connection, quarantined: Sequence[Quarantined], at: str) -> None:
        table = tables.quarantine
        for refused in quarantined:
            message = refused.message
            statement = self._upsert(table).values(
                at=at, bus_organization=storable(message.organization, 40), bus_kind=storable(message.kind, 40),
                reason=refused.reason, found=storable(refused.found, MAX_FOUND),
                expected=storable(refused.expected, MAX_FOUND), sequence=refused.sequence, digest=refused.digest,
                token=message.token, body=message.body, times=1,
            )  # fmt: skip
            again = {"times": table.c.times + 1, "at": at}
            connection.execute(statement.on_conflict_do_update(index_elements=["digest", "reason"], set_=again))
        counted = tables.refusals
        for reason, times in Counter(str(refused.reason) for refused in quarantined).items():
            count = self._upsert(counted).values(reason=reason, times=times)
            more = {"times": counted.c.times + times}
            connection.execute(count.on_conflict_do_update(index_elements=["reason"], set_=more))
        by_node = Counter((storable(each.message.organization, 40), str(each.reason)) for each in quarantined)
        count_refused(connection, self._upsert, by_node, at)
        last = {storable(refused.message.organization, 40): refused for refused in quarantined}
        for organization, refused in last.items():
            self._note_refusal(connection, organization, refused.reason, at)
            _prune_quarantine(connection, organization)

    def _note_refusal(self, connection: Connection, organization: str, reason: str, at: str) -> None:
        table, before = tables.organizations, timestamp(datetime.fromisoformat(at) - _TICK)
        # An event from a time to come was logged before this, while the clock was ahead.
        last_at = case((table.c.last_at > at, before), else_=table.c.last_at)
        connection.execute(
            update(table).where(table.c.organization == organization)
            .values(refused_at=at, refused_reason=reason, last_at=last_at)
        )  # fmt: skip

    def write_tiles(self, connection: Connection, tree: Tree) -> None:
        """Write the tiles that have changed."""
        rows = tree.take_changed()
        if rows:
            connection.exec_driver_sql(self.put_tile, rows)

    def write_cursor(self, connection: Connection, name: str, position: int) -> None:
        """Remember how far a reader has come."""
        connection.exec_driver_sql(self.put_cursor, (name, position))


def _run(connection: Connection, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    if rows:
        connection.exec_driver_sql(statement, list(rows))


def storable(text: str, limit: int) -> str:
    """Give text from outside in a form that both databases take: no zero byte, no half character, not too long."""
    return text[:limit].replace("\x00", "\ufffd").encode("utf-8", "replace").decode()


def _prune_quarantine(connection: Connection, organization: str) -> None:
    table = tables.quarantine
    mine = table.c.bus_organization == organization
    if (connection.scalar(select(func.count()).select_from(table).where(mine)) or 0) > QUARANTINE_PER_ORGANIZATION:
        oldest_kept = select(table.c.number).where(mine).order_by(table.c.number.desc())
        limit = connection.scalar(oldest_kept.offset(QUARANTINE_PER_ORGANIZATION - 1).limit(1))
        if limit is not None:
            gone = connection.execute(delete(table).where(mine, table.c.number < limit)).rowcount
            _log.warning(
                "quarantine.pruned", organization=organization, messages=gone, kept=QUARANTINE_PER_ORGANIZATION
            )
