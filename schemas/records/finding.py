"""A finding drawn from many assessments, told so that no single State can be made out."""

from typing import Annotated, ClassVar

from pydantic import Field

from schemas.coded import Theme
from schemas.codelists import codes
from schemas.fields import CodeOf, Count, LangText, OrgRef, Part, Period
from schemas.forms import form
from schemas.record import Record, Themes

MIN_ASSESSMENTS = 5  # fewer would let a reader guess whose assessment it was
_REGIONS = "|".join(sorted(codes("region") - {"001"}))
_WIDE = form(f"^(?:global|{_REGIONS})$", 'be a region of UN M49, three digits, or "global"; never one State')
_COMMITMENT = form(r"^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$", "be a SHA-256 in base64url, 43 characters")


class Share(Part):
    """How many of the States a statement holds for, in a band so that nothing can be counted back."""

    theme: Theme = Field(description="What the share is about.")
    band: Annotated[str, CodeOf("share_band")] = Field(description="Band of the share, in per cent.")


class Finding(Record):
    """A message drawn from many assessments about a region, never about one State."""

    kind: ClassVar[str] = "finding"

    subject_scope: Annotated[str, Field(pattern=_WIDE)] = Field(
        description='The region it is about, UN M49 (three digits), or "global"; never one State.'
    )
    themes: Themes = Field(description="What it is about.")
    finding: LangText = Field(description="The finding, by language.")
    severity: Annotated[int, Field(ge=1, le=5)] | None = Field(None, description="Severity from 1 (low) to 5 (high).")
    trend: Annotated[str, CodeOf("trend")] | None = Field(None, description="Whether it improves or worsens.")
    n_assessments: Annotated[int, Field(ge=MIN_ASSESSMENTS, le=1_000_000)] = Field(
        description="From how many assessments it is drawn, at least 5."
    )
    n_states: Annotated[int, Field(ge=2, le=300)] = Field(description="How many States were assessed.")
    period: Period | None = Field(None, description="The period in which they were assessed.")
    method: LangText | None = Field(None, description="How the finding was drawn, by language.")
    recommended_action: LangText | None = Field(None, description="What should be done, by language.")
    shares: Annotated[list[Share], Field(min_length=1, max_length=200)] | None = Field(
        None, description="Shares of States by theme, in bands."
    )
    derived_from_commitment: Annotated[str, Field(pattern=_COMMITMENT)] | None = Field(
        None, description="Salted SHA-256 of the sorted assessment ids, base64url: an auditor who holds them can check."
    )
    contributing_orgs: Count | None = Field(None, description="How many organizations contributed.")
    contributors: Annotated[list[OrgRef], Field(min_length=1, max_length=300)] | None = Field(
        None, description="The contributing organizations, only if each consented to be named."
    )
