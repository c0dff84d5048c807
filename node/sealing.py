"""Seals events, and judges each as the hub will: what would be refused, or not be shown, never enters the chain."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from node.refusal import Refusal
from node.store import Chain, Statement
from schemas.problems import Problem
from schemas.sentences import gettext_noop as N_
from schemas.sentences import sentence
from schemas.statement import CONTROL
from wire.encryption import encrypt
from wire.examine import Message, content_of, examine
from wire.jwe import CONTENT_TYPE as ENCRYPTED
from wire.keys import SigningKey
from wire.reasons import EXPLANATIONS, Reason
from wire.registry import KeyPeriod, Member, Registry, Standing
from wire.seal import Place, Sealed, TooLarge, seal, timestamp
from wire.verdict import Accepted, Refused, judge
from wire.verdict import Chain as Judged

__all__ = ["Event", "Refusal", "Sealer", "explained"]


class Event(NamedTuple):
    """What is to be said of one record, or (kind `control`) of none, not sealed yet.

    `readers` are the keys to encrypt it to, if it is for them.
    """

    kind: str
    id: str
    action: str
    marking: str
    body: bytes
    readers: Mapping[str, bytes] = {}


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
            raise Refusal("not-joined", N_("the node has not joined a network yet"))
        place = Place(chain.network, chain.organization, chain.sequence + 1, chain.head)
        subject = f"{event.kind}/{chain.organization}/{event.id}"
        about = "" if event.kind == CONTROL else f"{event.kind}."
        event_type = f"liaison.{about}{event.action}"
        try:
            sealed = seal(
                place,
                self._key,
                subject=subject,
                event_type=event_type,
                marking=event.marking,
                body=encrypt(event.body, event.readers) if event.readers else event.body,
                now=now,
                content_type=ENCRYPTED if event.readers else "application/json",
                seen=chain.seen,
            )
        except TooLarge as error:
            raise Refusal(Reason.TOO_LARGE, f"{event.kind}/{event.id}: {error}") from None
        self._check(chain, event, sealed)
        return Statement(
            place.sequence, event.kind, event.id, event.action, event.marking, timestamp(now), sealed.hash,
            sealed.token, sealed.body,
        )  # fmt: skip

    def _check(self, chain: Chain, event: Event, sealed: Sealed) -> None:
        network = chain.network or ""
        read = examine(Message(chain.organization, event.kind, sealed.token, sealed.body), network, self._keys)
        # Where it will stand in the log is not known: behind all that this node has seen of it.
        index = 0 if chain.seen is None else chain.seen[0]
        verdict = judge(read, Judged(chain.sequence, chain.head), self._registry_with(event.readers), index, None)
        if isinstance(verdict, Accepted):
            exclusion = verdict.exclusion
            if exclusion is None and event.readers and read.said is not None:
                # What the hub cannot read, its readers will judge; so do we.
                exclusion, _ = content_of(read.said, event.body)
            if exclusion is None:
                return
            reason, problems = exclusion
            raise Refusal(reason, explained(event.kind, event.id, reason, problems), problems)
        found = verdict.refusal if isinstance(verdict, Refused) else None
        reason = found.reason if found else Reason.FORKED
        detail = f"{found.found}; expected {found.expected}" if found else f"{verdict}"
        raise Refusal(
            reason,
            sentence(
                "{kind}/{id} would be refused by the hub as {reason}: {cause}",
                kind=event.kind,
                id=event.id,
                reason=reason,
                cause=detail,
            ),
        )

    def _registry_with(self, readers: Mapping[str, bytes]) -> Registry:
        if not readers:
            return self._registry
        registry = Registry(dict(self._registry.members), dict(self._registry.keys))
        for name, key in readers.items():
            known = registry.members.get(name) or Member(name, name, Standing.ACTIVE, -1, bytes(32), ())
            registry.members[name] = replace(known, encryption=key)
        return registry


def explained(kind: str, record_id: str, reason: Reason, problems: tuple[Problem, ...]) -> str:
    """Say why an event would not be shown, field by field, and what to do."""
    fields = " ".join(problem.message for problem in problems)
    known = EXPLANATIONS[reason]
    return sentence(
        "{kind}/{id}: {reason}: {cause} ({means})",
        kind=kind, id=record_id, reason=reason, cause=fields or known.meaning, means=known.remedy,
    )  # fmt: skip
