"""What operators see of each node: its state and why, and all that the state is judged by, each with its time."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, func, select

from hub import tables
from hub.access import VISIBLE, Role
from hub.filters import Page
from hub.node_queries import list_nodes
from hub.node_states import State, moment, nodes_of, rhythm_of
from hub.operating import refused, watching
from hub.operating.tables import maintenance, notes
from hub.queries import list_records
from schemas.sentences import gettext_noop as N_
from schemas.statement import parse_statement
from wire import jws
from wire.registry import Member, Registry
from wire.seal import timestamp

DAY: Final = timedelta(days=1)
SHOWN_DAYS: Final = 90
SKEW_SECONDS: Final = 60
MAX_RANGES: Final = 20
# What a person must look at first; what is on purpose or over comes last.
ATTENTION: Final = (
    State.FORKED, State.REFUSED, State.SILENT, State.BEHIND, State.SUSPENDED, State.QUIET, State.MAINTENANCE,
    State.UNKNOWN, State.LIVE, State.RETIRED,
)  # fmt: skip
# What is judged by what comes in: of it a hub that is blind knows nothing.
SEEN: Final = frozenset({State.LIVE, State.QUIET, State.BEHIND, State.SILENT, State.REFUSED})
FINE: Final = frozenset({State.LIVE, State.MAINTENANCE, State.RETIRED, State.UNKNOWN})  # a regional hub knows no more
Held = Callable[[str], Sequence[int]]  # organization → sequences that came early and wait


def operators_nodes(
    connection: Connection, registry: Registry, now: datetime, held: Held, blind_since: str | None = None
) -> list[dict[str, Any]]:
    """Give all nodes as operators see them, what needs attention first.

    To what the public sees of a node: refusals of 24 hours by reason, what is missing by number, rhythm and pause in
    seconds, key, contact, notes, maintenance, events by hour. While the hub is blind, `state` is unknown where it would
    have to be seen, and `last_state` says what it was.
    """
    members = {member.organization: member for member in nodes_of(registry)}
    more = _Around(connection, list(members.values()), now)
    found = [
        {**_seen(node, blind_since), **more.of(members[node["org"]], node, list(held(node["org"])))}
        for node in list_nodes(connection, registry, now)
    ]
    return sorted(found, key=lambda node: (-node["attention"], node["org"]))


def missing_numbers(sequence: int, announced: int | None, held: Sequence[int]) -> list[tuple[int, int]]:
    """Give the sequences that were announced or are awaited by later ones, and have not come: from, to."""
    last = max(announced or 0, max(held, default=0) - 1)
    found, start = [], sequence + 1
    for number in sorted(each for each in held if each > sequence):
        if start < number:
            found.append((start, number - 1))
        start = number + 1
    if start <= last:
        found.append((start, last))
    return found[:MAX_RANGES]


def _seen(node: dict[str, Any], blind_since: str | None) -> dict[str, Any]:
    if blind_since is None or node["state"] not in SEEN:
        return node
    reason = N_("The hub itself does not see now.")
    return {**node, "state": watching.UNKNOWN, "last_state": node["state"], "since": blind_since, "reason": reason}


class _Around:
    """What is asked once for all nodes."""

    def __init__(self, connection: Connection, members: Sequence[Member], now: datetime) -> None:
        self._connection = connection
        self._now = now
        self._refused = refused.refused_since(connection, now - DAY)
        self._hours = watching.hours(connection, now)
        self._histories = watching.histories(connection, now - SHOWN_DAYS * DAY)
        self._windows = {row.organization: row for row in connection.execute(select(maintenance))}
        counted = select(notes.c.organization, func.count()).group_by(notes.c.organization)
        self._notes = {row[0]: row[1] for row in connection.execute(counted)}
        last = select(func.max(notes.c.number)).group_by(notes.c.organization)
        texts = select(notes.c.organization, notes.c.text).where(notes.c.number.in_(last))
        self._last_notes = {row.organization: row.text for row in connection.execute(texts)}
        self._numbers = {
            row.organization: row.org
            for row in connection.execute(select(tables.organizations.c.organization, tables.organizations.c.org))
        }
        self._key_times = self._times([member.keys[-1].start - 1 for member in members if member.keys])
        self._contacts = self._find_contacts([member.organization for member in members])

    def of(self, member: Member, node: dict[str, Any], held: list[int]) -> dict[str, Any]:
        """Give what belongs to one node."""
        name = member.organization
        missing = missing_numbers(node["sequence"], node["head_sequence"], held)
        states = self._histories.get(name, [])
        refusals = self._refused.get(name, {})
        last_at = moment(node["last_event"])
        rhythm = rhythm_of(self._connection, self._numbers[name], node["sequence"]) if name in self._numbers else None
        return {
            "since": states[-1][0] if states else None,
            "refused_24h": refusals,
            "missing": missing,
            "held": len(held),
            "rhythm_seconds": None if rhythm is None else int(rhythm.total_seconds()),
            "idle_seconds": int((self._now - last_at).total_seconds()) if last_at else None,
            "key": self._key(member),
            "contact": self._contacts.get(name),
            "notes": self._notes.get(name, 0),
            "last_note": self._last_notes.get(name),
            "maintenance": self._window(name),
            "hours": self._hours.get(name, [None] * 24),
            "states": states,
            "attention": _attention(node, refusals, missing),
        }

    def _key(self, member: Member) -> dict[str, Any]:
        valid = member.period_now
        if valid is None:
            return {"id": None, "since": None, "index": None, "next_committed": bool(member.next_key)}
        entry = valid.start - 1  # what registered it; it is valid from the next one on
        since = self._key_times.get(entry)
        return {
            "id": valid.key.thumbprint, "since": since, "index": entry, "next_committed": bool(member.next_key),
        }  # fmt: skip

    def _times(self, indices: Sequence[int]) -> dict[int, str]:
        log = tables.log.c
        query = select(log.index, log.token).where(log.index.in_(set(indices)))
        found = {}
        for index, token in self._connection.execute(query):
            found[index] = parse_statement(jws.take_apart(bytes(token), jws.EVENT).payload).time
        return found

    def _window(self, organization: str) -> dict[str, str] | None:
        row = self._windows.get(organization)
        if row is None or row.ends <= timestamp(self._now):
            return None
        return {"begins": row.begins, "ends": row.ends, "reason": row.reason, "who": row.who}

    def _find_contacts(self, names: Sequence[str]) -> dict[str, dict[str, Any]]:
        """The technical contact of each node as it published it, or else its first contact."""
        asked = Page(kind=["contact"], limit=500)
        found: dict[str, dict[str, Any]] = {}
        for item in list_records(self._connection, asked, VISIBLE[Role.OPERATOR], self._now.date()).items:
            record = item["record"]
            if item["org"] not in names or record is None:
                continue
            technical = "node_technical" in record.get("roles", ())
            if item["org"] not in found or (technical and not found[item["org"]]["technical"]):
                emails = [each["address"] for each in record.get("emails", ())]
                phones = [each["number"] for each in record.get("phones", ())]
                found[item["org"]] = {
                    "id": item["id"], "name": record["name"], "email": emails[0] if emails else None,
                    "phone": phones[0] if phones else None, "technical": technical,
                }  # fmt: skip
        return found


def _attention(node: dict[str, Any], refusals: dict[str, int], missing: Sequence[tuple[int, int]]) -> int:
    """How much a node needs a person: by its state, and by what its state does not say."""
    place = len(ATTENTION) - ATTENTION.index(State(node["state"]))
    also = bool(refusals) + bool(missing) + (abs(node["clock_skew"] or 0) > SKEW_SECONDS)
    fine = node["state"] in FINE and not also
    return 0 if fine else 10 * (0 if node["state"] in FINE else place) + also
