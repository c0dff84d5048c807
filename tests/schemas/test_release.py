"""No record leaves under a marking that its consents or its visibility do not allow."""

from itertools import product
from typing import Any

import pytest

from schemas.codelists import codes
from schemas.release import CIRCULATING, MARKINGS, slug, violation
from tests.schemas.records.test_records import RECORDS

CLEAR, GREEN, AMBER, STRICT, RED = MARKINGS


def allowed(kind: str, **changes: Any) -> tuple[str, ...]:
    return tuple(marking for marking in MARKINGS if violation(kind, RECORDS[kind] | changes, marking) is None)


@pytest.mark.parametrize("kind", RECORDS)
def test_red_never_leaves(kind: str) -> None:
    reason, problem = violation(kind, RECORDS[kind], RED) or ("", None)
    assert reason == "marking-violated"
    assert problem is not None
    assert problem.pointer == "/marking"


@pytest.mark.parametrize(
    ("circulate", "publish", "markings"),
    [
        (True, True, (CLEAR, GREEN, AMBER, STRICT)),
        (True, False, (GREEN, AMBER, STRICT)),
        (False, True, (AMBER, STRICT)),
        (False, False, (AMBER, STRICT)),
    ],
)
def test_a_need_goes_as_far_as_its_two_consents(circulate: bool, publish: bool, markings: tuple[str, ...]) -> None:
    assert allowed("need", consent_to_circulate=circulate, consent_to_publish=publish) == markings


@pytest.mark.parametrize(
    ("consent", "markings"),
    [
        ("none", (STRICT,)),
        ("state_only", (AMBER, STRICT)),
        ("partial_release", CIRCULATING),
        ("full_release", CIRCULATING),
    ],
)
def test_an_assessment_goes_as_far_as_the_state_consents(consent: str, markings: tuple[str, ...]) -> None:
    assert allowed("assessment", consent=consent) == markings


@pytest.mark.parametrize(
    ("visibility", "markings"),
    [("public", CIRCULATING), ("members", (GREEN, AMBER, STRICT)), ("private", (AMBER, STRICT))],
)
def test_a_contact_goes_as_far_as_it_is_visible(visibility: str, markings: tuple[str, ...]) -> None:
    assert allowed("contact", visibility=visibility) == markings


def test_the_reason_tells_consent_from_marking() -> None:
    need = violation("need", RECORDS["need"] | {"consent_to_publish": False}, CLEAR)
    contact = violation("contact", RECORDS["contact"] | {"visibility": "private"}, GREEN)
    assessment = violation("assessment", RECORDS["assessment"] | {"consent": "none"}, AMBER)
    assert need is not None
    assert contact is not None
    assert assessment is not None
    assert (need[0], contact[0], assessment[0]) == ("consent-missing", "marking-violated", "consent-missing")
    assert (need[1].pointer, contact[1].pointer) == ("/consent_to_publish", "/visibility")
    assert "TLP:GREEN or stricter" in need[1].message


def test_every_consent_and_visibility_has_its_rule() -> None:
    for consent, marking in product(codes("consent"), CIRCULATING):
        violation("assessment", {"consent": consent}, marking)
    assert allowed("contact", visibility="unheard of") == (STRICT,)


def test_markings_have_words_for_the_bus() -> None:
    assert [slug(marking) for marking in CIRCULATING] == ["clear", "green", "amber", "amber-strict"]
    assert slug(RED) == "amber-strict"
    assert set(MARKINGS) == codes("tlp")
