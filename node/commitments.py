"""A finding's commitment to its sources: anybody can hold it against them later, and nobody can guess them from it."""

import hashlib
import secrets
from dataclasses import replace
from typing import NamedTuple

from node.refusal import Refusal
from schemas.body import canonical
from schemas.entry import Entry
from schemas.problems import problem
from schemas.records.finding import COMMITMENT
from schemas.sentences import gettext_noop as N_
from schemas.sentences import sentence
from wire.encoding import b64url

_ANEW = N_("Name them anew in derived_from.")

FINDING = "finding"
SALT_BYTES = 32


class Sources(NamedTuple):
    """The addresses of the assessments that a finding is drawn from, sorted, and a salt. They never leave the node."""

    addresses: tuple[str, ...]
    salt: bytes

    def document(self) -> bytes:
        """Give what the commitment is the SHA-256 of: canonical JSON, for an auditor whom the organization trusts."""
        return canonical({"addresses": list(self.addresses), "salt": b64url(self.salt)})

    @property
    def commitment(self) -> str:
        """What the published record says."""
        return b64url(hashlib.sha256(self.document()).digest())


def committed(entry: Entry, kept: Sources | None) -> tuple[Entry, Sources | None]:
    """Put the commitment into a finding; gives it with its sources, which are to be kept if they are not `kept`.

    The same sources again have the same salt, so that a finding put twice is unchanged. Refusal if there are none.
    """
    if entry.kind != FINDING:
        return entry, None
    name = f"{entry.kind}/{entry.id}"
    if entry.derived_from:
        sources = kept
        if kept is None or kept.addresses != entry.derived_from:
            sources = Sources(entry.derived_from, secrets.token_bytes(SALT_BYTES))
        assert sources is not None  # noqa: S101 - one of the two
        return replace(entry, record={**entry.record, COMMITMENT: sources.commitment}), sources
    if kept is not None and entry.record.get(COMMITMENT) == kept.commitment:
        number, given = len(kept.addresses), entry.record["n_assessments"]
        if number != given:
            allowed = sentence("be {n}, the number of assessments that its commitment is about", n=number)
            fault = problem(("n_assessments",), str(given), allowed)
            raise Refusal("schema-invalid", f"{name}: {fault.message} {_ANEW}", (fault,))
    return entry, kept
