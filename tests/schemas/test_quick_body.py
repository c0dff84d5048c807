"""The twins take every good body, and nothing that the models would not take just so."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from schemas.fields import Part
from schemas.quick_body import Unlike, quick_value, twin_of, twin_or_none
from schemas.records import KINDS
from tests.schemas.records.test_records import RECORDS

MODELS: dict[str, TypeAdapter[Any]] = {kind: TypeAdapter(model) for kind, model in KINDS.items()}
TWINS = {kind: twin_of(adapter.core_schema) for kind, adapter in MODELS.items()}
Path = tuple[str | int, ...]

# What sits just on one side or the other of some rule.
ODD: tuple[Any, ...] = (
    None, True, 0, 1, 101, -1, 2**53, 2**70, 1.0, 0.5, 1700000000, "", " ", "x", "1", "100.01", "33.33", "ab", "KEN",
    "XAB", "999", "014", "2024-02-29", "2026-02-29", "2026-02-30", "2026-04-31", "0000-01-01", "9999-12-31", "2026-1-1",
    "2026-01-01T00:00", "1700000000", "submitted", "met", "global", "\x00", "\x7f", "é\u0085", "\ud7ff", "😀", "-",
    "a" * 501, "https://x.example", "need/a-b/c", [], {}, [None], ["x"], {"en": "x"}, {"EN": ""}, {"region": "014"},
    {"scheme": "fatf", "code": "R.32"}, {"country": "XAA", "percentage": "50"}, {"status": "draft", "at": "2026-01-01"},
)  # fmt: skip


def places_in(value: Any, path: Path = ()) -> list[Path]:
    inner = list(value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ())
    return [(*path, step) for step, _ in inner] + [p for step, v in inner for p in places_in(v, (*path, step))]


@st.composite
def bent(draw: st.DrawFn) -> tuple[str, Any]:
    """A good record in which up to three things were removed, replaced, repeated or added."""
    kind = draw(st.sampled_from(sorted(RECORDS)))
    record = copy.deepcopy(RECORDS[kind])
    for _ in range(draw(st.integers(1, 3))):
        *way, last = draw(st.sampled_from(places_in(record) or [("x",)]))
        holder: Any = record
        for step in way:
            holder = holder[step]
        change = draw(st.sampled_from(("remove", "replace", "repeat", "add")))
        new = copy.deepcopy(draw(st.sampled_from((*ODD, *RECORDS[kind].values()))))
        if change == "remove" and record:
            del holder[last]
        elif change != "add":
            holder[last] = [new, new] if change == "repeat" else new
        elif isinstance(holder, list):
            holder.append(new)
        else:
            holder[draw(st.sampled_from(("note", "percentage", "themes", "get", "é")))] = new
    return kind, record


@pytest.mark.parametrize("kind", sorted(RECORDS))
def test_a_good_record_is_taken_and_given_as_it_was(kind: str) -> None:
    assert quick_value(TWINS[kind], json.dumps(RECORDS[kind]).encode()) == RECORDS[kind]


@given(bent())
def test_what_a_twin_takes_its_model_takes_too(example: tuple[str, Any]) -> None:
    kind, record = example
    body = json.dumps(record).encode()
    said = quick_value(TWINS[kind], body)
    if said is not None:
        MODELS[kind].validate_json(body)  # raises where the model would not
        assert said == json.loads(body)


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"null", b'{"a":1}', b"\xff", b'"\\ud800"'])
def test_what_is_no_record_at_all_is_left_to_the_models(text: bytes) -> None:
    assert all(quick_value(twin, text) is None for twin in TWINS.values())


class Lenient(BaseModel):
    model_config = ConfigDict(extra="ignore")


class Trimming(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class Filling(Part):
    name: str = "somebody"


class Renaming(Part):
    name: str = Field(alias="title")


class Unbounded(Part):
    number: int


class Inexact(Part):
    share: float


@pytest.mark.parametrize("model", [Lenient, Trimming, Filling, Renaming, Unbounded, Inexact])
def test_a_model_that_gives_something_else_than_it_was_given_has_no_twin(model: type[BaseModel]) -> None:
    schema = TypeAdapter(model).core_schema
    with pytest.raises(Unlike):
        twin_of(schema)
    assert quick_value(twin_or_none(schema), b"{}") is None
