"""How the hub sees each node: one state word and a plain reason, from what was logged, announced and registered."""

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Final, NamedTuple

from sqlalchemy import Connection, Engine, select

from hub import tables
from hub.operating import tables as operating
from schemas.sentences import gettext_noop as N_
from schemas.sentences import sentence
from schemas.statement import parse_statement
from wire import jws
from wire.reasons import EXPLANATIONS, Reason
from wire.registry import HUB, REGISTRY, Member, Registry, Standing
from wire.seal import timestamp

SILENT_AFTER: Final = timedelta(seconds=90)
BEHIND_AFTER: Final = timedelta(seconds=60)
# A node that publishes in bursts must not be called quiet between two of them.
QUIET_AT_LEAST: Final = timedelta(days=1)
QUIET_FACTOR: Final = 3
RHYTHM_EVENTS: Final = 20
REGIONAL: Final = "following"  # the cursor of a regional hub, hub/following/writing.py


class State(StrEnum):
    """State words of a node, from the mildest to the gravest; where several hold, the gravest is said.

    `unknown` is what a regional hub says, which hears no node: only what the log tells is known there.
    """

    LIVE = "live"
    QUIET = "quiet"
    BEHIND = "behind"
    SILENT = "silent"
    REFUSED = "refused"
    FORKED = "forked"
    MAINTENANCE = "maintenance"
    SUSPENDED = "suspended"
    RETIRED = "retired"
    UNKNOWN = "unknown"


class Maintenance(NamedTuple):
    """Until when an operator has said that a node is away on purpose, and why."""

    ends: datetime
    reason: str


class Sighting(NamedTuple):
    """What the hub knows of one node. Times are the hub's own clock; `rhythm` is the longest recent pause it made."""

    sequence: int
    forked: bool
    last_at: datetime | None
    head_sequence: int | None
    head_at: datetime | None
    behind_since: datetime | None
    refused_at: datetime | None
    refused_reason: str | None
    rhythm: timedelta | None
    unheard: bool = False  # by a regional hub
    maintenance: Maintenance | None = None  # one that has begun


def judge_state(seen: Sighting, member: Member, now: datetime) -> tuple[State, str]:
    """Give the state word and the reason in a sentence."""
    if member.standing is Standing.RETIRED:
        return State.RETIRED, N_("The organization has left the network for good.")
    if member.standing is Standing.SUSPENDED:
        return State.SUSPENDED, N_("The organization is suspended; its events wait in its outbox.")
    if seen.maintenance is not None and now < seen.maintenance.ends:
        ends = f"{seen.maintenance.ends:%d %b %H:%M} UTC"
        word, why = _state_of_active(seen, member, now)
        return State.MAINTENANCE, sentence(
            "Maintenance until {ends}: {reason} (Otherwise {place}: {cause})",
            ends=ends,
            reason=seen.maintenance.reason,
            place=word,
            cause=why,
        )
    return _state_of_active(seen, member, now)


def _state_of_active(seen: Sighting, member: Member, now: datetime) -> tuple[State, str]:
    if seen.forked:
        return State.FORKED, N_("Two different statements claim one place in its chain; its key must be rotated.")
    if member.key_now is None:
        return State.REFUSED, N_(
            "The roots have revoked its key: nothing that it signs is accepted until they register another one."
        )
    if seen.refused_at is not None and (seen.last_at is None or seen.last_at < seen.refused_at):
        return State.REFUSED, sentence("Its last event was refused: {means}.", means=_meaning(seen.refused_reason))
    if seen.unheard:
        return State.UNKNOWN, N_("A regional hub hears no nodes; the hub that it follows says how it sees this one.")
    if seen.head_at is None:
        return State.SILENT, N_("The node has never announced itself.")
    if now - seen.head_at > SILENT_AFTER:
        return State.SILENT, sentence("No head for {found}.", found=_span(now - seen.head_at))
    if _to_come(seen.head_at, now):
        return State.SILENT, N_("No head since the hub's clock was set back: the last one bears a time to come.")
    return _state_of_announced(seen, now)


def _state_of_announced(seen: Sighting, now: datetime) -> tuple[State, str]:
    missing = lag_events(seen)
    waited = timedelta(0) if seen.behind_since is None else now - seen.behind_since
    if seen.behind_since is not None and _to_come(seen.behind_since, now):
        waited = BEHIND_AFTER  # at least
    if missing and waited >= BEHIND_AFTER:
        return State.BEHIND, sentence(
            "{missing} events that it announced are missing since {found}.", missing=missing, found=_span(waited)
        )
    idle = now - seen.last_at if seen.last_at is not None else None
    if idle is not None and seen.rhythm is not None and idle > max(QUIET_AT_LEAST, QUIET_FACTOR * seen.rhythm):
        return State.QUIET, sentence("No event for {found}, longer than usual.", found=_span(idle))
    return State.LIVE, N_("All that it announced is in the log.") if not missing else sentence(
        "{missing} events are on their way.", missing=missing
    )


def _to_come(at: datetime, now: datetime) -> bool:
    """Whether a time was noted by a clock that has been set back since; until then it would say nothing."""
    return at - now > SILENT_AFTER


def behind_since(before: str | None, announced: int | None, logged: int, head: int, at: str) -> str | None:
    """Since when heads are beyond the log: `before` as kept with the last head, `announced` by it; `head` came at `at`.

    A node that publishes steadily is always a little ahead: it is not behind once the log has what it announced before.
    """
    if head <= logged:
        return None
    return before if before and announced is not None and logged < announced else at


def lag_events(seen: Sighting) -> int:
    """How many announced events are not in the log."""
    return max(0, (seen.head_sequence or 0) - seen.sequence)


def lag_seconds(seen: Sighting, now: datetime) -> int:
    """For how long announced events have been missing; 0 if none are."""
    if not lag_events(seen) or seen.behind_since is None:
        return 0
    return max(0, int((now - seen.behind_since).total_seconds()))


def seen_by(engine: Engine, registry: Registry, organization: str, now: datetime | None = None) -> tuple[str, str]:
    """Give how the hub sees one node, for its receipts: state word and reason."""
    member = registry.members.get(organization)
    if member is None:
        return State.REFUSED, N_("The organization is not in the registry.")
    with engine.connect() as connection:
        found = sightings(connection, [organization], now or datetime.now(UTC)).get(organization)
    return judge_state(found or NEVER_SEEN, member, now or datetime.now(UTC))


def nodes_of(registry: Registry) -> list[Member]:
    """Give the members that run a node: all but the hub and the registry."""
    return [member for name, member in sorted(registry.members.items()) if name not in {HUB, REGISTRY}]


# Seconds, and what one and several of them are called.
_SPANS: Final = (
    (86_400, N_("1 day"), N_("{n} days")),
    (3_600, N_("1 hour"), N_("{n} hours")),
    (60, N_("1 minute"), N_("{n} minutes")),
    (1, N_("1 second"), N_("{n} seconds")),
)
NEVER_SEEN: Final = Sighting(0, False, None, None, None, None, None, None, None)


def sightings(connection: Connection, names: list[str], now: datetime) -> dict[str, Sighting]:
    """Give what the tables hold of these organizations."""
    table = tables.organizations
    found = {}
    regional = select(tables.cursors.c.name).where(tables.cursors.c.name == REGIONAL)
    unheard = connection.scalar(regional) is not None
    away = _maintenance(connection, names, now)
    for row in connection.execute(select(table).where(table.c.organization.in_(names))):
        last_at = moment(row.last_at)
        # The rhythm matters only to nodes that might be quiet, and reading it costs a query.
        asked = last_at is not None and now - last_at > QUIET_AT_LEAST
        found[row.organization] = Sighting(
            row.sequence,
            row.forked,
            last_at,
            row.head_sequence,
            moment(row.head_at),
            moment(row.behind_since),
            moment(row.refused_at),
            row.refused_reason,
            rhythm_of(connection, row.org, row.sequence) if asked and not unheard else None,
            unheard,
            away.get(row.organization),
        )
    return found


def _maintenance(connection: Connection, names: list[str], now: datetime) -> dict[str, Maintenance]:
    table, at = operating.maintenance, timestamp(now)
    query = select(table).where(table.c.organization.in_(names), table.c.begins <= at, table.c.ends > at)
    return {
        row.organization: Maintenance(datetime.fromisoformat(row.ends), row.reason) for row in connection.execute(query)
    }


def moment(text: str | None) -> datetime | None:
    """Read a time as the tables write it."""
    return None if text is None else datetime.fromisoformat(text)


def rhythm_of(connection: Connection, org: int, sequence: int) -> timedelta | None:
    """Give the longest pause between the last events; None where there are too few to learn from."""
    log = tables.log
    query = select(log.c.token).where(log.c.org == org, log.c.sequence > sequence - RHYTHM_EVENTS)
    tokens = connection.scalars(query.order_by(log.c.sequence))
    times = sorted(_said_at(token) for token in tokens)
    pauses = [later - earlier for earlier, later in pairwise(times)]
    return max(pauses) if len(pauses) >= 2 else None


def _said_at(token: bytes) -> datetime:
    return datetime.fromisoformat(parse_statement(jws.take_apart(bytes(token), jws.EVENT).payload).time)


def _meaning(reason: str | None) -> str:
    try:
        return EXPLANATIONS[Reason(reason or "")].meaning
    except ValueError:
        return N_("the reason is not known")


def _span(span: timedelta) -> str:
    seconds = int(span.total_seconds())
    for size, one, many in _SPANS:
        if seconds >= size:
            count = seconds // size
            return one if count == 1 else sentence(many, n=count)
    return sentence("{n} seconds", n=seconds)
