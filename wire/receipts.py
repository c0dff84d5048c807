"""Receipts and heads: the hub tells a node what it has logged; a node tells the hub how far it has come."""

from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from schemas.problems import problems_from
from wire import jws
from wire.canonical import canonical
from wire.keys import PublicKey, SigningKey

Digest = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{43}$")]
Sequence = Annotated[int, Field(ge=0, lt=10**12)]
Index = Annotated[int, Field(ge=-1, lt=2**63)]  # what a database can hold
MAX_ENTRIES = 1000
MAX_JUDGEMENTS = 50


_M = TypeVar("_M", bound=BaseModel)


class _Signed(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Judgement(_Signed):
    """One refusal (severity error: not logged) or exclusion (warning: logged, not in the view), told to its author."""

    sequence: Sequence
    severity: str
    reason: str
    found: str
    expected: str
    problems: list[dict[str, str]]


class Logged(_Signed):
    """How far the hub's log goes for this organization; index is -1 before the first."""

    sequence: Sequence
    hash: Digest
    index: Index


class Receipt(_Signed):
    """Cumulative: the newest replaces all older ones. `missing`: the hub holds later events and waits for `next`.

    `checkpoint` is the size of the newest checkpoint with a quorum, 0 before the first; `proof` is a tlog-proof of the
    newest statement of the organization that it covers, empty where there is none or nothing new to prove.
    """

    network: str
    organization: str
    at: str
    logged: Logged
    next: Sequence
    missing: bool
    entries: list[tuple[Sequence, Index]]
    judgements: list[Judgement]
    state: str
    reason: str
    checkpoint: Sequence = 0
    proof: str = ""


class Head(_Signed):
    """How far a node's own chain goes, whether or not the bus carried it: a missing tail shows."""

    network: str
    organization: str
    sequence: Sequence
    hash: Digest
    software: str
    clock: str


def sign_receipt(receipt: Receipt, key: SigningKey) -> bytes:
    """Seal a receipt with the hub's key."""
    return jws.sign(jws.RECEIPT, canonical(receipt.model_dump(mode="json")), key).encode()


def open_receipt(token: bytes, hub: PublicKey, network: str, organization: str) -> Receipt:
    """Verify a receipt for this organization; jws.Malformed otherwise."""
    receipt = _opened(token, jws.RECEIPT, hub, Receipt)
    if (receipt.network, receipt.organization) != (network, organization):
        raise jws.Malformed(f"a receipt for {receipt.organization[:100]} in {receipt.network[:100]}")
    return receipt


def sign_head(head: Head, key: SigningKey) -> bytes:
    """Seal a head with the organization's key."""
    return jws.sign(jws.HEAD, canonical(head.model_dump(mode="json")), key).encode()


def open_head(token: bytes, key: PublicKey, network: str, organization: str) -> Head:
    """Verify the head of an organization; jws.Malformed otherwise."""
    head = _opened(token, jws.HEAD, key, Head)
    if (head.network, head.organization) != (network, organization):
        said = f"{head.organization[:100]} in {head.network[:100]}"
        raise jws.Malformed(f"a head of {said}, on the subject of {organization}")
    return head


def _opened(token: bytes, typ: str, key: PublicKey, model: type[_M]) -> _M:
    payload = jws.verified_payload(token, typ, {key.thumbprint: key})
    try:
        return model.model_validate_json(payload)
    except ValidationError as error:
        problem: Any = problems_from(error)[0]
        raise jws.Malformed(f"{problem.pointer}: {problem.message}") from None
