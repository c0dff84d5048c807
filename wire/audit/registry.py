"""The registry folded again from its statements: the one place of an audit that applies what the roots decided.

`wire.actions`, `wire.rotation` and `wire.registry` say what an action or a rotation does.
"""

from dataclasses import dataclass, field, replace

from schemas.sentences import sentence
from wire import jws
from wire.action_fold import begins_next_log, chain_end, hold, settle
from wire.actions import Admitted, BadAction, OfOrganization, apply, check, open_action
from wire.disputes import disputed_by
from wire.examine import Examined, Said
from wire.registry import HUB, REGISTRY, KeyPeriod, Registry
from wire.rotation import ROTATED, Rotation, apply_rotation, check_rotation
from wire.trust import Trust

__all__ = ["ROTATED", "BadAction", "RegistryFold", "Step"]


@dataclass(frozen=True, slots=True)
class Step:
    """A statement on the registry's path: its index, token and body."""

    index: int
    token: bytes
    body: bytes


@dataclass
class RegistryFold:
    """The registry as it stands before the next entry. `path` is what led to it, in order."""

    trust: Trust
    registry: Registry = field(init=False)
    path: list[Step] = field(default_factory=list)
    end: tuple[int, bytes] = (0, b"")
    _first: Step | None = None  # entry 0 of a next log

    def __post_init__(self) -> None:
        self.registry = Registry.begin(self.trust)
        self.end = (0, self.trust.digest)

    def act(self, step: Step, said: Said, statement: bytes) -> str:
        """Verify an action of the roots in its place and apply it; gives the organization concerned ("" for all).

        `said.sequence` and `said.previous` are its place, which the caller has compared with the registry's chain.
        BadAction where the roots did not decide that, or not there.
        """
        if begins_next_log(step.index, said.type):
            hold(step.body, self.registry, sequence=said.sequence, previous=said.previous, statement=statement)
            self.path.append(step)
            self._first = step
            return ""
        action = open_action(step.body, self.registry, sequence=said.sequence, previous=said.previous)
        if said.type != f"liaison.{action.action}":
            raise BadAction(
                sentence("a statement of type {type} carries the action {action}", type=said.type, action=action.action)
            )
        if not self.registry.members and not (isinstance(action, Admitted) and action.organization == HUB):
            raise BadAction(
                sentence("the first action is {action}; it must admit {hub}", action=action.action, hub=HUB)
            )
        check(action, self.registry)
        apply(action, self.registry, index=step.index, statement=statement)
        self.path.append(step)
        if settle(self.registry, said.sequence, statement) is not None:
            self._check_first(step.index)
        self.end = chain_end(self.registry, step.index, self.end, (said.sequence, statement))
        return action.organization if isinstance(action, OfOrganization) else ""

    def _check_first(self, index: int) -> None:
        """Entry 0 of a next log is signed with the hub's key of its place, which is behind the entry at `index`."""
        assert self._first is not None  # noqa: S101 - it was held
        parts = jws.take_apart(self._first.token, jws.EVENT)
        hub = self.registry.members[HUB].key_at(index + 1)
        if hub is None or parts.kid != hub.thumbprint or not hub.verify(parts.signature, parts.signed):
            raise BadAction(sentence("entry 0 is not signed with the hub's key, but with {kid}", kid=parts.kid))

    def rotate(self, step: Step, rotation: Rotation) -> None:
        """Apply a rotation that the verdict has accepted: the new key is valid after its index."""
        apply_rotation(rotation, self.registry, index=step.index)
        self.path.append(step)

    def follow(self, step: Step, examined: Examined) -> str:
        """Take one statement of registry or keys that nothing else has judged; gives what is wrong with it, or ""."""
        said = examined.said
        if said is None or examined.refusal is not None:
            return sentence("entry {index} is no statement", index=step.index)
        if said.organization == REGISTRY:
            place = (self.end[0] + 1, self.end[1])
            if (said.sequence, said.previous) != place and not begins_next_log(step.index, said.type):
                return sentence(
                    "entry {index} is sequence {sequence} of the registry; {expected} was expected",
                    index=step.index,
                    sequence=said.sequence,
                    expected=place[0],
                )
            try:
                self.act(step, said, examined.hash)
            except BadAction as error:
                return sentence("entry {index}: {cause}", index=step.index, cause=error)
            if begins_next_log(step.index, said.type):
                return ""  # its signature is verified in its place
        elif said.type != ROTATED or said.organization not in self.registry.members:
            return sentence("entry {index} is about neither registry nor keys", index=step.index)
        period = self.period(said.organization, examined.kid)
        if period is None or not self.valid(period, said, step.index):
            return sentence(
                "entry {index} is signed with key {kid}, which is not valid there", index=step.index, kid=examined.kid
            )
        parts = jws.take_apart(step.token, jws.EVENT)
        if not period.key.verify(parts.signature, parts.signed):
            return sentence("the signature on entry {index} does not verify", index=step.index)
        return self._rotated(step, examined) if said.type == ROTATED else ""

    def _rotated(self, step: Step, examined: Examined) -> str:
        rotation = examined.rotation
        fault = None if rotation is None else check_rotation(rotation, self.registry)
        if rotation is None or fault is not None:
            return f"entry {step.index} proves no rotation" + (f": {fault.message}" if fault is not None else "")
        self.rotate(step, rotation)
        return ""

    def period(self, organization: str, kid: str) -> KeyPeriod | None:
        """Give the period of a key of an organization; the registry's statements are signed by the hub."""
        member = self.registry.members.get(HUB if organization == REGISTRY else organization)
        return None if member is None else member.period(kid)

    def valid(self, period: KeyPeriod, said: Said, index: int) -> bool:
        """Whether the key is valid at an index. What admits the hub is signed with the key that it names."""
        if said.organization == REGISTRY:
            first = said.sequence == 1 or begins_next_log(index, said.type)
            return (replace(period, start=0) if first else period).valid_at(index)
        return self.registry.is_former(said.organization, said.sequence) or period.valid_at(index)

    def signed_by_hub(self, kid: str, said: Said, index: int) -> bool:
        """Whether this is the hub's key at an index, for a statement of the registry."""
        period = self.period(REGISTRY, kid)
        return period is not None and self.valid(period, said, index)

    def revoked(self, organization: str, kid: str, sequence: int, index: int) -> str | None:
        """Say that the roots revoked the key for a statement at this index; None if they did not."""
        found = disputed_by(self.registry, organization, kid, sequence, index)
        if found is None:
            return None
        return sentence(
            "entry {index} calls sequence {last_good_sequence} the last good one, this is {sequence}",
            index=found.index,
            last_good_sequence=found.last_good_sequence,
            sequence=sequence,
        )

    def describe(self, organization: str) -> str:
        """Name an organization as people know it."""
        member = self.registry.members.get(organization)
        return organization if member is None else f"{organization} ({member.name})"
