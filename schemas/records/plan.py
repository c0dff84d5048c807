"""A plan of action with its items: who does what until when, and how far it has come."""

from typing import Annotated, ClassVar

from pydantic import Field

from schemas.fields import AnyRef, CodeOf, ContactRef, Day, LangText, OrgRef, Part, Period, Short
from schemas.record import Record


class Measure(Part):
    """How progress is measured (IATI indicator)."""

    indicator: LangText = Field(description="What is measured, by language.")
    baseline: Short | None = Field(None, description="Where it began.")
    target: Short | None = Field(None, description="Where it is to arrive.")
    actual: Short | None = Field(None, description="Where it is now.")


class Update(Part):
    """News of an item."""

    at: Day = Field(description="Day of the news.")
    text: LangText = Field(description="The news, by language.")


class PlanItem(Part):
    """One action of a plan."""

    theme: Annotated[str, CodeOf("plan_theme")] = Field(description="Part of the plan it belongs to.")
    action: LangText = Field(description="What is to be done, by language.")
    owner: ContactRef | None = Field(None, description="Who answers for it: a record id or address of a contact.")
    partners: Annotated[list[OrgRef], Field(min_length=1, max_length=100)] | None = Field(
        None, description="Organizations that take part."
    )
    due: Day | None = Field(None, description="Day by which it is to be done.")
    measure: Measure | None = Field(None, description="How progress is measured.")
    progress: Annotated[int, Field(ge=0, le=100)] | None = Field(None, description="Progress in per cent.")
    action_status: Annotated[str, CodeOf("action_status")] | None = Field(None, description="Where it stands.")
    addresses: Annotated[list[AnyRef], Field(min_length=1, max_length=200)] | None = Field(
        None, description="Needs, priorities and other records that it answers: ids or addresses."
    )
    updates: Annotated[list[Update], Field(min_length=1, max_length=500)] | None = Field(
        None, description="News, oldest first."
    )


class Plan(Record):
    """A plan of action of an organization."""

    kind: ClassVar[str] = "plan"

    organization: OrgRef = Field(description="The organization whose plan it is.")
    title: LangText = Field(description="Title, by language.")
    period: Period = Field(description="The time for which it is made.")
    adopted_on: Day | None = Field(None, description="Day of its adoption.")
    items: Annotated[list[PlanItem], Field(min_length=1, max_length=500)] | None = Field(
        None, description="Its actions."
    )
