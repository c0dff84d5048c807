"""The contract's verdict on messages in their order, with wire's own functions and no database: a hub in miniature."""

from dataclasses import dataclass, field

from tests.signed_network import HUB_KEY, NETWORK, TRUST, Organization, key_of, reading_key_of
from wire.examine import Examined, Message, examine
from wire.keys import SigningKey
from wire.registry import KeyPeriod, Member, Registry, Standing
from wire.rotation import apply_rotation
from wire.verdict import Accepted, Chain, Refused, Verdict, judge


@dataclass
class Hearing:
    """Registry and chains of a network; what is accepted moves them on."""

    network: str = NETWORK
    registry: Registry = field(default_factory=lambda: Registry.begin(TRUST))
    chains: dict[str, Chain] = field(default_factory=dict)
    logged: dict[tuple[str, int], bytes] = field(default_factory=dict)
    size: int = 0

    def admit(self, organization: str, key: SigningKey | None = None) -> Organization:
        """Admit an organization, at the next index."""
        begins = bytes([self.size]) * 32
        signing = key or key_of(organization)
        periods = (KeyPeriod(signing.public, self.size + 1),)
        following = key_of(f"{organization} next").public.thumbprint
        encryption = reading_key_of(organization).public
        self.registry.admit(
            Member(
                organization,
                organization,
                Standing.ACTIVE,
                self.size,
                begins,
                periods,
                next_key=following,
                encryption=encryption,
            )
        )
        self.chains[organization] = Chain(0, begins)
        self.size += 1
        return Organization(organization, begins, signing, self.network)

    def examine(self, message: Message) -> Examined:
        """What the message shows by itself."""
        return examine(message, self.network, self.registry.keys)

    def judge(self, message: Message) -> Verdict:
        """The verdict; an accepted event is logged."""
        event = self.examine(message)
        said = event.said
        place = None if said is None else (said.organization, said.sequence)
        chain = None if said is None else self.chains.get(said.organization)
        verdict = judge(event, chain, self.registry, self.size, self.logged.get(place) if place else None)
        if isinstance(verdict, Accepted):
            assert said is not None
            if verdict.rotation is not None:
                apply_rotation(verdict.rotation, self.registry, index=self.size)
            self.chains[said.organization] = Chain(said.sequence, event.hash, seen=said.seen_size)
            self.logged[said.organization, said.sequence] = event.hash
            self.size += 1
        return verdict

    def reason(self, message: Message) -> str:
        """One word for the verdict: the reason of a refusal or exclusion, else what it is."""
        verdict = self.judge(message)
        if isinstance(verdict, Refused):
            return str(verdict.refusal.reason)
        if isinstance(verdict, Accepted) and verdict.exclusion is not None:
            return str(verdict.exclusion.reason)
        return type(verdict).__name__.lower()


def network() -> tuple[Hearing, Organization]:
    """A network with its hub and two organizations; gives it and the one that speaks."""
    hearing = Hearing()
    hearing.admit("hub", HUB_KEY)
    hearing.admit("fr-office")
    return hearing, hearing.admit("ke-nctc")
