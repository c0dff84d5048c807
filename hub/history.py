"""Reading the log back in order: at start to know the state, and in a rebuild to fold the view anew."""

import hashlib
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import ColumnElement, Connection, and_, select, text

from hub import tables
from hub.log_checks import LogDamaged, checked_tree
from hub.log_state import LogState, Speaker
from hub.tree import names_tree
from schemas.statement import CONTROL, Statement, parse_statement
from wire import jws
from wire.action_fold import chain_end, fold_action
from wire.actions import BadAction
from wire.encoding import from_b64url
from wire.examine import Message, examine
from wire.registry import HUB, REGISTRY, Registry
from wire.rotation import ROTATED, apply_rotation, check_rotation
from wire.trust import Trust

BATCH = 1000


@dataclass(slots=True)
class Logged:
    """A row of the log with its body, and the organization's id."""

    index: int
    org: int
    organization: str
    kind: str
    marking: str
    sequence: int
    lastindex: int
    hash: bytes
    token: bytes
    body: bytes | None


def load_state(connection: Connection, trust: Trust) -> LogState:
    """Derive what the hub must remember; LogDamaged if log and chains do not fit together."""
    state = LogState(trust.network, registry=Registry.begin(trust))
    _check_chains(connection)
    for row in connection.execute(select(tables.organizations).order_by(tables.organizations.c.org)):
        state.speakers[row.organization] = Speaker(
            row.org, row.organization, row.sequence, row.head, row.forked, row.last_index
        )
    table = tables.log
    newest = select(table.c.index, table.c.hash, table.c.token).order_by(table.c.index.desc()).limit(1)
    for index, digest, token in connection.execute(newest):
        state.size = index + 1
        _check_last(index, digest, token, state)
    _check_end(state)
    _load_registry(connection, trust, state)
    _load_seen(connection, state)
    state.tree = checked_tree(connection, trust.following(state.registry.log), state.size)
    for org, kind, marking, index in connection.execute(select(*tables.subjects.c)):
        state.last_on_subject[org, kind, marking] = index
    return state


def read_log(connection: Connection, start: int = 0, *, limit: int = BATCH) -> list[Logged]:
    """Give up to `limit` entries from index `start` on."""
    return log_of(connection, and_(tables.log.c.index >= start, tables.log.c.index < start + limit))


def log_of(connection: Connection, which: ColumnElement[bool]) -> list[Logged]:
    """Give the entries that fulfil a condition, in their order."""
    log, names, bodies = tables.log, tables.organizations, tables.bodies
    query = (
        select(
            log.c.index, log.c.org, names.c.organization, log.c.kind, log.c.marking, log.c.sequence, log.c.lastindex,
            log.c.hash, log.c.token, bodies.c.body,
        )
        .join(names, names.c.org == log.c.org)
        .outerjoin(bodies, bodies.c.index == log.c.index)
        .where(which)
        .order_by(log.c.index)
    )  # fmt: skip
    return [Logged(*cast("Any", row)) for row in connection.execute(query)]


def _check_chains(connection: Connection) -> None:
    """Every chain ends at the log entry that it says."""
    names, log = tables.organizations, tables.log
    ends = and_(
        log.c.index == names.c.last_index,
        log.c.org == names.c.org,
        log.c.sequence == names.c.sequence,
        log.c.hash == names.c.head,
    )
    query = (
        select(names.c.organization, names.c.last_index)
        .outerjoin(log, ends)
        .where(names.c.last_index >= 0, log.c.index.is_(None))
    )
    torn = connection.execute(query).first()
    if torn is not None:
        raise LogDamaged(
            f"log entry {torn.last_index} is not the last statement of {torn.organization}, whose chain ends there;"
            " restore a backup"
        )


def _load_seen(connection: Connection, state: LogState) -> None:
    """Once said it stays, so that the last statement of each organization tells it; not of a log before this one."""
    names, log = tables.organizations, tables.log
    query = select(names.c.organization, log.c.token).join(log, log.c.index == names.c.last_index)
    for organization, token in connection.execute(query):
        said = _statement(token)
        if said.seen_size is None or state.registry.is_former(organization, said.sequence_number):
            continue
        if organization in state.registry.ends:
            _find_seen(connection, state, organization)
        else:
            state.speakers[organization].seen = said.seen_size


def _find_seen(connection: Connection, state: LogState, organization: str) -> None:
    """In a next log: until a statement names a tree of it, what they name is the log before it."""
    speaker, log = state.speakers[organization], tables.log
    end = state.registry.ends[organization][0]
    query = select(log.c.index, log.c.token).where(log.c.org == speaker.number, log.c.sequence > end)
    for index, token in connection.execute(query.order_by(log.c.sequence)).all():
        seen = _statement(token).seen
        if seen and (speaker.seen >= 0 or names_tree(connection, seen, index)):
            speaker.seen = int(seen.partition(":")[0])


def _previous(token: bytes) -> bytes:
    return from_b64url(_statement(token).previous)


def _statement(token: bytes) -> Statement:
    try:
        return parse_statement(jws.take_apart(bytes(token), jws.EVENT).payload)
    except ValueError as error:
        raise LogDamaged(f"an entry of the log is no statement any more ({error}); restore a backup") from None


def _check_end(state: LogState) -> None:
    last = max((speaker.last_index for speaker in state.speakers.values()), default=-1)
    if last != state.size - 1:
        raise LogDamaged(f"the log ends at entry {state.size - 1}, the chains at {last}; restore a backup")


def _check_last(index: int, digest: bytes, token: bytes, state: LogState) -> None:
    try:
        payload = jws.take_apart(token, jws.EVENT).payload
    except jws.Malformed as error:
        raise LogDamaged(f"log entry {index} is no statement any more ({error}); restore a backup") from None
    if hashlib.sha256(payload).digest() != digest:
        raise LogDamaged(f"log entry {index} does not have the hash that was written beside it; restore a backup")
    speaker = state.speakers.get(parse_statement(payload).organization)
    if speaker is None or speaker.last_index != index or speaker.head != digest:
        raise LogDamaged(f"log entry {index} is not the last statement of its organization's chain; restore a backup")


def _load_registry(connection: Connection, trust: Trust, state: LogState) -> None:
    """Fold the decisions of the roots and the rotations of the organizations, in the order of the log.

    Verified again at every start: whoever could write into the database still could not admit anybody.
    """
    log, bodies, left_out, names = tables.log, tables.bodies, tables.exclusions, tables.organizations
    query = (
        select(
            log.c.index, names.c.organization, log.c.sequence, log.c.hash, log.c.token, bodies.c.body,
            left_out.c.index.label("left_out"),
        )
        .join(names, names.c.org == log.c.org)
        .outerjoin(bodies, bodies.c.index == log.c.index)
        .outerjoin(left_out, left_out.c.index == log.c.index)
        .where(text("log.kind = 'control'"), names.c.organization != HUB)
        .order_by(log.c.index)
    )  # fmt: skip
    end = (0, trust.digest)
    for index, organization, sequence, digest, token, body, excluded in connection.execute(query):
        try:
            if organization == REGISTRY:
                previous = _previous(token) if index == 0 else end[1]
                place = {"index": index, "sequence": sequence, "previous": previous, "statement": bytes(digest)}
                fold_action(body or b"", state.registry, **place)
                end = chain_end(state.registry, index, end, (sequence, bytes(digest)))
            else:
                message = Message(organization, CONTROL, bytes(token), body)
                _fold_rotation(message, state.registry, index, excluded=excluded is not None)
        except BadAction as error:
            raise LogDamaged(f"log entry {index}, a decision of the roots: {error}; restore a backup") from None


def _fold_rotation(message: Message, registry: Registry, index: int, *, excluded: bool) -> None:
    event = examine(message, registry.network, registry.keys)
    if event.said is None or event.said.type != ROTATED:
        return
    member = registry.members.get(message.organization)
    period = member.period(event.kid) if member is not None else None
    fault = event.exclusion or (event.rotation and check_rotation(event.rotation, registry))
    former = registry.is_former(message.organization, event.said.sequence)
    valid = period is not None and (former or period.valid_at(index))
    if event.signature is not True or not valid or (fault is not None) != excluded:
        raise LogDamaged(f"log entry {index}, a rotation of {message.organization}, does not verify; restore a backup")
    if event.rotation is not None and not excluded:
        apply_rotation(event.rotation, registry, index=index)
