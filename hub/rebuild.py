"""The view anew from the log: the same fold as in the intake, so that the same view comes out."""

from collections.abc import Callable, Mapping

import orjson
from sqlalchemy import Connection, Engine, delete, func, select

from hub import search, tables, view_lines
from hub.disputes import dispute
from hub.entries import Entry, ExclusionStated, ViewOf
from hub.erased_again import apply_again
from hub.erased_list import ErasedList
from hub.history import BATCH, Logged, read_log
from hub.reads import view_of
from hub.store import store_for
from schemas.problems import Problem
from schemas.release import FOR_NAMED
from schemas.statement import CONTROL, parse_statement
from wire import jws
from wire.actions import End, KeyRevoked, LogReplaced, parse_action
from wire.examine import Exclusion
from wire.reasons import Reason
from wire.registry import HUB, REGISTRY, Revocation

VIEW = (tables.coverage, tables.record_themes, tables.record_places, tables.records, tables.exclusions)
Progress = Callable[[int, int], None]


def rebuild(engine: Engine, progress: Progress | None = None, erased: ErasedList | None = None) -> int:
    """Empty the view and fold the log again in one transaction: interrupted, it leaves the old view.

    What was ordered to be erased is looked for again, in the whole log and in `erased`, and destroyed if it is there.
    """
    with engine.begin() as connection:
        store = store_for(connection.dialect)
        for table in VIEW:
            connection.execute(delete(table))
        cursors = tables.cursors
        connection.execute(delete(cursors).where(cursors.c.name == search.CURSOR))
        view_lines.forget(connection)
        size = connection.scalar(select(func.count()).select_from(tables.log)) or 0
        exclusions = _stated_exclusions(connection)
        store.write_exclusions(connection, list(exclusions.values()))
        apply_again(connection, erased or ErasedList())
        gone = set(connection.scalars(select(tables.erased.c.index)))
        start = 0
        while rows := read_log(connection, start, limit=BATCH):
            entries = [entry_of(row, exclusions, erased=row.index in gone) for row in rows]
            about = store.write_view(connection, entries)
            store.write_about(connection, about)
            for row in rows:
                _dispute_anew(connection, row)
            start = rows[-1].index + 1
            if progress is not None:
                progress(start, size)
        _dispute_former(connection)
        view_lines.fold(connection)
    return size


def _stated_exclusions(connection: Connection) -> dict[int, ExclusionStated]:
    """What the hub said is not in the view, from its own statements in the log."""
    log, bodies, names = tables.log, tables.bodies, tables.organizations
    query = (
        select(log.c.index, log.c.token, bodies.c.body)
        .join(names, names.c.org == log.c.org)
        .join(bodies, bodies.c.index == log.c.index)
        .where(names.c.organization == HUB, log.c.kind == CONTROL)
    )
    stated: dict[int, ExclusionStated] = {}
    orgs = select(log.c.org)
    for at, token, body in connection.execute(query):
        if parse_statement(jws.take_apart(token, jws.EVENT).payload).type != "liaison.body.excluded":
            continue
        said = orjson.loads(body)
        org = connection.scalar(orgs.where(log.c.index == said["index"]))
        problems = tuple(Problem(**problem) for problem in said["problems"])
        stated[said["index"]] = ExclusionStated(
            said["index"], org or 0, Exclusion(Reason(said["reason"]), problems), at
        )
    return stated


def _dispute_anew(connection: Connection, row: Logged) -> None:
    if row.organization != REGISTRY:
        return
    action = parse_action(row.body or b"")
    if isinstance(action, KeyRevoked):
        names = tables.organizations.c
        org = connection.scalar(select(names.org).where(names.organization == action.organization))
        dispute(connection, org or 0, Revocation(action.key, action.last_good_sequence, row.index))


def _dispute_former(connection: Connection) -> None:
    """In a next log what was disputed before comes behind the decisions that dispute it."""
    orgs: dict[str, int] = dict(tuple(row) for row in connection.execute(
        select(tables.organizations.c.organization, tables.organizations.c.org)
    ))  # fmt: skip
    ends: dict[str, End] = {}
    query = (
        select(tables.log.c.index, tables.bodies.c.body)
        .join(tables.bodies, tables.bodies.c.index == tables.log.c.index)
        .where(tables.log.c.org == orgs.get(REGISTRY, -1))
        .order_by(tables.log.c.index)
    )
    for index, body in connection.execute(query).all():
        action = parse_action(bytes(body))
        if index == 0 and isinstance(action, LogReplaced):
            ends = action.ends
        if not ends:
            return
        if isinstance(action, KeyRevoked) and action.organization in ends:
            revocation = Revocation(action.key, action.last_good_sequence, index)
            dispute(connection, orgs[action.organization], revocation, ends[action.organization].sequence)


def entry_of(row: Logged, exclusions: Mapping[int, ExclusionStated], *, erased: bool) -> Entry:
    """Give a log entry in the form in which it is folded; `erased`: its body was destroyed."""
    statement = parse_statement(jws.take_apart(row.token, jws.EVENT).payload)
    stated = exclusions.get(row.index)
    record = None
    readable = row.kind != CONTROL and statement.action != "withdrawn" and row.marking not in FOR_NAMED
    if stated is None and readable and row.body is not None:
        record = orjson.loads(row.body)["record"]
    read = ViewOf(None, [], None)
    if isinstance(record, dict):
        read = view_of(row.kind, record, statement.time, statement.action)
    # Only a regional hub is without bodies that are neither erased nor left out.
    held = row.body is not None or row.marking in FOR_NAMED or erased
    return Entry(
        row.index, row.org, row.organization, row.kind, statement.subject.split("/", 2)[2], statement.action,
        row.marking, statement.time, row.sequence, row.lastindex, row.hash, row.token, row.body,
        stated.exclusion if stated else None, *read, erased, held=held,
    )  # fmt: skip
