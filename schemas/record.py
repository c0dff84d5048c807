"""What all records have in common: the fields any kind may carry, and the strictness of the models."""

from typing import Annotated, ClassVar

from pydantic import Field

from schemas.coded import Theme
from schemas.fields import Day, Document, Part, Place, RecordAddress, Source

Themes = Annotated[list[Theme], Field(min_length=1, max_length=500)]
Places = Annotated[list[Place], Field(min_length=1, max_length=500)]


class Record(Part):
    """A thing an organization owns. Who published it, when, and its marking are in the statement, not here."""

    kind: ClassVar[str]

    valid_from: Day | None = Field(None, description="First day on which this holds (HSDS valid_from).")
    valid_until: Day | None = Field(None, description="Last day on which this holds (HSDS valid_to).")
    confirmed_at: Day | None = Field(None, description="Day on which the owner last confirmed it (IHR confirmation).")
    review_due: Day | None = Field(None, description="Day by which the owner means to look at it again.")
    themes: Themes | None = Field(None, description="What it is about: codes of known lists (IATI sector, DAC CRS).")
    places: Places | None = Field(None, description="Where: countries or regions (IATI recipient-country).")
    documents: Annotated[list[Document], Field(min_length=1, max_length=200)] | None = Field(
        None, description="Documents on the web (IATI document-link)."
    )
    source: Source | None = Field(None, description="Where the information was taken from.")
    secondary_reporter: bool | None = Field(
        None, description="True if the owner reports what others did (IATI secondary-reporter)."
    )
    same_as: Annotated[list[RecordAddress], Field(min_length=1, max_length=200)] | None = Field(
        None, description="Addresses of records about the same thing, as kind/organization/id."
    )
    supersedes: Annotated[list[RecordAddress], Field(min_length=1, max_length=200)] | None = Field(
        None, description="Addresses of records that this one replaces (dcat:previousVersion)."
    )
