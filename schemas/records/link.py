"""A link between two organizations: membership, agreement, joint programme and the like."""

from typing import Annotated, ClassVar

from pydantic import Field

from schemas.fields import CodeOf, ContactRef, Day, Document, OrgRef
from schemas.record import Record


class Link(Record):
    """A relation between organizations, said by one of them (W3C ORG); the hub finds its mirror."""

    kind: ClassVar[str] = "link"

    from_org: OrgRef = Field(description="The organization from which the link goes out.")
    to_org: OrgRef = Field(description="The organization to which it leads.")
    link_type: Annotated[str, CodeOf("link_type")] = Field(description="What joins them (W3C ORG).")
    start: Day | None = Field(None, description="First day of the link.")
    end: Day | None = Field(None, description="Last day of the link.")
    document: Document | None = Field(None, description="The agreement (IATI document category A09).")
    contact: ContactRef | None = Field(None, description="Contact for this link: a record id or address.")
