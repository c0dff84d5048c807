"""Every refusal has one name: the same word in quarantine, log line, metric label, page and feedback to the author."""

from enum import StrEnum
from typing import NamedTuple

from schemas.sentences import gettext_noop as N_


class Reason(StrEnum):
    """Why an event was refused (steps 1 to 7) or left out of the view (steps 8 to 10)."""

    TOO_LARGE = "too-large"
    MALFORMED = "malformed"
    UNKNOWN_KIND = "unknown-kind"
    WRONG_NETWORK = "wrong-network"
    WRONG_SUBJECT = "wrong-subject"
    UNKNOWN_ORGANIZATION = "unknown-organization"
    SUSPENDED = "suspended"
    RETIRED = "retired"
    UNKNOWN_KEY = "unknown-key"
    KEY_NOT_VALID = "key-not-valid"
    BAD_SIGNATURE = "bad-signature"
    FORKED = "forked"
    BODY_MISSING = "body-missing"
    BODY_MISMATCH = "body-mismatch"
    SCHEMA_INVALID = "schema-invalid"
    MARKING_VIOLATED = "marking-violated"
    CONSENT_MISSING = "consent-missing"


class Explanation(NamedTuple):
    """What a reason means and what to do, for translation: `step` is its place in the contract's order of verdicts."""

    step: int
    meaning: str
    remedy: str


EXPLANATIONS: dict[Reason, Explanation] = {
    Reason.TOO_LARGE: Explanation(
        1,
        N_("the statement is over 4 KiB or the body over 256 KiB"),
        N_("shorten the record, or split it into several"),
    ),
    Reason.MALFORMED: Explanation(
        1,
        N_("the token or its statement does not have the exact form of the contract"),
        N_("update the node's software"),
    ),
    Reason.UNKNOWN_KIND: Explanation(
        1,
        N_("the type, kind or schema version is not known to this hub"),
        N_("update the hub, or use a kind that it knows"),
    ),
    Reason.WRONG_NETWORK: Explanation(
        2, N_("the statement was signed for another network"), N_("publish it with a node that has joined this network")
    ),
    Reason.WRONG_SUBJECT: Explanation(
        2,
        N_("source, subject and bus subject do not name one and the same organization and kind"),
        N_("publish only in the organization's own name"),
    ),
    Reason.UNKNOWN_ORGANIZATION: Explanation(
        4, N_("the organization is not in the registry"), N_("ask the hub's operator to admit it (liaison-hub admit)")
    ),
    Reason.SUSPENDED: Explanation(
        4,
        N_("the organization is suspended"),
        N_("talk to the hub's operator; events wait in the node's outbox meanwhile"),
    ),
    Reason.RETIRED: Explanation(
        4, N_("the organization has retired for good"), N_("enrol under a new organization id")
    ),
    Reason.UNKNOWN_KEY: Explanation(
        5,
        N_("the signing key was never registered for this organization"),
        N_("sign with the registered key, or replace it"),
    ),
    Reason.KEY_NOT_VALID: Explanation(
        5,
        N_("the key is registered, but not valid at this place in the log"),
        N_("sign with the organization's current key"),
    ),
    Reason.BAD_SIGNATURE: Explanation(
        6,
        N_("the signature does not verify over the transmitted bytes"),
        N_("send the bytes again exactly as they were signed"),
    ),
    Reason.FORKED: Explanation(
        7,
        N_("the organization signed two different statements for one place in its chain"),
        N_("stop every copy of the node but one, then rotate the key or have it replaced"),
    ),
    Reason.BODY_MISSING: Explanation(8, N_("the statement came without its body"), N_("publish the record again")),
    Reason.BODY_MISMATCH: Explanation(
        8, N_("the body does not have the hash that was signed"), N_("publish the record again")
    ),
    Reason.SCHEMA_INVALID: Explanation(
        9,
        N_("the record does not fit its schema"),
        N_("correct the fields that are named and publish the record again"),
    ),
    Reason.MARKING_VIOLATED: Explanation(
        10,
        N_("the marking forbids what was done with the record"),
        N_("choose a stricter marking, or leave the field out"),
    ),
    Reason.CONSENT_MISSING: Explanation(
        10, N_("consent to share this widely was not given"), N_("record the consent, or choose a stricter marking")
    ),
}

# Refusals that end when somebody acts on the registry: the node keeps the event and offers it again.
PASSING = frozenset({Reason.UNKNOWN_ORGANIZATION, Reason.SUSPENDED})
