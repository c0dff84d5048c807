"""Tests of problems: each is told at the control that it is about."""

import pytest

from node.entry_form import controls_of
from node.entry_form.problems import names_of, problems_by_control
from schemas.problems import Problem


@pytest.mark.parametrize(
    ("kind", "pointer", "element"),
    [
        ("need", "/title", "title"), ("need", "/title/en", "title.en"), ("need", "/themes/3/code", "themes"),
        ("need", "/documents/0/url", "documents.0.url"), ("need", "/documents/0/title/fr", "documents.0.title.fr"),
        ("need", "/cost/currency", "cost.currency"), ("need", "/history/2", "history"), ("need", "/marking", "marking"),
        ("need", "", ""), ("need", "/nothing", ""), ("activity", "/results/0/indicator/periods/1/start",
        "results.0.indicator.periods.1.start"),
    ],
)  # fmt: skip
def test_a_pointer_leads_to_its_control(kind: str, pointer: str, element: str) -> None:
    assert problems_by_control(controls_of(kind), [Problem(pointer, "Wrong.", "", "")]) == {element: "Wrong."}


def test_the_first_problem_of_a_control_is_told() -> None:
    problems = [Problem("/themes/0", "First.", "", ""), Problem("/themes/1", "Second.", "", "")]
    assert problems_by_control(controls_of("need"), problems) == {"themes": "First."}


@pytest.mark.parametrize(
    ("kind", "element", "names"),
    [
        ("need", "title.en", ["Title"]), ("contact", "emails.0.address", ["E-mail addresses", "Address"]),
        ("need", "marking", ["Who may see it"]), ("need", "", []),
    ],
)  # fmt: skip
def test_an_element_is_called_as_the_form_calls_it(kind: str, element: str, names: list[str]) -> None:
    assert names_of(controls_of(kind), element) == names
