"""Problems say in plain words where, what was found, and what is allowed."""

from typing import Any

import pytest

from schemas.entry import check_record
from schemas.problems import MAX_PROBLEMS, Problem, field_names, nearest, pointer_of, problem_from, shown
from tests.schemas.records.test_records import RECORDS

NEED = RECORDS["need"]


def problem(kind: str = "need", **changes: Any) -> Problem:
    (found,) = check_record(kind, RECORDS[kind] | changes)
    return found


def test_a_wrong_code_names_the_list_its_size_and_the_nearest_codes() -> None:
    found = problem(themes=[{"scheme": "theme_1373", "code": "2.12"}])
    assert found.pointer == "/themes/0/code"
    assert found.found == '"2.12"'
    assert "the 28 codes of the list theme_1373" in found.message
    assert "2.1" in found.allowed


def test_a_wrong_list_names_those_that_are_known() -> None:
    found = problem(themes=[{"scheme": "theme1373", "code": "2.1"}])
    assert found.pointer == "/themes/0"
    assert "perhaps theme_1373 was meant" in found.message


def test_a_wrong_country_names_the_nearest() -> None:
    found = problem(beneficiary={"country": "KE"})
    assert found.pointer == "/beneficiary/country"
    assert "KEN" in found.message


def test_a_misspelt_field_is_guessed() -> None:
    found = problem(tittle={"en": "x"})
    assert found.message == '"tittle" is no field that may stand here; perhaps "title" was meant.'


def test_a_missing_field_is_named() -> None:
    (found,) = check_record("need", {k: v for k, v in NEED.items() if k != "title"})
    assert found == Problem("/title", '"title" is missing, but must be there.', "nothing", "a value must be given")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"title": "x"}, 'must be texts by language, as {"en": "…"}'),
        ({"themes": ["1.1"]}, 'must be a code with its list, as {"scheme": "theme_1373", "code": "1.1"}'),
        ({"requester": 5}, "must be the id of an organization of the network"),
        ({"requester": "Ministry"}, "must be the id of an organization: small letters"),
        ({"needed_by": "1.6.2027"}, "must be a date that exists, as 2026-11-23"),
        ({"consent_to_publish": "yes"}, "must be true or false"),
        ({"assistance_modes": "training"}, "must be a list"),
        ({"origin": "state"}, "assessment, committee, donor, self_identified"),
        ({"contact": "Contact 1"}, "must be the id of a contact of your own, or the address of another's"),
        ({"cost": {"currency": "USD", "funded": "1,000"}}, "must be a decimal number written as text"),
        ({"title": {"english": "x"}}, "must be a language tag of BCP 47"),
        ({"quantity": {"in_need": "many"}}, "must be a whole number"),
        ({"quantity": {"in_need": -1}}, "must be at least 0"),
    ],
)
def test_each_kind_of_mistake_has_its_words(changes: dict[str, Any], words: str) -> None:
    assert words in problem(**changes).message


@pytest.mark.parametrize("kind", RECORDS)
def test_no_message_speaks_the_language_of_a_library(kind: str) -> None:
    for wrong in (5, "x" * 40_000, [], {}, [5], {"x": 1}, True, "?"):
        for field in RECORDS[kind]:
            for found in check_record(kind, RECORDS[kind] | {field: wrong}):
                assert found.message.endswith(".")
                assert "nput" not in found.message
                assert "~" not in found.pointer
                assert "pydantic" not in found.message.lower()
                assert not found.allowed.startswith("have the form"), found


def test_what_was_found_is_shortened() -> None:
    assert len(shown("x" * 500)) == 80
    assert shown({"a": [1, "é"]}) == '{"a":[1,"é"]}'
    assert shown(object()).startswith(('"<object', "<object"))


def test_a_pointer_escapes_what_rfc_6901_says() -> None:
    assert pointer_of(("a/b", 0, "m~n")) == "/a~1b/0/m~0n"
    assert pointer_of(()) == ""


def test_one_wrong_document_does_not_become_a_book() -> None:
    items = [{"theme": "?"}] * 200
    assert len(check_record("plan", RECORDS["plan"] | {"items": items})) == MAX_PROBLEMS


def test_nearest_does_not_care_about_case() -> None:
    assert nearest("tlp:clear", ["TLP:CLEAR", "TLP:RED"], 1) == ["TLP:CLEAR"]
    assert nearest("zzz", ["TLP:CLEAR"]) == []


def test_one_problem_can_be_told_from_its_details_alone() -> None:
    found = problem_from({"type": "int_parsing", "loc": ("limit",), "msg": "Input should be …", "input": "many"})
    assert found == Problem("/limit", '"limit" is "many", but must be a whole number.', '"many"', "be a whole number")


def test_a_mistake_without_words_of_its_own_still_makes_a_sentence() -> None:
    found = problem_from({"type": "other", "loc": ("limit",), "msg": "Input should be even", "input": 3})
    assert found.message == '"limit" is 3, but must be even.'


def test_no_field_is_guessed_for_a_name_longer_than_any() -> None:
    longest = max(field_names(), key=len)
    assert f'perhaps "{longest}" was meant' in problem(**{longest.ljust(60, "_"): "x"}).message
    assert "perhaps" not in problem(**{longest.ljust(61, "_"): "x"}).message
