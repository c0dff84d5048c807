"""The node's answers as JSON values: records in the contract's form, and how everything stands."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import orjson

from node.alarms import evidence_path
from node.bus_key import in_words
from node.progress import Alarm
from node.settling import WAYS_OUT
from node.store import Chain, Judged, LogStore, Ordered, Raised, Reading, Relay, Stood
from node.store.reading import ERASED, Counts
from schemas.freshness import freshness
from wire.encoding import b64url
from wire.reasons import EXPLANATIONS, Reason
from wire.seal import timestamp


def record_form(stood: Stood, organization: str, today: date | None = None) -> dict[str, Any]:
    """Give a record as the hub's API does, with how far it has come, in a word and step by step."""
    kept = stood.kept
    if kept.state == ERASED:
        return _erased_form(stood, organization)
    day = today or datetime.now(UTC).date()
    due = None if kept.due is None else date.fromisoformat(kept.due)
    form = {
        "kind": kept.kind,
        "org": organization,
        "id": kept.id,
        "marking": kept.marking,
        **({"recipients": list(kept.recipients)} if kept.recipients else {}),
        "record": kept.record,
        "statement": None if stood.hash is None else b64url(stood.hash),
        "index": stood.place,
        "sequence": kept.sequence,
        "published": stood.time,
        "freshness": freshness(due, day),
        "status": kept.state,
        "progress": progress(stood),
        "delivery": _delivery_form(stood),
    }
    if stood.judged is not None:
        form["judgement"] = judgement_form(stood.judged)
    return form


def _erased_form(stood: Stood, organization: str) -> dict[str, Any]:
    """Say that there was a record: its content is gone, here too."""
    kept = stood.kept
    address = {"kind": kept.kind, "org": organization, "id": kept.id, "marking": kept.marking, "record": None}
    said = {"statement": None if stood.hash is None else b64url(stood.hash), "index": stood.place}
    told = {"sequence": kept.sequence, "published": stood.time, "freshness": None, "status": ERASED}
    return {**address, **said, **told, "progress": progress(stood)}


def erasure_form(order: Ordered) -> dict[str, Any]:
    """Give an order to erase, and who has obeyed as far as the hub has told."""
    return {
        "sequence": order.sequence,
        "order": b64url(order.hash),
        "kind": order.kind,
        "id": order.id,
        "statements": order.statements,
        "reason": order.reason,
        "at": order.at,
        "index": order.index,
        "confirmed": order.confirmed,
        "missing": order.missing,
        "as_of": order.asked,
    }


def progress(stood: Stood) -> str:
    """Tell how far a record's last change has come.

    local · waiting (for the join) · sealed · sent · logged · witnessed · delivered: witnessed, and in the view.
    """
    if stood.kept.state == "local":
        return "local"
    if stood.kept.sequence is None:
        return "waiting"
    if stood.witnessed:
        return "delivered" if _in_view(stood) else "witnessed"
    return "logged" if stood.logged else "sent" if stood.sent else "sealed"


def _delivery_form(stood: Stood) -> dict[str, Any]:
    """Give which steps were taken, the place in the log as read or as told, and when; None: time not kept, or not yet.

    The receipt that tells that an event is logged tells too if it is left out of the view: one time for both.
    """
    sealed, times = stood.kept.state != "local" and stood.kept.sequence is not None, stood.times
    steps = {
        "saved": (True, stood.kept.changed),
        "signed": (sealed, stood.time),
        "sent": (sealed and stood.sent, times.sent),
        "logged": (sealed and stood.logged, times.logged),
        "witnessed": (sealed and stood.witnessed, times.witnessed),
        "in_view": (sealed and _in_view(stood), times.logged),
    }
    return {
        **{step: taken for step, (taken, _) in steps.items()},
        "index": stood.place if stood.place is not None else stood.promised if sealed and stood.logged else None,
        "times": {step: at if taken else None for step, (taken, at) in steps.items()},
    }


def _in_view(stood: Stood) -> bool:
    return stood.logged and (stood.judged is None or stood.judged.severity != "warning")


def judgement_form(judged: Judged) -> dict[str, Any]:
    """Give what the hub said of an event, with what to do about it."""
    known = judged.reason in Reason.__members__.values()
    explanation = EXPLANATIONS[Reason(judged.reason)] if known else None
    return {
        "sequence": judged.sequence,
        "severity": judged.severity,
        "reason": judged.reason,
        "meaning": explanation.meaning if explanation else "",
        "what_to_do": explanation.remedy if explanation else "",
        "found": judged.found,
        "expected": judged.expected,
        "problems": orjson.loads(judged.problems),
        "at": judged.at,
    }


def status_form(
    reading: Reading, relay: Relay, log: LogStore, orders: Sequence[Ordered], *, served: bool,
    now: datetime | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Give how far all events have come; bus; outbox; the log as witnessed here; what is judged and erased."""
    chain, counts = reading.chain(), reading.counts()
    bus = relay.bus if served else "off"
    return {
        "organization": chain.organization,
        "network": chain.network,
        "as_of": now_text(now),
        "served": served,
        "alarm": _chain_alarm_form(chain),
        "records": _records_form(counts),
        "sealed": chain.sequence,
        "sent": max(relay.sent, relay.logged),
        "logged": relay.logged,
        "witnessed": relay.witnessed,
        "in_view": relay.logged - counts.left_out,
        "delivered": relay.witnessed - counts.left_out_witnessed,
        "logged_index": relay.logged_index if relay.logged_index >= 0 else None,
        "waiting_for_join": counts.pending,
        "outbox": {"events": counts.outbox, "oldest": counts.oldest},
        "bus": {
            "state": bus,
            "reason": in_words(relay.bus_reason) if served else "not served",
            "since": relay.bus_since or None,
        },
        "hub": {
            "state": relay.hub_state,
            "reason": relay.hub_reason,
            "receipt_at": relay.receipt_at,
            "received_at": relay.received_at,
        },
        "trouble": relay.trouble,
        "log": _log_form(log),
        "alarms": [_alarm_form(each) for each in log.alarms()],
        "judgements": [judgement_form(each) for each in reading.judgements()],
        "erasures": [erasure_form(each) for each in orders],
    }


def _log_form(log: LogStore) -> dict[str, Any]:
    position, tree = log.position(), log.cosigned()
    return {
        "read": position.size,
        "known": max(position.target, position.size),
        "trouble": position.trouble,
        "cosigned": None if tree is None else {"size": tree.size, "root": b64url(tree.root), "at": tree.at},
        "stopped_by": log.stopped(),
    }


def alarms_form(chain: Chain, log: LogStore) -> list[dict[str, Any]]:
    """Give all alarms in one form: those of the witness, oldest first, and that of the chain, which has no number."""
    found = [_alarm_form(each) for each in log.alarms()]
    if chain.alarm is not None:
        of_chain = {
            "number": None,
            "name": chain.alarm,
            "stops": True,
            "text": chain.alarm_text,
            "what_to_do": WAYS_OUT[Alarm(chain.alarm)],
            "size": None,
            "at": None,
            "evidence": None,
            "settled": None,
        }
        found.append(of_chain)
    return found


def standing_alarms(chain: Chain, log: LogStore) -> list[dict[str, Any]]:
    """Give the alarms that a person must act on before all goes on."""
    return [each for each in alarms_form(chain, log) if each["stops"] and each["settled"] is None]


def _chain_alarm_form(chain: Chain) -> dict[str, Any] | None:
    if chain.alarm is None:
        return None
    return {"state": chain.alarm, "reason": chain.alarm_text, "what_to_do": WAYS_OUT[Alarm(chain.alarm)]}


def _alarm_form(raised: Raised) -> dict[str, Any]:
    finding = raised.finding
    return {
        "number": raised.number,
        "name": str(finding.name),
        "stops": finding.stops,
        "text": finding.text,
        "what_to_do": WAYS_OUT[finding.name],
        "size": finding.size,
        "at": raised.at,
        "evidence": str(evidence_path(Path(), finding)),  # below the state directory
        "settled": None if raised.settled is None else {"at": raised.settled, "reason": raised.reason},
    }


def alarmed(status: dict[str, Any]) -> bool:
    """Whether a status shows something that a person must act on before all goes on."""
    return status["alarm"] is not None or any(each["stops"] and each["settled"] is None for each in status["alarms"])


def _records_form(counts: Counts) -> dict[str, int]:
    shown = {"current": counts.current, "withdrawn": counts.withdrawn, "local": counts.local}
    return {**shown, "erased": counts.erased}


def now_text(now: datetime | None = None) -> str:
    """Give a moment, or this one, as the API writes it."""
    return timestamp(now or datetime.now(UTC))
