"""Who may speak: a pure fold of the registry's statements, in which every validity is a range of log indices."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Self

from wire.checkpoint import Witnesses
from wire.keys import BadKey, PublicKey
from wire.nkeys import nkey_raw
from wire.notes import VerifierKey
from wire.trust import Trust

REGISTRY = "registry"
HUB = "hub"


class Standing(StrEnum):
    """How an organization stands in the network."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class KeyPeriod:
    """A key and the log indices at which it is valid: from `start`, and before `end` if there is one."""

    key: PublicKey
    start: int
    end: int | None = None

    def valid_at(self, index: int) -> bool:
        """Whether a statement logged at `index` may be signed with this key."""
        return self.start <= index and (self.end is None or index < self.end)


@dataclass(frozen=True, slots=True)
class Revocation:
    """The roots said at log index `index` that nothing signed by `key` after `last_good_sequence` can be relied on."""

    key: str
    last_good_sequence: int
    index: int


@dataclass(frozen=True, slots=True)
class Roots:
    """Who decides: `threshold` (m) of these keys (n)."""

    keys: tuple[PublicKey, ...] = ()
    threshold: int = 1

    @property
    def by_thumbprint(self) -> dict[str, PublicKey]:
        """The keys as signatures name them."""
        return {key.thumbprint: key for key in self.keys}


@dataclass(frozen=True, slots=True)
class Member:
    """One admitted organization. `admitted_by`, the admitting statement's hash, begins its chain.

    `next_key` is the thumbprint of the key that it has committed to for a rotation; `witness` cosigns checkpoints;
    `encryption` is its X25519 key (32 bytes).
    """

    organization: str
    name: str
    standing: Standing
    admitted_at: int
    admitted_by: bytes
    keys: tuple[KeyPeriod, ...]
    bus: str | None = None
    next_key: str = ""
    witness: PublicKey | None = None
    encryption: bytes = b""
    revoked: tuple[Revocation, ...] = ()

    def period(self, kid: str) -> KeyPeriod | None:
        """Give the latest period of the key with this thumbprint."""
        for period in reversed(self.keys):
            if period.key.thumbprint == kid:
                return period
        return None

    @property
    def period_now(self) -> KeyPeriod | None:
        """The period of the key that has not ended; None between a revocation and the replacement."""
        return next((period for period in reversed(self.keys) if period.end is None), None)

    @property
    def key_now(self) -> PublicKey | None:
        """The key that has not ended."""
        period = self.period_now
        return None if period is None else period.key

    def is_revoked(self, key: PublicKey) -> bool:
        """Whether the roots have revoked this key."""
        return any(each.key == key.thumbprint for each in self.revoked)

    def key_at(self, index: int) -> PublicKey | None:
        """Give the key that is valid at a log index; None between a revocation and the replacement."""
        return next((period.key for period in reversed(self.keys) if period.valid_at(index)), None)


@dataclass(frozen=True, slots=True)
class Held:
    """Entry 0 of a next log, from when it is read until its place in the registry's chain has come.

    `covered` is the sequence up to which the registry's statements are behind the checkpoint that it names;
    `witnesses` are those of then, once that is read.
    """

    body: bytes
    sequence: int
    previous: bytes
    statement: bytes
    covered: int
    witnesses: Witnesses | None = None


@dataclass(slots=True)
class Registry:
    """All members by organization id, all signing keys ever registered by thumbprint, and who decides.

    `taken` names every key that was ever registered or committed to, in any role, by what it is: none is taken
    twice. `quorum` is the roots' fixed k, None for the formula; `excused` are members that do not cosign.
    `ends` are where chains ended in a log before this one, which was lost: (sequence, hash); the hash is
    empty where new keys have freed the organization from it. `held` is set while the registry's statements of that
    log are logged again, `newest` is the place of the statement that began this log.
    """

    members: dict[str, Member] = field(default_factory=dict)
    keys: dict[str, PublicKey] = field(default_factory=dict)
    network: str = ""
    roots: Roots = field(default_factory=Roots)
    log: VerifierKey | None = None
    taken: dict[str, str] = field(default_factory=dict)
    quorum: int | None = None
    excused: frozenset[str] = frozenset()
    ends: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    former_logs: tuple[VerifierKey, ...] = ()
    held: Held | None = None
    newest: tuple[int, bytes] | None = None

    @classmethod
    def begin(cls, trust: Trust) -> Self:
        """Give the registry before entry 0: nobody is in it, and the roots of trust.json decide."""
        registry = cls(network=trust.network, log=trust.first_log)
        registry.taken[trust.log_key.thumbprint] = "the log's key"
        registry.set_roots(Roots(trust.roots, trust.threshold))
        return registry

    def admit(self, member: Member) -> None:
        """Add an organization, or put it in the place of what it was; its keys become known."""
        self.members[member.organization] = member
        self.keys.update({period.key.thumbprint: period.key for period in member.keys})
        roles = {period.key.thumbprint: "signing key" for period in member.keys}
        if member.next_key:
            roles[member.next_key] = "next key"
        if member.witness is not None:
            roles[member.witness.thumbprint] = "witness key"
        if member.encryption:
            roles[PublicKey(member.encryption).thumbprint] = "encryption key"
        if member.bus is not None:
            roles[bus_thumbprint(member.bus)] = "key for the bus"
        self.taken.update({name: f"the {role} of {member.organization}" for name, role in roles.items()})

    def set_standing(self, organization: str, standing: Standing) -> None:
        """Suspend, reinstate or retire."""
        self.members[organization] = replace(self.members[organization], standing=standing)

    def set_roots(self, roots: Roots) -> None:
        """Let others decide from now on."""
        self.roots = roots
        self.taken.update(dict.fromkeys(roots.by_thumbprint, "a root key"))

    def set_witnesses(self, keys: dict[str, PublicKey], quorum: int | None) -> None:
        """Say who cosigns, and how many must; members without a key here are excused."""
        for organization, key in keys.items():
            self.admit(replace(self.members[organization], witness=key))
        self.excused = frozenset(set(self.members) - set(keys))
        self.quorum = quorum

    def replace_key(self, organization: str, key: PublicKey, index: int, next_key: str = "") -> None:
        """End the current key and begin `key`, both at `index`; `next_key` is the commitment for the time after."""
        member = self.members[organization]
        # A key can have been revoked before its rotation is logged: in a next log, where the registry comes first.
        period = KeyPeriod(key, index, index if member.is_revoked(key) else None)
        keys = (*_ended(member.keys, index), period)
        self.admit(replace(member, keys=keys, next_key=next_key or member.next_key))

    def know_key(self, organization: str, key: PublicKey, index: int) -> None:
        """Know a key of a log before this one, which is not valid any more."""
        member = self.members[organization]
        self.admit(replace(member, keys=(KeyPeriod(key, index, index), *member.keys)))

    def is_former(self, organization: str, sequence: int) -> bool:
        """Whether a statement was made in a log before this one, and is logged again here."""
        end = self.ends.get(organization)
        return end is not None and sequence <= end[0]

    def free_end(self, organization: str) -> None:
        """Let a chain go on otherwise than it ended in the log before: its author lost what it had said there."""
        end = self.ends.get(organization)
        if end is not None:
            self.ends = {**self.ends, organization: (end[0], b"")}

    def may_sign(self, organization: str, kid: str, index: int, sequence: int) -> bool:
        """Whether the statement of this sequence can be signed with this key, where it stands at `index`."""
        member = self.members.get(organization)
        period = None if member is None else member.period(kid)
        return period is not None and (self.is_former(organization, sequence) or period.valid_at(index))

    def begin_log(self, log: VerifierKey, ends: dict[str, tuple[int, bytes]]) -> None:
        """Go over to the next log after the loss of this one; the chains had ended there."""
        if self.log is not None:
            self.former_logs = (*self.former_logs, self.log)
        self.log, self.ends = log, ends
        self.taken[log.key.thumbprint] = "the log's key"

    def revoke(self, organization: str, revocation: Revocation) -> None:
        """End a key, if it has not ended, and remember from where on its statements are disputed."""
        member = self.members[organization]
        keys = tuple(
            _ended((period,), revocation.index)[0] if period.key.thumbprint == revocation.key else period
            for period in member.keys
        )
        self.members[organization] = replace(member, keys=keys, revoked=(*member.revoked, revocation))

    def witnesses(self, network: str) -> Witnesses:
        """Who cosigns checkpoints: every organization but the hub that has not retired and is not excused.

        k is what the roots fixed, else ⌊2n/3⌋ + 1; 0 where there are no witnesses.
        """
        keys = {
            member.organization: member.witness
            for member in self.members.values()
            if member.witness is not None
            and member.organization != HUB
            and member.standing is not Standing.RETIRED
            and member.organization not in self.excused
        }
        formula = 2 * len(keys) // 3 + 1 if keys else 0
        return Witnesses(network, keys, formula if self.quorum is None else self.quorum)

    def standing_members(self) -> Iterator[Member]:
        """Give the organizations that have an account on the bus: all that have not retired."""
        return (member for member in self.members.values() if member.standing is not Standing.RETIRED and member.bus)


def bus_thumbprint(bus: str) -> str:
    """Name a NATS key as the Ed25519 key that it is, so that it cannot serve in another role too."""
    try:
        return PublicKey(nkey_raw(bus)).thumbprint
    except BadKey:
        return bus


def _ended(periods: tuple[KeyPeriod, ...], index: int) -> tuple[KeyPeriod, ...]:
    return tuple(period if period.end is not None else replace(period, end=index) for period in periods)
