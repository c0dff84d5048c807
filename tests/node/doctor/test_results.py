"""What an examination says as a whole, and as data."""

from node.doctor.results import TITLES, Examination, failed, passed, skipped

FOUND = Examination(
    "xa-centre", "2026-11-26T12:00:00.000Z", (passed("ask", "It answers."), *skipped(["clock"], "Why."))
)


def test_all_is_well_while_nothing_has_failed() -> None:
    assert FOUND.well
    worse = FOUND.with_check(failed("test-event", "It is lost.", "Ask."))
    assert not worse.well
    assert worse.checks[-1].title == TITLES["test-event"]


def test_a_test_event_has_a_way_where_the_hub_answers() -> None:
    assert FOUND.reaches_hub
    assert not FOUND._replace(checks=(failed("ask", "It is silent.", "Ask."),)).reaches_hub


def test_its_form_names_result_cause_and_what_to_do() -> None:
    form = FOUND.form()
    assert (form["well"], form["as_of"]) == (True, FOUND.at)
    assert form["checks"][0] == {
        "name": "ask", "title": TITLES["ask"], "result": "pass", "cause": "It answers.", "what_to_do": "", "detail": "",
    }  # fmt: skip
    assert form["checks"][1]["result"] == "not-checked"
