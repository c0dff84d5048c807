"""Where one State stands towards one international instrument: signed, party, with what reservations."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from schemas.fields import CodeOf, Country, Day, LangText, NeedRef, Source
from schemas.record import Record


class Accession(Record):
    """One State's status for one instrument (UN Treaty Collection, participation table)."""

    kind: ClassVar[str] = "accession"

    state: Country = Field(description="The State, ISO 3166-1 alpha-3.")
    instrument: Annotated[str, CodeOf("ct_instrument")] = Field(description="The instrument.")
    signature_date: Day | None = Field(None, description="Day of signature.")
    action: Literal["ratification", "accession", "acceptance", "approval", "succession"] | None = Field(
        None, description="How it became a party; absent if it only signed."
    )
    action_date: Day | None = Field(None, description="Day on which it became a party.")
    in_force_on: Day | None = Field(None, description="Day on which the instrument came into force for it.")
    reservations: bool | None = Field(None, description="Whether it made reservations or declarations.")
    reservations_text: LangText | None = Field(None, description="The reservations, by language.")
    withdrawn_on: Day | None = Field(None, description="Day of its withdrawal (denunciation).")
    domestic_implementation: Annotated[str, CodeOf("implementation")] | None = Field(
        None, description="How far its own law carries the instrument out."
    )
    assistance_wanted: bool | None = Field(None, description="Whether it wants help to accede or to implement.")
    assistance_need: NeedRef | None = Field(None, description="The need in which it asks: a record id or address.")
    as_of: Day = Field(description="Day as of which this is known.")
    source: Source = Field(description="Where this was taken from.")
