"""How a record is found by its address: by a number made of eight bytes of the address's hash."""

import hashlib

from sqlalchemy import ColumnElement, Select, and_, select

from hub import tables
from hub.body_tags import tag_of


def tag_of_address(kind: str, organization: str, record_id: str) -> int:
    """Give the number under which a record is found; two records may share one."""
    return tag_of(hashlib.sha256(f"{kind}/{organization}/{record_id}".encode()).digest())


def has_address(kind: str, organization: str, record_id: str) -> ColumnElement[bool]:
    """Give the condition under which a record, joined with its organization, has this address."""
    records = tables.records.c
    return and_(
        records.tag == tag_of_address(kind, organization, record_id), records.kind == kind,
        tables.organizations.c.organization == organization, records.id == record_id,
    )  # fmt: skip


def number_at(kind: str, organization: str, record_id: str) -> Select[tuple[int]]:
    """Select the number of the record with this address."""
    records, names = tables.records.c, tables.organizations.c
    joined = select(records.record).join(tables.organizations, names.org == records.org)
    return joined.where(has_address(kind, organization, record_id))
