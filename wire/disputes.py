"""Disputes: what a revoked key signed after its last good statement, until its owner says it again."""

from wire.registry import Registry, Revocation


def disputed_by(registry: Registry, organization: str, kid: str, sequence: int, index: int) -> Revocation | None:
    """Give the revocation that disputes the statement logged at `index`; None if it stands.

    `kid` is the thumbprint of the key that signed it. By log index alone: a statement logged before the revocation,
    signed with the revoked key, after the last sequence that the roots call good.
    """
    member = registry.members.get(organization)
    former = registry.is_former(organization, sequence)
    for revocation in member.revoked if member is not None else ():
        if disputes(revocation, kid, sequence, index, former=former):
            return revocation
    return None


def disputes(revocation: Revocation, kid: str, sequence: int, index: int, *, former: bool = False) -> bool:
    """Whether this revocation disputes that statement of the same organization.

    `former`: it was made in a log before this one, where the key spoke before it was revoked or not at all.
    """
    before = former or index < revocation.index
    return revocation.key == kid and sequence > revocation.last_good_sequence and before
