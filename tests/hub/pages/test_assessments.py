"""Tests of the page of assessments: side by side, each framework on its own scale."""

from typing import Any

from hub.pages.assessments import MAX_BESIDE, side_by_side
from tests.hub.pages.asked import Reader
from tests.hub.published import Published, example


def assessment(
    country: str, *ratings: tuple[str, str, str], framework: str = "fatf-4", **changes: Any
) -> dict[str, Any]:
    rated = [{"criterion": {"scheme": scheme, "code": code}, "score": score} for scheme, code, score in ratings]
    return example(
        "assessment", subject={"country": country}, framework=framework, ratings=rated, consent="full_release",
        needs_identified=None,
    )  # fmt: skip


def view(number: int, record: dict[str, Any]) -> dict[str, Any]:
    return {"kind": "assessment", "org": "xa-centre", "id": f"a{number}", "index": number, "record": record}


def test_two_scales_are_never_in_one_table() -> None:
    both = assessment("KEN", ("fatf", "R.10", "PC"), ("fatf", "R.2", "C"), ("fatf", "IO.9", "ME"))
    jee = assessment("KEN", ("who_jee", "P.1.1", "3"), framework="who-jee-2")
    tables, left_out = side_by_side([view(1, both), view(2, jee)])
    scales = [table.scale.name for table in tables if table.scale]
    assert sorted(scales) == ["fatf-eff", "fatf-tc", "who-jee"]
    assert left_out == 0
    technical = next(table for table in tables if table.scale and table.scale.name == "fatf-tc")
    assert [line.code for line in technical.lines] == ["R.2", "R.10"]


def test_what_an_assessment_does_not_rate_stays_empty_and_is_not_made_up() -> None:
    tables, _ = side_by_side(
        [view(1, assessment("KEN", ("fatf", "R.1", "PC"))), view(2, assessment("TCD", ("fatf", "R.2", "LC")))]
    )
    assert [[rating and rating["score"] for rating in line.ratings] for line in tables[0].lines] in (
        [["PC", None], [None, "LC"]],
        [[None, "PC"], ["LC", None]],
    )


def test_more_than_can_be_read_side_by_side_is_counted_not_hidden() -> None:
    many = [view(number, assessment("KEN", ("fatf", "R.1", "PC"))) for number in range(MAX_BESIDE + 2)]
    assert side_by_side(many)[1] == 2


def test_chosen_states_stand_beside_each_other_with_their_scale(small_network: Published) -> None:
    small_network.publish("assessment", assessment("KEN", ("fatf", "R.1", "PC")), id="a1")
    small_network.publish("assessment", assessment("TCD", ("fatf", "R.1", "LC")), id="a2")
    reader = Reader(small_network)
    page = reader.read("/en/assessments?place=KEN&place=TCD")
    assert {cell.text_content() for cell in page.xpath("//main//tbody//td/strong")} == {"PC", "LC"}
    words = reader.words("/en/assessments?place=KEN&place=TCD")
    assert "Partially compliant" in words
    assert "Kenya" in words
    compare = reader.read("/en/assessments").xpath("//a[contains(text(), 'Compare Chad')]/@href")
    assert compare == ["/en/assessments?place=TCD"]


def test_a_place_that_is_none_is_said_on_the_page(small_network: Published) -> None:
    reader = Reader(small_network)
    assert "KENYA" in reader.words("/en/assessments?place=KENYA")
    assert reader.status == 422
