"""A priority that an organization has announced, so that others can see where it does and does not mean to act."""

from typing import Annotated, ClassVar

from pydantic import Field

from schemas.fields import AnyRef, CodeOf, Day, Document, LangText, Money, OrgRef
from schemas.record import Record, Themes


class Priority(Record):
    """An announced priority of an organization."""

    kind: ClassVar[str] = "priority"

    organization: OrgRef = Field(description="The organization whose priority it is.")
    title: LangText = Field(description="Title, by language.")
    statement: LangText = Field(description="The priority in its own words, by language.")
    themes: Themes = Field(description="What it is about.")
    rank: Annotated[int, Field(ge=1, le=1_000)] | None = Field(None, description="Its rank, 1 is first.")
    period_start: Day = Field(description="First day for which it holds.")
    period_end: Day | None = Field(None, description="Last day for which it holds.")
    decided_by: OrgRef | None = Field(None, description="Who decided it.")
    decision_document: Document | None = Field(None, description="The decision.")
    resources_allocated: Money | None = Field(None, description="Money set aside for it.")
    linked_actions: Annotated[list[AnyRef], Field(min_length=1, max_length=200)] | None = Field(
        None, description="Records that carry it out: ids or addresses."
    )
    status: Annotated[str, CodeOf("priority_status")] | None = Field(None, description="Where it stands.")
