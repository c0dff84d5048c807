"""Who may speak: a pure fold of the registry's statements, in which every validity is a range of log indices."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum

from wire.checkpoint import Witnesses
from wire.keys import PublicKey

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

    def period(self, kid: str) -> KeyPeriod | None:
        """Give the latest period of the key with this thumbprint."""
        for period in reversed(self.keys):
            if period.key.thumbprint == kid:
                return period
        return None


@dataclass(slots=True)
class Registry:
    """All members by organization id, and all keys ever registered by thumbprint."""

    members: dict[str, Member] = field(default_factory=dict)
    keys: dict[str, PublicKey] = field(default_factory=dict)

    def admit(self, member: Member) -> None:
        """Add an organization; its keys become known."""
        self.members[member.organization] = member
        self.keys.update({period.key.thumbprint: period.key for period in member.keys})

    def set_standing(self, organization: str, standing: Standing) -> None:
        """Suspend, reinstate or retire."""
        self.members[organization] = replace(self.members[organization], standing=standing)

    def replace_key(self, organization: str, key: PublicKey, index: int) -> None:
        """End the current key and begin `key`, both at `index`."""
        member = self.members[organization]
        ended = tuple(period if period.end is not None else replace(period, end=index) for period in member.keys)
        self.admit(replace(member, keys=(*ended, KeyPeriod(key, index))))

    def witnesses(self, network: str) -> Witnesses:
        """Who cosigns checkpoints: every organization but the hub that has not retired; k = ⌊2n/3⌋ + 1, 0 for none."""
        keys = {
            member.organization: member.witness
            for member in self.members.values()
            if member.witness is not None and member.organization != HUB and member.standing is not Standing.RETIRED
        }
        return Witnesses(network, keys, 2 * len(keys) // 3 + 1 if keys else 0)

    def standing_members(self) -> Iterator[Member]:
        """Give the organizations that have an account on the bus: all that have not retired."""
        return (member for member in self.members.values() if member.standing is not Standing.RETIRED and member.bus)
