"""An activity: a programme or project by which assistance is given, in the terms of IATI 2.03."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from schemas.coded import Sector
from schemas.fields import (
    Amount,
    CodeOf,
    ContactRef,
    Currency,
    Day,
    LangText,
    NeedRef,
    OrgRef,
    Part,
    Short,
)
from schemas.record import Record
from schemas.refusal import refusal
from schemas.sentences import sentence


class Description(Part):
    """A description of one type."""

    type: Annotated[str, CodeOf("iati_description_type")] = Field(description="What it describes (DescriptionType).")
    text: LangText = Field(description="The description, by language.")


class Participant(Part):
    """An organization that takes part (IATI participating-org)."""

    org: OrgRef = Field(description="The organization.")
    role: Annotated[str, CodeOf("iati_org_role")] = Field(description="Its role (OrganisationRole).")
    type: Annotated[str, CodeOf("iati_org_type")] | None = Field(None, description="Its type (OrganisationType).")
    activity_id: Short | None = Field(None, description="Its own IATI identifier of the activity.")


class ActivityDate(Part):
    """A date in the life of an activity (IATI activity-date)."""

    type: Annotated[str, CodeOf("iati_date_type")] = Field(description="Planned or actual, start or end.")
    date: Day = Field(description="The date.")


class Transaction(Part):
    """A flow of money (IATI transaction)."""

    type: Annotated[str, CodeOf("iati_transaction_type")] = Field(description="What flows (TransactionType).")
    date: Day | None = Field(None, description="Day of the transaction.")
    value: Amount = Field(description="Amount, decimal text.")
    currency: Currency = Field(description="Currency, ISO 4217.")
    value_date: Day | None = Field(None, description="Date at which the amount is valued.")
    provider: OrgRef | None = Field(None, description="Who gives (provider-org).")
    receiver: OrgRef | None = Field(None, description="Who receives (receiver-org).")


class Budget(Part):
    """A budget for a period (IATI budget)."""

    status: Annotated[str, CodeOf("budget_status")] | None = Field(None, description="Indicative or committed.")
    period_start: Day = Field(description="First day of the period.")
    period_end: Day = Field(description="Last day of the period.")
    value: Amount = Field(description="Amount, decimal text.")
    currency: Currency = Field(description="Currency, ISO 4217.")
    value_date: Day | None = Field(None, description="Date at which the amount is valued.")


class Related(Part):
    """Another activity that belongs with this one (IATI related-activity)."""

    id: Short = Field(description="IATI identifier of the other activity.")
    type: Annotated[str, CodeOf("iati_related_type")] = Field(description="How it is related (RelatedActivityType).")


class IndicatorPeriod(Part):
    """Target and actual value in a period (IATI indicator/period)."""

    start: Day = Field(description="First day of the period.")
    end: Day = Field(description="Last day of the period.")
    target: Short | None = Field(None, description="What was aimed at.")
    actual: Short | None = Field(None, description="What was reached.")


class Indicator(Part):
    """How a result is measured (IATI indicator)."""

    title: LangText | None = Field(None, description="What is measured, by language.")
    measure: Annotated[str, CodeOf("indicator_measure")] = Field(description="In what it is measured.")
    baseline: Short | None = Field(None, description="Value at the start.")
    periods: Annotated[list[IndicatorPeriod], Field(min_length=1, max_length=100)] | None = Field(
        None, description="Values by period."
    )


class Result(Part):
    """What came of the activity (IATI result)."""

    type: Annotated[str, CodeOf("iati_result_type")] = Field(description="Output, outcome or impact (ResultType).")
    title: LangText = Field(description="The result, by language.")
    indicator: Indicator | None = Field(None, description="How it is measured.")
    lessons: LangText | None = Field(None, description="What was learned, by language.")


class Activity(Record):
    """A programme, project or other assistance given (IATI activity)."""

    kind: ClassVar[str] = "activity"

    activity_id: Short = Field(description="Identifier of the activity (iati-identifier).")
    title: LangText = Field(description="Title, by language.")
    descriptions: Annotated[list[Description], Field(min_length=1, max_length=20)] = Field(
        description="Descriptions, by type."
    )
    participating_orgs: Annotated[list[Participant], Field(min_length=1, max_length=300)] = Field(
        description="Who takes part, and as what (participating-org)."
    )
    activity_status: Annotated[str, CodeOf("activity_status")] = Field(description="Where it stands (ActivityStatus).")
    dates: Annotated[list[ActivityDate], Field(min_length=1, max_length=20)] = Field(
        description="Planned and actual start and end (activity-date)."
    )
    scope: Annotated[str, CodeOf("iati_scope")] | None = Field(None, description="Reach (ActivityScope).")
    sectors: Annotated[list[Sector], Field(min_length=1, max_length=100)] | None = Field(
        None, description="Sectors: DAC CRS purpose codes, or themes of resolution 1373 (IATI vocabulary 99)."
    )
    modality: Annotated[str, CodeOf("assistance_mode")] | None = Field(None, description="Kind of assistance.")
    aid_type: Annotated[str, CodeOf("dac_aid_type")] | None = Field(None, description="Type of aid (DAC AidType).")
    collaboration_type: Annotated[str, CodeOf("collaboration_type")] | None = Field(
        None, description="Type of collaboration (DAC CollaborationType)."
    )
    transactions: Annotated[list[Transaction], Field(min_length=1, max_length=500)] | None = Field(
        None, description="Flows of money."
    )
    budget: Annotated[list[Budget], Field(min_length=1, max_length=100)] | None = Field(None, description="Budgets.")
    related: Annotated[list[Related], Field(min_length=1, max_length=100)] | None = Field(
        None, description="Activities that belong with this one."
    )
    answers_needs: Annotated[list[NeedRef], Field(min_length=1, max_length=200)] | None = Field(
        None, description="Needs that it answers: addresses (kind/organization/id), or ids of own ones."
    )
    results: Annotated[list[Result], Field(min_length=1, max_length=200)] | None = Field(
        None, description="What came of it."
    )
    contact: ContactRef | None = Field(None, description="Whom to ask (contact-info): a record id or address.")

    @model_validator(mode="after")
    def shares_add_up(self) -> Self:
        """Percentages add up to 100 for the places, and for the sectors of each list."""
        places, sectors = self.get("places"), self.get("sectors")
        if places is not None:
            _add_up("places", [("places", place.get("percentage")) for place in places])
        if sectors is not None:
            _add_up("sectors", [(sector.get("scheme"), sector.get("percentage")) for sector in sectors])
        return self


def _add_up(field: str, shares: Iterable[tuple[str, str | None]]) -> None:
    by_list: dict[str, list[str | None]] = {}
    for name, share in shares:
        by_list.setdefault(name, []).append(share)
    for name, given in by_list.items():
        said = [Decimal(share) for share in given if share is not None]
        # One hundredth is what three thirds of 33.33 leave open; a single entry without a share is the whole.
        if said and (len(said) != len(given) or abs(sum(said, Decimal(-100))) > Decimal("0.01")):
            found = sentence(
                "{some} of {all} with a percentage, {total} in all", some=len(said), all=len(given), total=sum(said)
            )
            must = sentence("have percentages for all of {name} or for none, adding up to 100", name=name)
            raise refusal((field,), found, must)
