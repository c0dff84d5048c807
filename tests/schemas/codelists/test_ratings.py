"""Scales: which framework uses which, and what a score is worth."""

from decimal import Decimal

import pytest

from schemas.codelists import codes, scale_for, score_value
from schemas.codelists.ratings import FRAMEWORK_SCALES, rating_scales
from tests.schemas.codelists.test_lists import proposed
from tests.shared_files import needs_shared


@pytest.mark.parametrize(
    ("framework", "scheme", "criterion", "score", "value"),
    [
        ("fatf-4", "fatf", "R.1", "C", Decimal(4)),
        ("fatf-4", "fatf", "R.1", "NA", None),
        ("fatf-5", "fatf", "IO.1", "LE", Decimal(1)),
        ("fatf-4", "fatf", "IO.1", "C", None),
        ("who-jee-1", "who_jee", "P.1.1", "3", Decimal(3)),
        ("who-jee-1", "who_jee", "P.1.1", "2.5", Decimal("2.5")),
        ("who-jee-1", "who_jee", "P.1.1", "N/A", None),
        ("who-spar-2", "who_spar", "C1", "80", Decimal(80)),
        ("who-spar-2", "who_spar", "C1", "N/A", None),
        ("own", "fatf", "R.1", "C", None),
    ],
)
def test_a_score_has_a_value_on_its_scale(
    framework: str, scheme: str, criterion: str, score: str, value: Decimal | None
) -> None:
    assert score_value(framework, scheme, criterion, score) == value


def test_a_criterion_of_another_list_has_no_scale() -> None:
    assert scale_for("fatf-4", "who_jee", "P.1.1") is None
    assert scale_for("cted-visit", "theme_1373", "1.1") is None


def test_frameworks_with_scales_are_frameworks() -> None:
    assert set(FRAMEWORK_SCALES) <= codes("framework")


@needs_shared
@pytest.mark.parametrize("name", ["fatf-tc", "fatf-eff", "who-jee"])
def test_labels_and_values_are_as_proposed(name: str) -> None:
    scale = rating_scales()[name]
    listed = [[code, scale.labels[code], scale.values[code]] for code in scale.labels]
    assert listed == proposed()["rating_scale"]["codes"][name]
