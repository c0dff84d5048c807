"""The forms of registry actions: what the roots can decide, member by member, each bound to one place."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

MAX_ROOTS = 32
MAX_WITNESSES = 1000
MAX_ERASED = 1000
MAX_ENDS = 1000

# 43 characters hold 258 bits, so the last one may only carry the four that belong to the hash.
Digest = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$")]
Jwk = dict[str, str]
OrganizationId = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", min_length=3, max_length=40)]
Why = Annotated[str, Field(min_length=1, max_length=500)]


class _Action(BaseModel):
    """Network, sequence and previous name the one place in the registry's chain at which an action can be used."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    network: str
    sequence: Annotated[str, Field(pattern=r"^[0-9]{12}$")]
    previous: Digest


class _AboutOrganization(_Action):
    organization: OrganizationId


class _Keys(_AboutOrganization):
    signing_key: Jwk
    next_key: Digest
    witness_key: Jwk
    encryption_key: Jwk
    bus: Annotated[str, Field(pattern=r"^U[A-Z2-7]{55}$")]


class Admitted(_Keys):
    """An organization may speak from now on, with these keys; all five are distinct."""

    action: Literal["organization.admitted"] = "organization.admitted"
    name: Annotated[str, Field(min_length=1, max_length=200)]


class Suspended(_AboutOrganization):
    """Nothing of this organization is accepted until it is reinstated, but rotations and orders to erase."""

    action: Literal["organization.suspended"] = "organization.suspended"
    reason: Why


class Reinstated(_AboutOrganization):
    """A suspended organization may speak again."""

    action: Literal["organization.reinstated"] = "organization.reinstated"
    reason: Why


class Retired(_AboutOrganization):
    """The organization has left for good; its id is never used again."""

    action: Literal["organization.retired"] = "organization.retired"
    reason: Why


class KeyReplaced(_Keys):
    """An organization that lost its keys, or had them stolen, goes on with five new ones."""

    action: Literal["key.replaced"] = "key.replaced"
    reason: Why


class KeyRevoked(_AboutOrganization):
    """A key is not valid any more, and what it signed after `last_good_sequence` is disputed."""

    action: Literal["key.revoked"] = "key.revoked"
    key: Digest
    last_good_sequence: Annotated[int, Field(ge=0, lt=10**12)]
    reason: Why


class ErasureOrdered(_AboutOrganization):
    """The bodies of these statements are to be destroyed, for an organization that cannot say so itself."""

    action: Literal["erasure.ordered"] = "erasure.ordered"
    statements: Annotated[list[Digest], Field(min_length=1, max_length=MAX_ERASED)]
    reason: Why


class WitnessesChanged(_Action):
    """Who cosigns from now on, by organization; `quorum` is a fixed k, or 0 for the formula ⌊2n/3⌋ + 1."""

    action: Literal["witnesses.changed"] = "witnesses.changed"
    witnesses: Annotated[dict[OrganizationId, Jwk], Field(max_length=MAX_WITNESSES)]
    quorum: Annotated[int, Field(ge=0, le=MAX_WITNESSES)]
    reason: Why


class RootsChanged(_Action):
    """Other roots decide from now on; signed by the threshold of the old set and by that of the new one."""

    action: Literal["roots.changed"] = "roots.changed"
    roots: Annotated[list[Jwk], Field(min_length=1, max_length=MAX_ROOTS)]
    threshold: Annotated[int, Field(ge=1, le=MAX_ROOTS)]
    reason: Why


class End(BaseModel):
    """Where a chain ended: the sequence and the hash of its last statement."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    sequence: Annotated[int, Field(ge=1, lt=10**12)]
    hash: Digest


class LogReplaced(_Action):
    """The log was lost: the next one has this origin and key, and goes on from this quorum checkpoint.

    `covered` is the sequence of the registry's last statement that the checkpoint covers: who cosigns is what the
    registry said then. `ends` are the ends of the chains in the lost log, the hub's too, as far as they are known.
    """

    action: Literal["log.replaced"] = "log.replaced"
    origin: Annotated[str, Field(min_length=1, max_length=300)]
    vkey: Annotated[str, Field(min_length=1, max_length=500)]
    checkpoint: Annotated[str, Field(min_length=1, max_length=200_000)]
    covered: Annotated[int, Field(ge=1, lt=10**12)]
    ends: Annotated[dict[OrganizationId, End], Field(max_length=MAX_ENDS)]
    reason: Why


OfOrganization = Admitted | Suspended | Reinstated | Retired | KeyReplaced | KeyRevoked | ErasureOrdered
Action = OfOrganization | WitnessesChanged | RootsChanged | LogReplaced
ACTION: TypeAdapter[Action] = TypeAdapter(Annotated[Action, Field(discriminator="action")])
