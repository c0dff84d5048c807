"""Seals events, and judges each as the hub will: what would be refused, or not be shown, never enters the chain."""

from datetime import datetime
from typing import NamedTuple

from node.store import Chain, Statement
from schemas.problems import Problem
from wire.examine import Message, examine
from wire.keys import SigningKey
from wire.reasons import EXPLANATIONS, Reason
from wire.registry import KeyPeriod, Member, Registry, Standing
from wire.seal import Place, TooLarge, seal, timestamp
from wire.verdict import Accepted, Refused, judge
from wire.verdict import Chain as Judged

ENCRYPTED = ("TLP:AMBER", "TLP:AMBER+STRICT")


class Refusal(ValueError):
    """The change is not made. `reason` is a word of the contract, or of this node; `problems` name the fields."""

    def __init__(self, reason: str, message: str, problems: tuple[Problem, ...] = ()) -> None:
        super().__init__(message)
        self.reason = reason
        self.problems = problems


class Event(NamedTuple):
    """What is to be said of one record, not sealed yet."""

    kind: str
    id: str
    action: str
    marking: str
    body: bytes


class Sealer:
    """Seals with the organization's key, each event at the place that the chain gives it."""

    def __init__(self, organization: str, key: SigningKey) -> None:
        self._organization = organization
        self._key = key
        self._keys = {key.public.thumbprint: key.public}
        self._registry = Registry()
        member = Member(organization, organization, Standing.ACTIVE, -1, bytes(32), (KeyPeriod(key.public, 0),), None)
        self._registry.admit(member)

    def seal(self, chain: Chain, event: Event, now: datetime) -> Statement:
        """Seal one event as the next of `chain`; Refusal if the hub would not log it, or not show it."""
        if chain.network is None:
            raise Refusal("not-joined", "the node has not joined a network yet")
        place = Place(chain.network, chain.organization, chain.sequence + 1, chain.head)
        subject = f"{event.kind}/{chain.organization}/{event.id}"
        event_type = f"liaison.{event.kind}.{event.action}"
        try:
            sealed = seal(
                place,
                self._key,
                subject=subject,
                event_type=event_type,
                marking=event.marking,
                body=event.body,
                now=now,
                seen=chain.seen,
            )
        except TooLarge as error:
            raise Refusal(Reason.TOO_LARGE, f"{event.kind}/{event.id}: {error}") from None
        self._check(chain, event, sealed.token)
        return Statement(
            place.sequence, event.kind, event.id, event.action, event.marking, timestamp(now), sealed.hash,
            sealed.token, event.body,
        )  # fmt: skip

    def _check(self, chain: Chain, event: Event, token: bytes) -> None:
        network = chain.network or ""
        read = examine(Message(chain.organization, event.kind, token, event.body), network, self._keys)
        verdict = judge(read, Judged(chain.sequence, chain.head), self._registry, 0, None)
        if isinstance(verdict, Accepted) and verdict.exclusion is None:
            return
        if isinstance(verdict, Accepted) and verdict.exclusion is not None:
            reason, problems = verdict.exclusion
            raise Refusal(reason, explained(event.kind, event.id, reason, problems), problems)
        found = verdict.refusal if isinstance(verdict, Refused) else None
        reason = found.reason if found else Reason.FORKED
        detail = f"{found.found}; expected {found.expected}" if found else f"{verdict}"
        raise Refusal(reason, f"{event.kind}/{event.id} would be refused by the hub as {reason}: {detail}")


def explained(kind: str, record_id: str, reason: Reason, problems: tuple[Problem, ...]) -> str:
    """Say why an event would not be shown, field by field, and what to do."""
    fields = " ".join(problem.message for problem in problems)
    return f"{kind}/{record_id}: {reason}: {fields or EXPLANATIONS[reason].meaning} ({EXPLANATIONS[reason].remedy})"
