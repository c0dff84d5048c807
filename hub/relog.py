"""Logging again what was logged before: copies of entries come to stand at the very places that they had.

Every copy is judged as it was the first time, by signature, chain and registry. One that would come to stand
elsewhere, or would be refused now, is no copy of this log. The view is folded anew afterwards.
"""

from collections.abc import Callable
from dataclasses import dataclass

import orjson

from hub.decide import Decider
from hub.entries import Read
from hub.log_checks import LogDamaged
from hub.log_state import LogState
from schemas.statement import Statement, parse_statement
from wire import jws
from wire.action_fold import begins_next_log, chain_end, fold_action
from wire.actions import BadAction, KeyReplaced
from wire.examine import Message, Refusal, Said
from wire.reasons import Reason
from wire.registry import HUB, REGISTRY
from wire.rotation import apply_rotation
from wire.verdict import Accepted, Refused, judge

FORK = "liaison.fork.found"


@dataclass(frozen=True, slots=True)
class Copy:
    """An entry of the log as somebody kept it: index, token, and the body if it was kept."""

    index: int
    token: bytes
    body: bytes | None


class Relogger:
    """Takes copies in the order of the log; `read` examines one with the keys that are registered by then."""

    def __init__(self, state: LogState, first: bytes, decider: Decider, read: Callable[[Message], Read]) -> None:
        self._state = state
        self._first = first
        self._decider = decider
        self._read = read

    def take(self, copy: Copy) -> None:
        """Log one copy; LogDamaged if it is not the entry that stood at its index."""
        if copy.index != self._state.size:
            raise _foreign(copy, f"the log goes on at {self._state.size}")
        statement = _statement(copy)
        organization = statement.organization
        message = Message(organization, statement.kind, copy.token, copy.body)
        read = self._read(message)
        said = read.examined.said
        if said is None or read.examined.refusal is not None:
            raise _foreign(copy, _why(read.examined.refusal))
        if organization == REGISTRY:
            self._action(copy, said, message, read)
            return
        speaker = self._state.speakers.get(organization)
        chain = None if speaker is None else speaker.chain
        elsewhere = self._decider.elsewhere(said, chain, copy.index)
        verdict = judge(read.examined, chain, self._state.registry, copy.index, None, elsewhere=elsewhere)
        if not isinstance(verdict, Accepted):
            raise _foreign(copy, _why(verdict.refusal if isinstance(verdict, Refused) else None))
        entry = self._decider.log_copy(said, read.examined.hash, message)
        if verdict.rotation is not None:
            apply_rotation(verdict.rotation, self._state.registry, index=entry.index)
            self._state.speakers[organization].forked = False
        if organization == HUB and said.type == FORK:
            self._state.speakers[orjson.loads(copy.body or b"{}")["organization"]].forked = True

    def _action(self, copy: Copy, said: Said, message: Message, read: Read) -> None:
        state = self._state
        if REGISTRY not in state.speakers:
            state.begin_chain(REGISTRY, self._first)
        place = state.next_place(REGISTRY)
        if begins_next_log(copy.index, said.type):
            place = place._replace(sequence=said.sequence, previous=said.previous)
        if (said.sequence, said.previous) != (place.sequence, place.previous):
            raise _foreign(copy, f"the registry's chain goes on at {place.sequence}")
        registry = state.speakers[REGISTRY]
        before = (registry.sequence, registry.head)
        try:
            action = fold_action(
                copy.body or b"", state.registry, index=copy.index, sequence=place.sequence, previous=place.previous,
                statement=read.examined.hash,
            )  # fmt: skip
        except BadAction as error:
            raise _foreign(copy, str(error)) from None
        entry = self._decider.log_copy(said, read.examined.hash, message)
        end = chain_end(state.registry, copy.index, before, (entry.sequence, entry.hash))
        if end == state.registry.newest:
            registry.last_index = 0
            self._go_on()
        registry.sequence, registry.head = end
        name = getattr(action, "organization", None)
        if name is not None and name not in state.speakers:
            state.begin_chain(name, entry.hash)
        if isinstance(action, KeyReplaced):
            state.speakers[action.organization].forked = False

    def _go_on(self) -> None:
        """The hub's own statements in the log before this one are lost with it; its chain goes on behind them."""
        end = self._state.registry.ends.get(HUB)
        if end is not None:
            self._state.speakers[HUB].sequence, self._state.speakers[HUB].head = end


def _statement(copy: Copy) -> Statement:
    try:
        return parse_statement(jws.take_apart(copy.token, jws.EVENT).payload)
    except ValueError as error:
        raise _foreign(copy, f"it is no statement ({error})") from None


def _why(refusal: Refusal | None) -> str:
    if refusal is None:
        return "it would not be accepted now"
    return f"{Reason(refusal.reason)}: found {refusal.found}; expected {refusal.expected}"


def _foreign(copy: Copy, why: str) -> LogDamaged:
    found = f"the copy of entry {copy.index} does not fit into this log: {why}"
    return LogDamaged(found, index=copy.index, token=copy.token)
