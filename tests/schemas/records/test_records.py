"""Each kind accepts its full example and refuses what is missing, unknown, null or of the wrong type."""

import copy
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from schemas.body import make_body, validate_body
from schemas.codelists import SCHEMES
from schemas.entry import check_record
from schemas.fields import KIND_NAMES
from schemas.problems import field_names
from schemas.record import Record
from schemas.records import KINDS
from tests.schemas.examples import EXAMPLES

RECORDS = {
    kind: {field: value for field, value in entry.items() if field not in ("kind", "id", "marking")}
    for kind, entry in EXAMPLES.items()
}


def required(kind: str) -> list[str]:
    return [name for name, field in KINDS[kind].model_fields.items() if field.is_required()]


def pointers(kind: str, record: dict[str, Any]) -> list[str]:
    return [problem.pointer for problem in check_record(kind, record)]


def leaves(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    if isinstance(value, dict):
        return [leaf for key, inner in value.items() for leaf in leaves(inner, (*path, key))]
    if isinstance(value, list):
        return [leaf for index, inner in enumerate(value) for leaf in leaves(inner, (*path, index))]
    return [path]


def replaced(record: dict[str, Any], path: tuple[str | int, ...], value: Any) -> dict[str, Any]:
    changed: Any = copy.deepcopy(record)
    inner = changed
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return dict(changed)


def test_the_kinds_are_the_twelve_of_the_contract() -> None:
    assert tuple(KINDS) == KIND_NAMES
    assert len(KINDS) == 12


@pytest.mark.parametrize("kind", KINDS)
def test_the_full_example_is_valid(kind: str) -> None:
    assert check_record(kind, RECORDS[kind]) == []


@pytest.mark.parametrize("kind", KINDS)
def test_the_example_shows_every_field_of_its_kind(kind: str) -> None:
    own = set(KINDS[kind].model_fields) - set(Record.model_fields)
    assert own - set(RECORDS[kind]) == set()


def test_the_examples_together_show_every_common_field() -> None:
    assert set(Record.model_fields) == set(Record.model_fields) & {name for r in RECORDS.values() for name in r}


@pytest.mark.parametrize(("kind", "field"), [(kind, field) for kind in KINDS for field in required(kind)])
def test_a_required_field_may_not_be_missing(kind: str, field: str) -> None:
    record = {name: value for name, value in RECORDS[kind].items() if name != field}
    assert f"/{field}" in pointers(kind, record)


@pytest.mark.parametrize("kind", KINDS)
def test_required_fields_alone_are_enough(kind: str) -> None:
    record = {name: RECORDS[kind][name] for name in required(kind)}
    assert check_record(kind, record) == []


@pytest.mark.parametrize("kind", KINDS)
def test_an_unknown_field_is_refused_by_name(kind: str) -> None:
    assert pointers(kind, RECORDS[kind] | {"colour": "red"}) == ["/colour"]


@pytest.mark.parametrize("kind", KINDS)
def test_no_value_may_be_null_a_float_or_of_another_type(kind: str) -> None:
    for path in leaves(RECORDS[kind]):
        pointer = "/record/" + "/".join(str(step) for step in path)
        others: tuple[Any, ...] = (None, 1.5, [], {})
        for wrong in others:
            body = make_body(replaced(RECORDS[kind], path, wrong), "A" * 22)
            found = [problem.pointer for problem in validate_body(kind, "published", body)]
            assert any(pointer.startswith(at) or at.startswith(pointer) for at in found), (pointer, wrong, found)


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_has_a_description(kind: str) -> None:
    waiting: list[type[BaseModel]] = [KINDS[kind]]
    while waiting:
        model = waiting.pop()
        assert model.__doc__
        for name, field in model.model_fields.items():
            assert field.description, f"{model.__name__}.{name}"
            assert field.description.endswith("."), f"{model.__name__}.{name}"
            waiting += _models_in(field.annotation)


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in _models_in(part)]


def test_no_field_is_named_like_a_list_that_tells_coded_values_apart() -> None:
    # problems.py leaves these names out of pointers.
    told_apart = {
        "theme_1373",
        "fatf",
        "who_jee",
        "who_spar",
        "dac_crs",
        "hpc_cluster",
        "ct_instrument",
        "iati_org_type",
    }
    assert told_apart <= set(SCHEMES)
    assert told_apart & field_names() == set()
