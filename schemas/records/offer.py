"""An offer of assistance: who gives what to whom, and how to apply."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Discriminator, Field, Tag

from schemas.fields import ActivityRef, CodeOf, ContactRef, Count, Day, LangText, LanguageTag, OrgRef, Part, ResourceRef
from schemas.record import Places, Record, Themes


def _eligible_form(value: Any) -> str:
    return "~global" if isinstance(value, str) else "~places"


EligiblePlaces = Annotated[
    Annotated[Literal["global"], Tag("~global")] | Annotated[Places, Tag("~places")], Discriminator(_eligible_form)
]


class Capacity(Part):
    """The capacity of an offer."""

    places_per_year: Count | None = Field(None, description="How many can be helped or trained in a year.")


class Offer(Record):
    """An offer of assistance (HSDS service, 1540 offers of assistance)."""

    kind: ClassVar[str] = "offer"

    provider: OrgRef = Field(description="The organization that offers.")
    title: LangText = Field(description="Title, by language.")
    description: LangText = Field(description="What is offered, by language.")
    themes: Themes = Field(description="What the assistance is for.")
    assistance_modes: Annotated[list[Annotated[str, CodeOf("assistance_mode")]], Field(min_length=1, max_length=20)] = (
        Field(description="Kinds of assistance offered (IATI AidType).")
    )
    eligible_places: EligiblePlaces = Field(description='Countries and regions that may apply, or "global".')
    eligibility: LangText | None = Field(None, description="Who may apply, by language (HSDS eligibility).")
    languages: Annotated[list[LanguageTag], Field(min_length=1, max_length=50)] | None = Field(
        None, description="Languages in which it is given, BCP 47."
    )
    capacity: Capacity | None = Field(None, description="How much can be given.")
    cost_sharing: LangText | None = Field(None, description="What the receiver pays, by language (HSDS fees).")
    how_to_apply: LangText | None = Field(None, description="How to apply, by language (HSDS application_process).")
    contact: ContactRef = Field(description="Whom to ask: a record id or address of a contact.")
    available_from: Day | None = Field(None, description="First day on which it is offered.")
    available_until: Day | None = Field(None, description="Last day on which it is offered.")
    open: bool = Field(description="Whether one may apply now (HSDS status).")
    standards_used: Annotated[list[ResourceRef], Field(min_length=1, max_length=100)] | None = Field(
        None, description="Standards it follows: ids or addresses of resources."
    )
    past_results: Annotated[list[ActivityRef], Field(min_length=1, max_length=100)] | None = Field(
        None, description="What came of it before: ids or addresses of activities."
    )
    accepted_requests: Count | None = Field(None, description="How many requests have been accepted.")
