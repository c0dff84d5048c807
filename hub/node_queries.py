"""What readers ask about the network: nodes and their states, the quarantine, and counts."""

import base64
import threading
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, func, select

from hub import tables
from hub.access import VISIBLE, Role
from hub.filters import PageOnly
from hub.finding.facet_counts import count_kinds
from hub.node_states import NEVER_SEEN, Sighting, judge_state, lag_events, lag_seconds, nodes_of, sightings
from hub.search import position
from schemas.sentences import gettext_noop as N_
from schemas.sentences import sentence
from schemas.statement import ValidationError, parse_statement
from wire import jws
from wire.encoding import b64url
from wire.registry import Member, Registry

MAX_SHOWN: Final = 16_384  # bytes of a refused body; the command `quarantine show` gives it whole


def list_nodes(connection: Connection, registry: Registry, now: datetime | None = None) -> list[dict[str, Any]]:
    """Give all nodes by organization: state and reason, how far they came, when they last spoke."""
    return [_node(*each) for each in _seen(connection, nodes_of(registry), now or datetime.now(UTC))]


def one_node(
    connection: Connection, registry: Registry, organization: str, now: datetime | None = None
) -> dict[str, Any] | None:
    """Give one node; None if no such organization was admitted."""
    members = [member for member in nodes_of(registry) if member.organization == organization]
    return next((_node(*each) for each in _seen(connection, members, now or datetime.now(UTC))), None)


def _seen(
    connection: Connection, members: Sequence[Member], now: datetime
) -> list[tuple[Member, Sighting, Row[Any] | None, datetime]]:
    names = [member.organization for member in members]
    seen = sightings(connection, names, now)
    table = tables.organizations
    rows = {row.organization: row for row in connection.execute(select(table).where(table.c.organization.in_(names)))}
    return [(m, seen.get(m.organization, NEVER_SEEN), rows.get(m.organization), now) for m in members]


def _node(member: Member, seen: Sighting, row: Row[Any] | None, now: datetime) -> dict[str, Any]:
    state, reason = judge_state(seen, member, now)
    return {
        "org": member.organization,
        "name": member.name,
        "state": state.value,
        "reason": reason,
        "sequence": seen.sequence,
        "lag_events": lag_events(seen),
        "lag_seconds": lag_seconds(seen, now),
        "last_event": row and row.last_at,
        "last_head": row and row.head_at,
        "head_sequence": seen.head_sequence,
        "clock_skew": row and row.clock_skew,
        "software": row and row.software,
        "refused_at": row and row.refused_at,
        "refused_reason": row and row.refused_reason,
    }


def list_quarantine(
    connection: Connection, organizations: Sequence[str], page: PageOnly, reasons: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """Give refused messages by number, one more than the page holds if there are more. Not attributable."""
    table = tables.quarantine
    query = select(table).where(table.c.number > (page.after or 0)).order_by(table.c.number).limit(page.limit + 1)
    if organizations:
        query = query.where(table.c.bus_organization.in_(organizations))
    if reasons:
        query = query.where(table.c.reason.in_(reasons))
    return [_refused(row) for row in connection.execute(query)]


def one_refused(connection: Connection, number: int) -> dict[str, Any] | None:
    """Give one refused message; None if it is not there, or not any more."""
    row = connection.execute(select(tables.quarantine).where(tables.quarantine.c.number == number)).first()
    return None if row is None else _refused(row)


def refused_by_reason(connection: Connection, organization: str | None = None) -> list[dict[str, Any]]:
    """Give what is in quarantine by reason: messages, repetitions too, and when the last one came; most first."""
    table = tables.quarantine.c
    query = select(table.reason, func.count(), func.sum(table.times), func.max(table.at)).group_by(table.reason)
    if organization is not None:
        query = query.where(table.bus_organization == organization)
    found = [
        {"reason": reason, "messages": int(messages), "times": int(times), "last": last}
        for reason, messages, times, last in connection.execute(query)
    ]
    return sorted(found, key=lambda each: (-each["messages"], each["reason"]))


def _refused(row: Row[Any]) -> dict[str, Any]:
    return {
        "number": row.number,
        "at": row.at,
        "times": row.times,
        "org": row.bus_organization,
        "kind": row.bus_kind,
        "sequence": row.sequence,
        "reason": row.reason,
        "found": row.found,
        "expected": row.expected,
        "statement": b64url(bytes(row.digest)),
        "token": _readable(row.token),
        "body": None if row.body is None else _shown_body(bytes(row.token), row.body),
    }


def _shown_body(token: bytes, body: bytes) -> dict[str, Any]:
    """Give a refused body if its statement, signed or not, says that operators may see it; otherwise its length."""
    try:
        marking = parse_statement(jws.take_apart(token, jws.EVENT).payload).marking
    except (jws.Malformed, ValidationError):
        marking = None
    if marking in VISIBLE[Role.OPERATOR]:
        return _readable(body)
    return {
        "withheld": sentence("marked {marking}", marking=marking) if marking else N_("its marking cannot be read"),
        "bytes": len(body),
    }


def _readable(data: bytes) -> dict[str, Any]:
    """Give bytes of a stranger as text if they are text, and as base64 otherwise; shortened if long."""
    data, shortened = bytes(data[:MAX_SHOWN]), len(data) > MAX_SHOWN
    try:
        shown = {"text": data.decode("utf-8")}
    except UnicodeDecodeError:
        shown = {"base64": base64.b64encode(data).decode()}
    return {**shown, "shortened": shortened}


class StatementCounts:
    """Statements by kind, counted once and then kept up to date: the log only grows."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counted = 0
        self._kinds: Counter[str] = Counter()

    def by_kind(self, connection: Connection, size: int) -> dict[str, int]:
        """Give the counts of the first `size` entries, or of more if more have been counted."""
        with self._lock:
            if size > self._counted:
                log = tables.log.c
                query = select(log.kind, func.count()).where(log.index >= self._counted, log.index < size)
                for kind, count in connection.execute(query.group_by(log.kind)):
                    self._kinds[kind] += count
                self._counted = size
            return dict(sorted(self._kinds.items()))


def stats(connection: Connection, counts: StatementCounts, size: int, markings: Sequence[str]) -> dict[str, Any]:
    """Give counts: statements are public, records are counted only as far as they may be seen."""
    names = tables.organizations.c
    by_organization = select(names.organization, names.sequence).order_by(names.organization)
    return {
        "log_size": size,
        "statements": {
            "by_kind": counts.by_kind(connection, size),
            "by_organization": _pairs(connection, by_organization),
        },
        "records": _records(connection, size, markings),
        "excluded": _count(connection, tables.exclusions),
        "quarantine": _count(connection, tables.quarantine),
    }


def _records(connection: Connection, size: int, markings: Sequence[str]) -> dict[str, int]:
    """Give kept counts where they are up to date, so that nobody counts a million; else count."""
    if position(connection) >= size:
        return count_kinds(connection, markings)
    records = tables.records.c
    query = select(records.kind, func.count()).where(*tables.shown(), records.marking.in_(markings))
    return _pairs(connection, query.group_by(records.kind).order_by(records.kind))


def _count(connection: Connection, table: Any) -> int:
    return connection.scalar(select(func.count()).select_from(table)) or 0


def _pairs(connection: Connection, query: Any) -> dict[str, int]:
    return {str(name): int(number) for name, number in connection.execute(query)}
