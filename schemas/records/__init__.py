"""The twelve kinds of record: owns their fields and rules; does not know who publishes them, or how."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from schemas.record import Record
from schemas.records.accession import Accession
from schemas.records.activity import Activity
from schemas.records.assessment import Assessment
from schemas.records.contact import Contact
from schemas.records.finding import Finding
from schemas.records.link import Link
from schemas.records.need import Need
from schemas.records.offer import Offer
from schemas.records.organization import Organization
from schemas.records.plan import Plan
from schemas.records.priority import Priority
from schemas.records.resource import Resource

KINDS: Final[Mapping[str, type[Record]]] = MappingProxyType(
    {
        model.kind: model
        for model in (
            Organization,
            Contact,
            Link,
            Assessment,
            Finding,
            Need,
            Offer,
            Activity,
            Resource,
            Priority,
            Plan,
            Accession,
        )
    }
)

__all__ = ["KINDS"]
