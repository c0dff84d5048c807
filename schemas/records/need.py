"""A need for assistance: who asks, for whom, what for, how far it has come, and who may know."""

from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from schemas.coded import Criterion
from schemas.fields import (
    Amount,
    AssessmentRef,
    CodeOf,
    ContactRef,
    Count,
    Currency,
    Day,
    LangText,
    OrgRef,
    Part,
    Place,
    Short,
)
from schemas.need_life import walk_fault
from schemas.record import Record, Themes
from schemas.refusal import refusal


class NeedStep(Part):
    """One step in the life of a need."""

    status: Annotated[str, CodeOf("need_status")] = Field(description="The status reached.")
    at: Day = Field(description="Day on which it was reached.")
    by: OrgRef | None = Field(None, description="Who took the step.")
    note: LangText | None = Field(None, description="A remark, by language.")


class FromAssessment(Part):
    """The assessment a need came out of."""

    assessment: AssessmentRef = Field(description="The assessment: a record id or address.")
    criterion: Criterion | None = Field(None, description="The criterion that fell short.")


class Quantity(Part):
    """How many people or things (HAPI population status: in need, targeted, reached)."""

    in_need: Count | None = Field(None, description="How many are in need (INN).")
    targeted: Count | None = Field(None, description="How many are to be helped (TGT).")
    reached: Count | None = Field(None, description="How many were helped (REA).")
    unit: Short | None = Field(None, description="What is counted, such as persons.")


class Cost(Part):
    """What the need costs and what is funded (OCHA FTS)."""

    requirements: Amount | None = Field(None, description="Amount required, decimal text (FTS requirements).")
    funded: Amount | None = Field(None, description="Amount funded, decimal text (FTS funding).")
    currency: Currency = Field(description="Currency, ISO 4217.")
    value_date: Day | None = Field(None, description="Date at which the amounts are valued.")


class Need(Record):
    """A request for assistance (1540 Committee template, OCHA HPC)."""

    kind: ClassVar[str] = "need"

    requester: OrgRef = Field(description="The organization that asks.")
    beneficiary: Place = Field(description="The country or region that is to benefit.")
    themes: Themes = Field(description="What the assistance is for.")
    title: LangText = Field(description="Title, by language.")
    description: LangText = Field(description="What is needed and why, by language.")
    assistance_modes: Annotated[list[Annotated[str, CodeOf("assistance_mode")]], Field(max_length=20)] = Field(
        description="Kinds of assistance asked for (IATI AidType, HXL #modality); an empty list if any will do."
    )
    priority: Annotated[str, CodeOf("level")] | None = Field(None, description="Priority (HXL #severity).")
    origin: Annotated[str, CodeOf("need_origin")] = Field(description="Where the need was found.")
    from_assessment: FromAssessment | None = Field(None, description="The assessment it came out of.")
    need_status: Annotated[str, CodeOf("need_status")] = Field(description="How far it has come (1540 procedure).")
    history: Annotated[list[NeedStep], Field(min_length=1, max_length=200)] | None = Field(
        None, description="The steps so far, oldest first; they end at the present status."
    )
    consent_to_circulate: bool = Field(description="Whether other organizations may see the need.")
    consent_to_publish: bool = Field(description="Whether everybody may see the need.")
    quantity: Quantity | None = Field(None, description="How many are in need, targeted and reached.")
    cost: Cost | None = Field(None, description="What it costs and what is funded.")
    needed_from: Day | None = Field(None, description="First day on which it is needed.")
    needed_by: Day | None = Field(None, description="Day by which it is needed.")
    contact: ContactRef | None = Field(None, description="Whom to ask: a record id or address of a contact.")
    follow_up_due: Day | None = Field(None, description="Day of the follow-up, a year after submission (1540).")
    absorptive_notes: LangText | None = Field(None, description="What the beneficiary can take in, by language.")
    prior_assistance: LangText | None = Field(None, description="Assistance received before, by language.")

    @model_validator(mode="after")
    def history_is_a_walk(self) -> Self:
        """The history is a path of allowed steps that ends at the present status."""
        history = self.get("history")
        if history is not None:
            statuses = [step.get("status") for step in history]
            fault = walk_fault(statuses, self.get("need_status"))
            if fault is not None:
                number, allowed = fault
                raise refusal(("history", number, "status"), f'"{statuses[number]}"', allowed)
        return self
