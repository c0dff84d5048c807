"""The published JSON Schemas are those of the models, and judge as the models do."""

import copy
from functools import cache
from typing import Any

import jsonschema
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.body import make_body, validate_body
from schemas.json_schema import DIALECT, PUBLISHED, main, published, schema_for
from schemas.records import KINDS
from tests.schemas.records.test_records import RECORDS, leaves, replaced

# Kinds of change whose verdict both can express; rules between fields are the models' alone.
WRONG = st.sampled_from(
    [
        None,
        True,
        0,
        -1,
        10**17,
        1.5,
        "",
        " ",
        "x",
        "TLP:CLEAR",
        "2026-02-30",
        [],
        {},
        ["x"],
        {"en": "x"},
        "KEN",
        "014",
        "global",
    ]
)

RULES = ("adding up to 100", "where every need begins", "what may follow", "the history ends")


@cache
def validator(kind: str) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(schema_for(kind), format_checker=jsonschema.FormatChecker(["date"]))


def model_accepts(kind: str, record: Any) -> bool:
    return validate_body(kind, "published", make_body(record, "A" * 22)) == []


@pytest.mark.parametrize("kind", KINDS)
def test_the_published_file_is_what_the_models_say(kind: str) -> None:
    assert (PUBLISHED / f"{kind}-1.json").read_bytes() == published(kind), "run python -m schemas.json_schema"


def test_nothing_else_is_published(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("schemas.json_schema.PUBLISHED", tmp_path / "out")
    assert main() == 0
    written = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    assert written == {path.name: path.read_bytes() for path in PUBLISHED.iterdir()}


@pytest.mark.parametrize("kind", KINDS)
def test_a_schema_is_valid_names_itself_and_accepts_the_example(kind: str) -> None:
    schema = schema_for(kind, "exercise.example")
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == DIALECT
    assert schema["$id"] == f"https://exercise.example/schemas/{kind}/1"
    assert schema["title"] == kind
    assert schema["description"]
    assert all("description" in field for field in schema["properties"].values())
    validator(kind).validate(RECORDS[kind])


@pytest.mark.parametrize("kind", KINDS)
def test_every_reference_leads_somewhere(kind: str) -> None:
    schema = schema_for(kind)
    text = orjson.dumps(schema).decode()
    for name in text.split('"$ref":"#/$defs/')[1:]:
        assert name.split('"', 1)[0] in schema["$defs"]


@settings(max_examples=400, deadline=None)
@given(kind=st.sampled_from(tuple(KINDS)), data=st.data())
def test_schema_and_model_agree_on_changed_records(kind: str, data: st.DataObject) -> None:
    record = copy.deepcopy(RECORDS[kind])
    change = data.draw(st.sampled_from(["replace", "remove", "add"]))
    if change == "replace":
        record = replaced(record, data.draw(st.sampled_from(leaves(record))), data.draw(WRONG))
    else:
        inner: Any = data.draw(st.sampled_from(objects(record)))
        if change == "remove":
            inner.pop(data.draw(st.sampled_from(sorted(inner))))
        else:
            inner[data.draw(st.sampled_from(["colour", "id", "scheme", "region", "country", "percentage", "en"]))] = "x"
    accepted = model_accepts(kind, record)
    by_schema = validator(kind).is_valid(record)
    if accepted != by_schema:
        # Only a rule between fields may make the model stricter.
        assert by_schema
        faults = [each.message for each in validate_body(kind, "published", make_body(record, "A" * 22))]
        assert all(any(rule in fault for rule in RULES) for fault in faults), faults


def objects(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, dict):
        return [value, *(found for inner in value.values() for found in objects(inner))]
    return [found for inner in value for found in objects(inner)] if isinstance(value, list) else []


@pytest.mark.parametrize(
    ("code", "score", "good"), [("R.1", "LC", True), ("R.1", "HE", False), ("IO.1", "HE", True), ("IO.1", "LC", False)]
)
def test_the_schema_knows_the_scales(code: str, score: str, good: bool) -> None:
    rating = {"criterion": {"scheme": "fatf", "code": code}, "score": score}
    record = RECORDS["assessment"] | {"ratings": [rating]}
    assert validator("assessment").is_valid(record) == model_accepts("assessment", record) == good
