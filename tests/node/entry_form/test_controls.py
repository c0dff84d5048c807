"""Tests of controls: every field of every kind gets a control that holds all it may hold."""

import pytest

from node.entry_form import Control, controls_of
from schemas.records import KINDS


def walk(controls: tuple[Control, ...]) -> list[Control]:
    return [each for control in controls for each in (control, *walk(control.inner))]


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_field_has_a_control_with_a_name_and_a_help_text(kind: str) -> None:
    controls = controls_of(kind)
    assert {each.name for each in controls} == set(KINDS[kind].model_fields)
    assert [each.name for each in walk(controls) if not each.label or not each.help] == []
    required = [each.required for each in controls]
    assert required == sorted(required, reverse=True), "what must be given does not come first"


def test_no_field_has_to_be_written_as_json() -> None:
    written = {(kind, each.name) for kind in KINDS for each in walk(controls_of(kind)) if each.sort == "json"}
    assert written == set()


def test_code_lists_are_choices_with_their_lists() -> None:
    by_name = {each.name: each for each in controls_of("need")}
    assert (by_name["need_status"].sort, by_name["need_status"].schemes) == ("choice", ("need_status",))
    assert (by_name["assistance_modes"].sort, by_name["assistance_modes"].schemes) == ("choices", ("assistance_mode",))
    assert by_name["themes"].sort == "codes"
    assert "theme_1373" in by_name["themes"].schemes
    assert (by_name["beneficiary"].sort, by_name["places"].sort) == ("placed", "places")
    assert {each.name: each for each in controls_of("offer")}["eligible_places"].everywhere


def test_how_a_contact_is_reached_is_asked_for_right_after_what_must_be_given() -> None:
    controls = controls_of("contact")
    required = sum(each.required for each in controls)
    assert [each.name for each in controls[required : required + 2]] == ["emails", "phones"]
    assert [each.name for each in controls if each.usual] == ["emails", "phones"]
