"""Whether an action can be applied to what the registry says now, and what it changes there."""

from dataclasses import replace

from schemas.sentences import sentence
from wire.action_forms import (
    Action,
    Admitted,
    ErasureOrdered,
    KeyReplaced,
    KeyRevoked,
    LogReplaced,
    Reinstated,
    Retired,
    RootsChanged,
    Suspended,
    WitnessesChanged,
)
from wire.checkpoint import open_checkpoint
from wire.encoding import from_b64url
from wire.keys import BadKey, PublicKey, encryption_key_of
from wire.nkeys import nkey_raw
from wire.notes import BadNote, VerifierKey
from wire.registry import HUB, REGISTRY, KeyPeriod, Member, Registry, Revocation, Roots, Standing

_ALLOWED: dict[type, tuple[Standing, ...]] = {
    Suspended: (Standing.ACTIVE,),
    Reinstated: (Standing.SUSPENDED,),
    Retired: (Standing.ACTIVE, Standing.SUSPENDED),
    KeyReplaced: (Standing.ACTIVE, Standing.SUSPENDED),
    KeyRevoked: tuple(Standing),
    ErasureOrdered: tuple(Standing),
}
_AFTER: dict[type, Standing] = {
    Suspended: Standing.SUSPENDED,
    Reinstated: Standing.ACTIVE,
    Retired: Standing.RETIRED,
}


class BadAction(ValueError):
    """An action that must not be applied; the message says why."""


def check(action: Action, registry: Registry) -> None:
    """Whether the action can be applied to what the registry says now; BadAction otherwise."""
    if isinstance(action, Admitted):
        _check_admission(action, registry)
    elif isinstance(action, RootsChanged):
        _check_roots(action, registry)
    elif isinstance(action, WitnessesChanged):
        _check_witnesses(action, registry)
    elif isinstance(action, LogReplaced):
        _check_log(action, registry)
    else:
        _check_member(action, registry)


def apply(action: Action, registry: Registry, *, index: int, statement: bytes) -> None:
    """Fold a checked action into the registry at its log index; `statement` is the hash of the registry's statement.

    `erasure.ordered` changes nothing here.
    """
    if isinstance(action, Admitted):
        first = Member(action.organization, action.name, Standing.ACTIVE, index, statement, ())
        registry.admit(_with_keys(first, action, index))
    elif isinstance(action, KeyReplaced):
        old = registry.members[action.organization]
        ended = tuple(each if each.end is not None else replace(each, end=index + 1) for each in old.keys)
        registry.admit(_with_keys(replace(old, keys=ended), action, index))
        registry.free_end(action.organization)
    elif isinstance(action, KeyRevoked):
        registry.revoke(action.organization, Revocation(action.key, action.last_good_sequence, index))
    elif isinstance(action, Suspended | Reinstated | Retired):
        registry.set_standing(action.organization, _AFTER[type(action)])
    elif isinstance(action, RootsChanged):
        registry.set_roots(Roots(tuple(map(PublicKey.from_jwk, action.roots)), action.threshold))
    elif isinstance(action, WitnessesChanged):
        keys = {organization: PublicKey.from_jwk(jwk) for organization, jwk in action.witnesses.items()}
        registry.set_witnesses(keys, action.quorum or None)
    elif isinstance(action, LogReplaced):
        ends = {organization: (end.sequence, from_b64url(end.hash)) for organization, end in action.ends.items()}
        registry.begin_log(VerifierKey.parse(action.vkey), ends)
        registry.newest = (int(action.sequence), statement)


def _with_keys(member: Member, action: Admitted | KeyReplaced, index: int) -> Member:
    return replace(
        member,
        keys=(*member.keys, KeyPeriod(PublicKey.from_jwk(action.signing_key), index + 1)),
        bus=action.bus,
        next_key=action.next_key,
        witness=PublicKey.from_jwk(action.witness_key),
        encryption=encryption_key_of(action.encryption_key),
    )


def _check_admission(action: Admitted, registry: Registry) -> None:
    if action.organization == REGISTRY:
        raise BadAction(f"{REGISTRY} is the name of the registry itself; choose another organization id")
    member = registry.members.get(action.organization)
    if member is not None:
        raise BadAction(f"{action.organization} is in the registry already ({member.standing}); ids are never reused")
    _check_keys(action, registry)


def _check_member(
    action: Suspended | Reinstated | Retired | KeyReplaced | KeyRevoked | ErasureOrdered, registry: Registry
) -> None:
    member = registry.members.get(action.organization)
    if member is None:
        raise BadAction(
            sentence(
                "{organization} is not in the registry; it has {members}",
                organization=action.organization,
                members=", ".join(sorted(registry.members)),
            )
        )
    allowed = _ALLOWED[type(action)]
    if member.standing not in allowed:
        raise BadAction(
            sentence(
                "{organization} is {standing}; {action} needs it to be {allowed}",
                organization=action.organization,
                standing=member.standing,
                action=action.action,
                allowed=" or ".join(allowed),
            )
        )
    if action.organization == HUB and not isinstance(action, KeyReplaced | Reinstated):
        _check_about_hub(action, member)
    if isinstance(action, KeyReplaced):
        _check_keys(action, registry)
    elif isinstance(action, KeyRevoked):
        _check_revocation(action, member, registry)
    elif isinstance(action, ErasureOrdered) and len(set(action.statements)) != len(action.statements):
        raise BadAction("a statement is named twice; name each once")
    elif isinstance(action, Retired):
        _check_quorum_left(action.organization, registry)


def _check_about_hub(action: Suspended | Retired | KeyRevoked | ErasureOrdered, hub: Member) -> None:
    # Without a voice the hub could not log the next action either; what it states is permanent.
    if isinstance(action, KeyRevoked):
        period = hub.period(action.key)
        if period is None or period.end is not None:
            return
        raise BadAction("this is the key that the hub signs with now; replace it first (key.replaced)")
    raise BadAction(
        sentence(
            "{action} is not for the hub: without it nothing is logged, and what it states is permanent",
            action=action.action,
        )
    )


def _check_revocation(action: KeyRevoked, member: Member, registry: Registry) -> None:
    # In a next log rotations come behind the registry's statements: a key can be revoked that is not known yet.
    if member.period(action.key) is None and registry.held is None:
        known = ", ".join(period.key.thumbprint for period in member.keys)
        raise BadAction(f"{action.key} is no signing key of {member.organization}; its keys are {known}")
    last = min((each.last_good_sequence for each in member.revoked if each.key == action.key), default=None)
    if last is not None and action.last_good_sequence >= last:
        raise BadAction(
            f"{action.key} is revoked already, with {last} as its last good sequence; only an earlier one changes that"
        )


def _check_quorum_left(leaving: str, registry: Registry) -> None:
    witnesses = registry.witnesses(registry.network)
    left = len(set(witnesses.keys) - {leaving})
    if registry.quorum is not None and left < registry.quorum:
        raise BadAction(
            sentence(
                "without {leaving} there are {left} witnesses, and {quorum} must cosign; change the witnesses first "
                "(witnesses.changed)",
                leaving=leaving,
                left=left,
                quorum=registry.quorum,
            )
        )


def _check_witnesses(action: WitnessesChanged, registry: Registry) -> None:
    names = []
    for organization, jwk in action.witnesses.items():
        member = registry.members.get(organization)
        if member is None or member.standing is Standing.RETIRED or organization == HUB:
            raise BadAction(f"{organization} cannot be a witness; organizations that stand can, but not the hub")
        key = _public(jwk, f"the witness key of {organization}")
        names.append(key.thumbprint)
        if key != member.witness:
            _check_free(key.thumbprint, f"the new witness key of {organization}", registry)
    if len(set(names)) != len(names):
        raise BadAction("two witnesses have one key; each has its own")
    if action.quorum > len(names):
        raise BadAction(f"{action.quorum} of {len(names)} witnesses can never cosign; at most all of them can")


def _check_roots(action: RootsChanged, registry: Registry) -> None:
    keys = {_public(jwk, "a root key").thumbprint for jwk in action.roots}
    if len(keys) != len(action.roots):
        raise BadAction("a root key is named twice; each counts once")
    if action.threshold > len(keys):
        raise BadAction(f"{action.threshold} of {len(keys)} roots can never sign; at most all of them can")
    for name in keys - set(registry.roots.by_thumbprint):
        _check_free(name, "a new root key", registry)


def _check_log(action: LogReplaced, registry: Registry) -> None:
    if registry.log is None:
        raise BadAction("there is no log that could be replaced")
    held = registry.held
    newest = held is None or f"{held.sequence:012d}" == action.sequence
    witnesses = registry.witnesses(registry.network) if held is None else held.witnesses if newest else None
    try:
        key = VerifierKey.parse(action.vkey)
        last = open_checkpoint(action.checkpoint.encode(), registry.log, witnesses)
    except (BadNote, UnicodeEncodeError) as error:
        raise BadAction(f"the replacement of the log cannot be used: {error}") from None
    if key.name != action.origin or not action.origin.startswith(f"{registry.network}/"):
        raise BadAction(f"the key is that of {key.name!r}; one of the origin {action.origin!r} here was expected")
    if action.origin in {registry.log.name, *(log.name for log in registry.former_logs)}:
        raise BadAction(f"the new log has the origin of an old one, {action.origin!r}; it needs another")
    unknown = sorted(set(action.ends) - set(registry.members))
    if unknown:
        raise BadAction(f"{unknown[0]} is not in the registry; no chain of its own has ended in the lost log")
    if newest and witnesses is None:
        raise BadAction(f"the checkpoint covers {action.covered} statements of the registry; there are not so many")
    # Who cosigned the last checkpoint of a log before the lost one was judged when that log began.
    if not last.has_quorum:
        raise BadAction(f"witnesses that cosigned the checkpoint: {len(last.cosigners)}; needed: {last.quorum}")
    _check_free(key.key.thumbprint, "the new log's key", registry)


def _check_keys(action: Admitted | KeyReplaced, registry: Registry) -> None:
    organization = action.organization
    signing = _public(action.signing_key, f"the signing key of {organization}")
    witness = _public(action.witness_key, f"the witness key of {organization}")
    try:
        bus = PublicKey.checked(nkey_raw(action.bus))
        encryption = PublicKey(encryption_key_of(action.encryption_key))
    except BadKey as error:
        raise BadAction(f"{organization}: its key for bus or encryption cannot be used: {error}") from None
    names = {
        "its signing key": signing.thumbprint,
        "its next key": action.next_key,
        "its witness key": witness.thumbprint,
        "its encryption key": encryption.thumbprint,
        "its bus key": bus.thumbprint,
    }
    if len(set(names.values())) != len(names):
        raise BadAction(f"{organization}: signing, next, witness, encryption and bus key must all be distinct")
    for role, name in names.items():
        _check_free(name, f"{organization}: {role}", registry)


def _check_free(name: str, what: str, registry: Registry) -> None:
    before = registry.taken.get(name)
    if before is not None:
        raise BadAction(f"{what} is registered already: it is {before}; make a new one")


def _public(jwk: dict[str, str], what: str) -> PublicKey:
    try:
        return PublicKey.from_jwk(jwk)
    except BadKey as error:
        raise BadAction(f"{what} cannot be used: {error}") from None
