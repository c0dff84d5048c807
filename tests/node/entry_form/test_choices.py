"""Tests of choices: a form as a browser gets it, sent back untouched, is the record that it was opened with."""

from collections.abc import Sequence
from pathlib import Path

import lxml.html
import pytest
from jinja2 import Environment

from node.entry_form import controls_of, read_form, shown_value
from node.pages.frame import NODE, words
from schemas.entry import parse_entry
from schemas.records import KINDS
from tests.schemas.examples import EXAMPLES
from ui.pages import Pages

TEMPLATE = (
    '{% from "macros/entry.html" import all_controls with context %}'
    "<form>{{ all_controls(controls, values, said) }}</form>"
)
Sent = dict[str, list[str]]


@pytest.fixture(scope="module", params=["en", "ar"])
def environment(request: pytest.FixtureRequest) -> Environment:
    return Pages("Liaison", "xa", [NODE / "templates"], [Path("none")], [], words).environment(request.param)


def sent_back(environment: Environment, kind: str, said: dict[str, str]) -> tuple[lxml.html.HtmlElement, Sent]:
    controls = controls_of(kind)
    record = parse_entry(EXAMPLES[kind]).record
    values = {each.name: shown_value(each, record.get(each.name)) for each in controls}
    html = environment.from_string(TEMPLATE).render(controls=controls, values=values, said=said, lang="en")
    form = lxml.html.fromstring(html)
    sent: Sent = {}
    for name, value in form.form_values():
        sent.setdefault(name, []).append(value)
    return form, sent


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_survives_its_own_form(environment: Environment, kind: str) -> None:
    form, sent = sent_back(environment, kind, {})
    record = parse_entry(EXAMPLES[kind]).record
    read = read_form(controls_of(kind), sent, known=record)
    assert read == {name: value for name, value in record.items() if value not in ([], "")}
    named = [each.get("id") for each in form.xpath("//input|//select|//textarea")]
    assert len(named) == len(set(named)), "an id stands twice"
    labelled = {each.get("for") for each in form.xpath("//label")}
    assert [each for each in named if each not in labelled] == []


@pytest.mark.parametrize("language", ["ar", "ru", "zh"])
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_help_text_is_shown_in_the_language_of_the_page(kind: str, language: str) -> None:
    shown = help_texts(language, kind)
    assert len(shown) >= len(controls_of(kind))
    assert [each.text_content() for each in shown if each.xpath(".//@lang") or each.text_content().isascii()] == []


def test_a_help_text_that_is_not_translated_yet_is_marked_as_english() -> None:
    shown = help_texts("es", "priority", catalogues=())
    assert len(shown) > 5
    assert [each.text_content() for each in shown if each.xpath("span/@lang") != ["en"]] == []


def help_texts(
    tag: str, kind: str, catalogues: Sequence[Path] = (NODE / "locale", NODE.parent / "schemas/locale")
) -> list[lxml.html.HtmlElement]:
    form, _ = sent_back(Pages("Liaison", "xa", [NODE / "templates"], catalogues, [], words).environment(tag), kind, {})
    return list(form.xpath("//*[@class='li-hint'][substring(@id, string-length(@id) - 4) = '-help']"))


def test_a_problem_stands_at_its_field_and_is_read_with_it(environment: Environment) -> None:
    form, _ = sent_back(environment, "need", {"needed_by": "It is over.", "title.en": "It is empty."})
    field = form.get_element_by_id("needed_by")
    assert field.get("aria-invalid") == "true"
    assert form.get_element_by_id(field.get("aria-describedby").split()[-1]).text_content().endswith("It is over.")
    assert "It is empty." in form.text_content()


def test_a_code_that_is_a_number_stands_before_its_words_and_one_that_is_a_word_does_not(
    environment: Environment,
) -> None:
    choices = environment.globals["scheme_choices"]
    assert ("2.10", "2.10 Effective border controls and related issues") in choices("theme_1373")
    assert ("duty_officer_24x7", "Duty officer, 24 hours") in choices("contact_role")
