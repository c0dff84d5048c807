"""The keys that the registry has for one organization, by their role, and the decision that changed them."""

from collections.abc import Mapping
from dataclasses import dataclass

from schemas.statement import parse_statement
from wire import jws
from wire.keys import PublicKey
from wire.nkeys import nkey_raw
from wire.registry import Member

SIGNING = "signing key"


@dataclass(frozen=True, slots=True)
class KeysRegistered:
    """The registry's statement at `index`, with its body, after which these are an organization's keys."""

    index: int
    token: bytes
    body: bytes
    keys: Mapping[str, PublicKey]

    @property
    def sequence(self) -> int:
        """Where the decision stands in the registry's own chain."""
        return parse_statement(jws.take_apart(self.token, jws.EVENT).payload).sequence_number


def registered_keys(member: Member | None) -> dict[str, PublicKey]:
    """Those that were not revoked; none for an organization that was not admitted."""
    if member is None:
        return {}
    keys = {
        SIGNING: member.key_now,
        "witness key": member.witness,
        "encryption key": PublicKey(member.encryption) if member.encryption else None,
        "key for the bus": PublicKey(nkey_raw(member.bus)) if member.bus else None,
    }
    return {role: key for role, key in keys.items() if key is not None}
