"""A finding drawn from many assessments, told so that no single State can be made out."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from schemas.coded import Theme
from schemas.codelists import codes
from schemas.fields import ORG, RECORD_ID, CodeOf, Count, LangText, OrgRef, Part, Period, RegionPlace
from schemas.forms import form
from schemas.problems import Problem, problem, shown
from schemas.record import Record, Themes
from schemas.sentences import gettext_noop as N_
from schemas.sentences import sentence

COMMITMENT = "derived_from_commitment"
MAX_SOURCES = 10_000
MIN_ASSESSMENTS = 5  # fewer would let a reader guess whose assessment it was
_REGIONS = "|".join(sorted(codes("region") - {"001"}))
_WIDE = form(f"^(?:global|{_REGIONS})$", 'be a region of UN M49, three digits, or "global"; never one State')
_COMMITMENT = form(r"^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$", "be a SHA-256 in base64url, 43 characters")


_SOURCE = re.compile(rf"assessment/{ORG}/{RECORD_ID}")


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
    # Only regions: one country here would tell which State the finding is about.
    places: Annotated[list[RegionPlace], Field(min_length=1, max_length=500)] | None = Field(  # type: ignore[assignment]
        None, description="Where: regions only, never States (IATI recipient-region)."
    )
    derived_from_commitment: Annotated[str, Field(pattern=_COMMITMENT)] = Field(
        description="SHA-256, base64url, of the canonical JSON of the sorted addresses of the assessments and a salt."
    )
    contributing_orgs: Count | None = Field(None, description="How many organizations contributed.")
    contributors: Annotated[list[OrgRef], Field(min_length=1, max_length=300)] | None = Field(
        None, description="The contributing organizations, only if each consented to be named."
    )


def source_problems(kind: str, sources: Any, record: Mapping[str, Any]) -> list[Problem]:
    """What is wrong with the addresses of the assessments that are named beside a finding; none are named by None."""
    at = ("derived_from",)
    if sources is None:
        return []
    if kind != Finding.kind:
        return [problem(at, shown(sources), N_("be left out: only a finding is drawn from assessments"))]
    if not isinstance(sources, (list, tuple)) or not MIN_ASSESSMENTS <= len(sources) <= MAX_SOURCES:
        found = sentence("{n} entries", n=len(sources)) if isinstance(sources, (list, tuple)) else shown(sources)
        must = sentence(
            "be a list of {least} to {most} addresses of assessments", least=MIN_ASSESSMENTS, most=MAX_SOURCES
        )
        return [problem(at, found, must)]
    for place, address in enumerate(sources):
        if not isinstance(address, str) or not _SOURCE.fullmatch(address):
            allowed = N_("be the address of an assessment, as assessment/ke-nctc/0193a1c2")
            return [problem((*at, place), shown(address), allowed)]
    if len(set(sources)) != len(sources):
        return [problem(at, N_("one address twice"), N_("name each assessment once"))]
    if COMMITMENT in record:
        return [
            problem((COMMITMENT,), N_("given"), N_("be left out beside derived_from: the node makes it, with a salt"))
        ]
    if record.get("n_assessments") != len(sources):
        allowed = sentence("be {n}, the number of assessments in derived_from", n=len(sources))
        return [problem(("n_assessments",), shown(record.get("n_assessments")), allowed)]
    return []
