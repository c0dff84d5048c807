"""The quick readers take ordinary records, and nothing that the models would not take just so."""

import copy
import json
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, TypeAdapter

from schemas.body import canonical
from schemas.body_pattern import LONGEST, SURE
from schemas.fields import Part
from schemas.quick_body import QuickReader
from schemas.records import KINDS
from tests.schemas.records.test_records import RECORDS

MODELS: dict[str, TypeAdapter[Any]] = {kind: TypeAdapter(model) for kind, model in KINDS.items()}
READERS = {kind: QuickReader(adapter.core_schema, few=0) for kind, adapter in MODELS.items()}
Path = tuple[str | int, ...]

# What sits just on one side or the other of some rule.
ODD: tuple[Any, ...] = (
    None, True, 0, 1, 101, -1, 2**53, 2**70, 1.0, 0.5, 1700000000, "", " ", "x", "1", "100.01", "33.33", "ab", "KEN",
    "XAB", "999", "014", "2024-02-29", "2026-02-29", "2026-02-30", "2026-04-31", "0000-01-01", "9999-12-31", "2026-1-1",
    "2026-01-01T00:00", "1700000000", "submitted", "met", "global", "\x00", "\x7f", "é\u0085", "\ud7ff", "😀", "-",
    "a" * 501, "https://x.example", "need/a-b/c", [], {}, [None], ["x"], {"en": "x"}, {"EN": ""}, {"region": "014"},
    {"ar": "x", "zh": "y"}, {"sv": "x"}, {"en": "x", "sv": "y"}, {"en": 'a "b" \\ c\n\td'}, {"en": '"a'}, "\\", "a\rb",
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
    assert READERS[kind].read(canonical(RECORDS[kind])) == RECORDS[kind]


@pytest.mark.parametrize("kind", sorted(RECORDS))
def test_it_is_also_taken_where_groups_cannot_be_possessive(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("schemas.body_pattern.SURE", False)
    body = canonical(RECORDS[kind])
    reader = QuickReader(MODELS[kind].core_schema, few=0)
    assert reader.read(body) == RECORDS[kind]
    assert reader.read(body.replace(b'":', b'"::', 1)) is None


def need(**changes: Any) -> dict[str, Any]:
    return {**RECORDS["need"], **changes}


@pytest.mark.parametrize(
    "text",
    [{"sv": "Gränsen"}, {"en": "The border", "fr": "La frontière « est »"}, {"en": 'The "border"\n\tto the\\east'}],
)
def test_human_text_is_taken_in_any_language_and_with_what_json_escapes(text: dict[str, str]) -> None:
    record = need(description=text)
    assert READERS["need"].read(canonical(record)) == record


@pytest.mark.parametrize(
    "text", [{"en": "one", "sv": "ett"}, {"en": " one"}, {"en": '"one"'}, {"en": "one" * LONGEST}, {"en": "\u0085one"}]
)
def test_what_is_rare_is_left_to_the_models(text: dict[str, str]) -> None:
    assert READERS["need"].read(canonical(need(description=text))) is None


@given(bent())
def test_what_a_reader_takes_its_model_takes_too(example: tuple[str, Any]) -> None:
    kind, record = example
    text = json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    taken_as_the_model_would(kind, text.encode("utf-8", "surrogatepass"))


@st.composite
def broken(draw: st.DrawFn) -> tuple[str, bytes]:
    """The bytes of a good record, of which up to three short pieces were removed, doubled, or put somewhere else."""
    kind = draw(st.sampled_from(sorted(RECORDS)))
    body = canonical(RECORDS[kind])
    for _ in range(draw(st.integers(1, 3))):
        begin = draw(st.integers(0, len(body)))
        piece = body[begin : begin + draw(st.integers(0, 12))]
        left = body[:begin] + draw(st.sampled_from((b"", piece * 2, b",", b'"', b"\\", b"}", b"0", b"{", b"\n")))
        body = left + body[begin + len(piece) :]
        place = draw(st.integers(0, len(body)))
        if draw(st.booleans()):
            body = body[:place] + piece + body[place:]
    return kind, body


@given(broken())
def test_no_bytes_are_taken_that_the_model_or_the_canonical_form_would_not_take(example: tuple[str, bytes]) -> None:
    taken_as_the_model_would(*example)


def taken_as_the_model_would(kind: str, body: bytes) -> None:
    said = READERS[kind].read(body)
    if said is not None:
        MODELS[kind].validate_json(body)  # raises where the model would not
        assert said == json.loads(body)
        assert canonical(said) == body
        assert not any(0x7F <= ord(letter) <= 0x9F for letter in body.decode())


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"null", b'{"a":1}', b"\xff", b'"\\ud800"'])
def test_what_is_no_record_at_all_is_left_to_the_models(text: bytes) -> None:
    assert all(reader.read(text) is None for reader in READERS.values())


@pytest.mark.parametrize(("found", "instead"), [(b',"', b'"'), (b',"', b',,"'), (b"}]", b"},]"), (b'":"', b'"::"')])
def test_a_comma_too_few_or_too_many_is_seen_by_the_parser(found: bytes, instead: bytes) -> None:
    body = canonical(RECORDS["contact"])
    assert found in body
    for place in range(len(body)):
        if body.startswith(found, place):
            assert READERS["contact"].read(body[:place] + instead + body[place + len(found) :]) is None


@pytest.mark.parametrize("member", ["title", "description"])
def test_a_language_that_stands_twice_or_out_of_order_is_left_to_the_models(member: str) -> None:
    good = canonical(need(**{member: {"en": "one", "fr": "deux"}}))
    assert READERS["need"].read(good)
    for text in (b'{"fr":"deux","en":"one"}', b'{"en":"one","en":"one"}', b'{"sv":"ett","sv":"ett"}'):
        assert READERS["need"].read(good.replace(b'{"en":"one","fr":"deux"}', text)) is None


def test_the_first_few_bodies_of_a_kind_are_left_to_the_models() -> None:
    reader, body = QuickReader(MODELS["need"].core_schema, few=2), canonical(RECORDS["need"])
    assert [reader.read(body) is not None for _ in range(4)] == [False, False, True, True]


@pytest.mark.parametrize("sure", [SURE, False])
def test_numbers_that_stand_close_together_are_not_taken_apart(monkeypatch: pytest.MonkeyPatch, sure: bool) -> None:
    monkeypatch.setattr("schemas.body_pattern.SURE", sure)
    reader = QuickReader(TypeAdapter(Numbers).core_schema, few=0)
    assert reader.read(b'{"numbers":[1,2]}') == {"numbers": [1, 2]}
    assert reader.read(b'{"numbers":[12]}') is None


class Numbers(Part):
    numbers: list[Annotated[int, Field(ge=1, le=9)]]
