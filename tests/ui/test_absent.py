"""Tests of absent: an optional field that is not there is nothing, a name that nobody defined is an error."""

import pytest
from jinja2 import Environment, UndefinedError

from ui.absent import Absent

ENVIRONMENT = Environment(undefined=Absent, autoescape=True)


def render(template: str) -> str:
    return ENVIRONMENT.from_string(template).render(record={"title": "x"})


def test_a_field_that_a_record_does_not_have_is_nothing() -> None:
    assert render("{{ record.title }}{{ record.none }}{% if record.none %}y{% endif %}") == "x"
    assert render("{% for each in record.none %}y{% endfor %}{{ record.none|length }}") == "0"


@pytest.mark.parametrize(
    "template", ["{{ recrod }}", "{% if recrod %}{% endif %}", "{% for x in recrod %}{% endfor %}"]
)
def test_a_name_that_no_page_defines_is_an_error(template: str) -> None:
    with pytest.raises(UndefinedError):
        render(template)


def test_what_is_not_there_has_no_members_either() -> None:
    with pytest.raises(UndefinedError):
        render("{{ record.none.title }}")
