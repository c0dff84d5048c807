"""An assessment of one State under one framework: its ratings, shortfalls and the State's consent."""

import re
from typing import Annotated, Any, ClassVar, Self

from pydantic import ConfigDict, Field, model_validator

from schemas.coded import Criterion, Theme
from schemas.codelists import scale_for
from schemas.codelists.ratings import FRAMEWORK_SCALES, rating_scales
from schemas.fields import CodeOf, CountryPlace, Day, Fraction, LangText, NeedRef, OrgRef, Part, Short
from schemas.record import Record
from schemas.refusal import refusal
from schemas.sentences import sentence


class Rating(Part):
    """The score of one criterion, raw as published."""

    criterion: Criterion = Field(description="The criterion rated, with its list (FATF R.1, JEE P.1.1 …).")
    score: Annotated[str, Field(min_length=1, max_length=40)] = Field(
        description="The score as published, on the scale of the framework."
    )
    score_norm: Fraction | None = Field(
        None, description="The score between 0 and 1 as decimal text, only for colours and gap finding."
    )
    previous_score: Annotated[str, Field(min_length=1, max_length=40)] | None = Field(
        None, description="The score of the assessment before, on the same scale."
    )
    prioritized: bool | None = Field(None, description="True if the assessor recommends to act here first.")
    evidence: LangText | None = Field(None, description="What the score rests on, by language.")


class Remark(Part):
    """A strength, a shortfall or a recommended action."""

    theme: Theme | None = Field(None, description="What it is about.")
    text: LangText = Field(description="The remark, by language.")


Remarks = Annotated[list[Remark], Field(min_length=1, max_length=500)]


def _rules(schema: dict[str, Any]) -> None:
    """Adds to the JSON Schema what `scores_fit` checks, so that both refuse the same scores."""
    schema["allOf"] = [
        {
            "if": {"properties": {"framework": {"const": framework}}, "required": ["framework"]},
            "then": {"properties": {"ratings": {"items": {"anyOf": [_allowed(*scale) for scale in scales]}}}},
        }
        for framework, scales in FRAMEWORK_SCALES.items()
    ]


def _allowed(scheme: str, beginning: str, scale: str) -> dict[str, Any]:
    score = {"pattern": rating_scales()[scale].pattern}
    code = {"pattern": f"^{re.escape(beginning)}"}
    criterion = {"properties": {"scheme": {"const": scheme}, "code": code}}
    return {"properties": {"criterion": criterion, "score": score, "previous_score": score}}


class Assessment(Record):
    """An assessment of one State (FATF mutual evaluation, WHO JEE and SPAR, CTED visit …)."""

    model_config = ConfigDict(json_schema_extra=_rules)
    kind: ClassVar[str] = "assessment"

    subject: CountryPlace = Field(description="The State assessed.")
    framework: Annotated[str, CodeOf("framework")] = Field(description="The framework and its edition.")
    assessment_type: Annotated[str, CodeOf("assessment_type")] = Field(description="How it was done.")
    assessor: OrgRef = Field(description="The organization that assessed.")
    co_assessors: Annotated[list[OrgRef], Field(min_length=1, max_length=100)] | None = Field(
        None, description="Organizations that assessed with it."
    )
    period_start: Day | None = Field(None, description="First day of the period looked at.")
    period_end: Day | None = Field(None, description="Last day of the period looked at.")
    onsite_date: Day | None = Field(None, description="First day of the visit.")
    adopted_date: Day | None = Field(None, description="Day on which the report was adopted.")
    published_date: Day | None = Field(None, description="Day on which the report was published.")
    ratings: Annotated[list[Rating], Field(max_length=1_000)] = Field(
        description="The ratings; an empty list if the assessment gives none."
    )
    strengths: Remarks | None = Field(None, description="Strengths found.")
    shortfalls: Remarks | None = Field(None, description="Shortfalls found.")
    priority_actions: Remarks | None = Field(
        None, description="Actions recommended first (JEE priority actions, FATF recommended actions)."
    )
    needs_identified: Annotated[list[NeedRef], Field(min_length=1, max_length=500)] | None = Field(
        None, description="Needs that came out of it: record ids or addresses."
    )
    state_comment: LangText | None = Field(None, description="The State's own comment: its right of reply.")
    consent: Annotated[str, CodeOf("consent")] = Field(description="How far the State consents to release.")
    consent_granted_by: Short | None = Field(None, description="The office that consented.")
    consent_granted_on: Day | None = Field(None, description="Day of the consent.")

    @model_validator(mode="after")
    def scores_fit(self) -> Self:
        """Each score is on the scale its framework uses for that criterion."""
        framework = self.get("framework")
        if framework not in FRAMEWORK_SCALES:
            return self
        for number, rating in enumerate(self.get("ratings")):
            scheme, code = rating.get("criterion").get("scheme"), rating.get("criterion").get("code")
            scale = scale_for(framework, scheme, code)
            if scale is None:
                lists = ", ".join(sorted({scheme for scheme, _, _ in FRAMEWORK_SCALES[framework]}))
                must = sentence("be a criterion of {lists}, which {framework} rates", lists=lists, framework=framework)
                raise refusal(("ratings", number, "criterion"), f"{scheme}:{code}", must)
            for field in ("score", "previous_score"):
                score = rating.get(field)
                if score is not None and score not in scale.labels and not re.fullmatch(scale.pattern, score):
                    must = sentence("be on the scale {name}: {scores}", name=scale.name, scores=", ".join(scale.labels))
                    if not scale.labels:
                        must = sentence("be on the scale {name}: a number from 0 to 100", name=scale.name)
                    raise refusal(("ratings", number, field), f'"{score}"', must)
        return self
