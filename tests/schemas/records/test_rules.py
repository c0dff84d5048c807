"""Rules between fields: scores on their scale, shares that add up, histories that are walks, States kept hidden."""

from typing import Any

import pytest

from schemas.entry import check_record
from tests.schemas.records.test_records import RECORDS


def assessed(framework: str, scheme: str, code: str, score: str) -> dict[str, Any]:
    rating = {"criterion": {"scheme": scheme, "code": code}, "score": score}
    return RECORDS["assessment"] | {"framework": framework, "ratings": [rating]}


@pytest.mark.parametrize(
    ("framework", "scheme", "code", "score"),
    [
        ("fatf-4", "fatf", "R.1", "LC"),
        ("fatf-4", "fatf", "R.40", "NA"),
        ("fatf-5", "fatf", "IO.11", "HE"),
        ("who-jee-1", "who_jee", "P.1.1", "1"),
        ("who-jee-1", "who_jee", "P.1.1", "2.5"),
        ("who-jee-1", "who_jee", "PoE.1", "N/A"),
        ("who-spar-2", "who_spar", "C1.2", "60"),
        ("who-spar-2", "who_spar", "C15", "100"),
        ("cted-visit", "theme_1373", "1.1", "largely implemented"),
        ("own", "ct_instrument", "TOKYO1963", "anything"),
    ],
)
def test_a_score_on_the_scale_of_its_framework_is_valid(framework: str, scheme: str, code: str, score: str) -> None:
    assert check_record("assessment", assessed(framework, scheme, code, score)) == []


@pytest.mark.parametrize(
    ("framework", "scheme", "code", "score", "pointer"),
    [
        ("fatf-4", "fatf", "R.1", "HE", "/ratings/0/score"),
        ("fatf-4", "fatf", "IO.1", "C", "/ratings/0/score"),
        ("fatf-4", "who_jee", "P.1.1", "C", "/ratings/0/criterion"),
        ("who-jee-1", "who_jee", "P.1.1", "6", "/ratings/0/score"),
        ("who-jee-1", "who_jee", "P.1.1", "0", "/ratings/0/score"),
        ("who-jee-1", "who_jee", "P.1.1", "5.5", "/ratings/0/score"),
        ("who-spar-2", "who_spar", "C1", "101", "/ratings/0/score"),
        ("who-spar-2", "who_spar", "C16", "10", "/ratings/0/criterion/code"),
    ],
)
def test_a_score_off_the_scale_is_refused(framework: str, scheme: str, code: str, score: str, pointer: str) -> None:
    problems = check_record("assessment", assessed(framework, scheme, code, score))
    assert [problem.pointer for problem in problems] == [pointer]


def test_the_score_before_is_on_the_same_scale() -> None:
    record = assessed("fatf-4", "fatf", "R.1", "C")
    record["ratings"][0]["previous_score"] = "ME"
    (problem,) = check_record("assessment", record)
    assert problem.pointer == "/ratings/0/previous_score"
    assert problem.found == '"ME"'
    assert "C, LC, PC, NC, NA" in problem.message


def test_an_assessment_may_give_no_ratings_but_must_say_so() -> None:
    assert check_record("assessment", RECORDS["assessment"] | {"ratings": []}) == []


def activity(field: str, *percentages: str | None) -> dict[str, Any]:
    whole = {"sectors": {"scheme": "dac_crs", "code": "15210"}, "places": {"country": "XAA"}}[field]
    shares = [whole | ({} if share is None else {"percentage": share}) for share in percentages]
    return RECORDS["activity"] | {field: shares}


@pytest.mark.parametrize("field", ["sectors", "places"])
@pytest.mark.parametrize(
    "percentages", [("100",), ("33.33", "33.33", "33.33"), ("60.5", "39.5"), (None, None), ("0", "100")]
)
def test_shares_that_add_up_are_valid(field: str, percentages: tuple[str | None, ...]) -> None:
    assert check_record("activity", activity(field, *percentages)) == []


@pytest.mark.parametrize("field", ["sectors", "places"])
@pytest.mark.parametrize("percentages", [("99",), ("60", "60"), ("50", None), ("33.3", "33.3", "33.3")])
def test_shares_that_do_not_add_up_are_refused(field: str, percentages: tuple[str | None, ...]) -> None:
    (problem,) = check_record("activity", activity(field, *percentages))
    assert problem.pointer == f"/{field}"


def test_the_sectors_of_each_list_add_up_on_their_own() -> None:
    sectors = [
        {"scheme": "dac_crs", "code": "15210", "percentage": "100"},
        {"scheme": "theme_1373", "code": "2.10", "percentage": "100"},
    ]
    assert check_record("activity", RECORDS["activity"] | {"sectors": sectors}) == []


@pytest.mark.parametrize(
    ("history", "now", "pointer"),
    [
        ([], "submitted", "/history"),
        (["circulated"], "circulated", "/history/0/status"),
        (["submitted", "circulated"], "circulated", "/history/1/status"),
        (["submitted", "authenticated"], "submitted", "/history/1/status"),
    ],
)
def test_a_history_that_is_no_walk_to_the_present_status_is_refused(history: list[str], now: str, pointer: str) -> None:
    steps = [{"status": status, "at": "2026-01-01"} for status in history]
    problems = check_record("need", RECORDS["need"] | {"history": steps, "need_status": now})
    assert [problem.pointer for problem in problems] == [pointer]


@pytest.mark.parametrize("scope", ["KEN", "XAA", "001", "2", "Africa"])
def test_a_finding_never_names_one_state(scope: str) -> None:
    problems = check_record("finding", RECORDS["finding"] | {"subject_scope": scope})
    assert [problem.pointer for problem in problems] == ["/subject_scope"]


def test_a_finding_from_fewer_than_five_assessments_is_refused() -> None:
    (problem,) = check_record("finding", RECORDS["finding"] | {"n_assessments": 4})
    assert problem.message == '"n_assessments" is 4, but must be at least 5.'


@pytest.mark.parametrize("place", [{}, {"country": "KEN", "region": "014"}, {"country": "??"}, {"region": "14"}])
def test_a_place_is_one_country_or_one_region(place: dict[str, str]) -> None:
    assert check_record("need", RECORDS["need"] | {"beneficiary": place}) != []


@pytest.mark.parametrize("country", ["XAA", "XZZ", "KEN", "PSE", "VAT", "HKG"])
def test_exercise_codes_states_and_territories_are_places(country: str) -> None:
    assert check_record("need", RECORDS["need"] | {"beneficiary": {"country": country}}) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("website", "javascript:alert(1)"),
        ("website", 'https://x.example/"onclick='),
        ("logo", "ftp://x.example/a.png"),
        ("established", "2026-02-30"),
        ("established", "2026-01-01T00:00:00Z"),
        ("parent", "X"),
        ("parent", "a--b"),
        ("name", {}),
        ("name", {"english": "x"}),
        ("name", {"en": "   "}),
        ("same_as", ["need1"]),
    ],
)
def test_a_value_that_is_not_of_its_form_is_refused(field: str, value: Any) -> None:
    problems = check_record("organization", RECORDS["organization"] | {field: value})
    assert problems
    assert all(problem.pointer.startswith(f"/{field}") for problem in problems)


@pytest.mark.parametrize("number", ["020 1234567", "+0123456", "0254", "+25420123456789012"])
def test_a_telephone_number_is_international_digits(number: str) -> None:
    assert check_record("contact", RECORDS["contact"] | {"phones": [{"number": number}]}) != []


@pytest.mark.parametrize("address", ["a@b", "a b@c.example", "a@c.example, d@e.example", "<a@c.example>"])
def test_an_email_address_is_one_address(address: str) -> None:
    assert check_record("contact", RECORDS["contact"] | {"emails": [{"address": address}]}) != []


def test_a_contact_that_cannot_be_reached_is_accepted() -> None:
    unreachable = {
        name: value
        for name, value in RECORDS["contact"].items()
        if name not in ("emails", "phones", "addresses", "online_services")
    }
    assert check_record("contact", unreachable) == []
