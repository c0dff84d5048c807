"""The body: one canonical form of its bytes, and only valid records in it."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from schemas import body
from schemas.body import MAX_BYTES, canonical, make_body, make_withdrawal, record_of, validate_body
from tests.schemas.records.test_records import RECORDS
from tests.shared_files import SHARED, needs_shared


@pytest.fixture(params=["by the models", "quickly"], autouse=True, scope="module")
def reading(request: pytest.FixtureRequest) -> Iterator[None]:
    """Every body is judged in both ways: as the first few of its kind are, and as all the others."""
    few = 0 if request.param == "quickly" else sys.maxsize
    with pytest.MonkeyPatch.context() as patch:
        for reader in body._QUICK.values():
            patch.setattr(reader, "_few", few)
        yield


NONCE = "AAECAwQFBgcICQoLDA0ODw"
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner),
)


def problems(body: bytes, kind: str = "plan", action: str = "published") -> list[tuple[str, str]]:
    return [(problem.pointer, problem.message) for problem in validate_body(kind, action, body)]


def plan(**changes: Any) -> dict[str, Any]:
    return RECORDS["plan"] | changes


@given(VALUES)
def test_the_canonical_form_is_that_of_rfc_8785(value: Any) -> None:
    assert canonical(value) == rfc8785.dumps(value)


def test_members_beyond_the_basic_plane_are_sorted_as_rfc_8785_sorts_them() -> None:
    names = {"\U0001f600": "a", "\ufb33": "b"}
    assert canonical(names) == rfc8785.dumps(names) != orjson.dumps(names, option=orjson.OPT_SORT_KEYS)


@needs_shared
@pytest.mark.parametrize("name", ["french", "structures", "unicode", "weird"])
def test_the_canonical_form_is_that_of_the_published_vectors(name: str) -> None:
    folder = SHARED / "vectors" / "json-canonicalization" / "testdata"
    value = without_floats(json.loads(Path(folder / "input" / f"{name}.json").read_bytes()))
    expected = without_floats(json.loads(Path(folder / "output" / f"{name}.json").read_bytes()))
    assert json.dumps(expected, ensure_ascii=False, separators=(",", ":")).encode() == recoded(canonical(value))


def without_floats(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_floats(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [without_floats(inner) for inner in value]
    return int(value) if isinstance(value, float) else value


def recoded(data: bytes) -> bytes:
    return json.dumps(json.loads(data), ensure_ascii=False, separators=(",", ":")).encode()


@pytest.mark.parametrize("kind", RECORDS)
def test_what_is_made_is_valid_and_can_be_read_again(kind: str) -> None:
    body = make_body(RECORDS[kind], NONCE)
    assert validate_body(kind, "revised", body) == []
    assert record_of(body) == RECORDS[kind]


def test_a_withdrawal_gives_a_reason_and_no_record() -> None:
    body = make_withdrawal("Merged with another.", NONCE)
    assert problems(body, action="withdrawn") == []
    assert problems(make_body(plan(), NONCE), action="withdrawn") != []
    assert problems(body) != []
    assert [at for at, _ in problems(make_withdrawal("", NONCE), action="withdrawn")] == ["/reason"]
    assert [at for at, _ in problems(make_withdrawal("x" * 1001, NONCE), action="withdrawn")] == ["/reason"]


@pytest.mark.parametrize("nonce", ["", "short", NONCE + "A", NONCE[:-1] + "x", NONCE[:-1] + "+"])
def test_a_nonce_is_128_bits(nonce: str) -> None:
    assert [at for at, _ in problems(make_body(plan(), nonce))] == ["/nonce"]


def changed(old: bytes, new: bytes) -> bytes:
    body = make_body(plan(), NONCE)
    assert body.count(old) == 1
    return body.replace(old, new)


@pytest.mark.parametrize(
    "body",
    [
        changed(b'{"nonce"', b'{ "nonce"'),
        changed(b'"progress":40', b'"progress": 40'),
        changed(b'"progress":40', b'"progress":40,"progress":40'),
        changed(b"Plan of action", b"\\u0050lan of action"),
        changed(b"Plan of action 2026", b"Plan of action\\/2026"),
        make_body(plan(), NONCE) + b"\n",
        b"\xef\xbb\xbf" + make_body(plan(), NONCE),
        orjson.dumps({"record": plan(), "nonce": NONCE}),
    ],
)
def test_any_other_bytes_of_the_same_record_are_refused(body: bytes) -> None:
    assert [at for at, _ in problems(body)] == [""]


def test_members_in_the_order_of_another_encoding_are_refused() -> None:
    title = {"en": "\U0001f600 first"}
    assert problems(make_body(plan(title=title), NONCE)) == []


@pytest.mark.parametrize("number", [b"40.0", b"4e1", b"40.5", b"NaN", b"9007199254740993", b"1" * 30, b"-0"])
def test_numbers_are_whole_and_exact(number: bytes) -> None:
    assert problems(changed(b'"progress":40', b'"progress":' + number)) != []


def test_a_float_is_explained() -> None:
    ((pointer, message),) = problems(changed(b'"progress":40', b'"progress":40.5'))
    assert pointer == "/record/items/0/progress"
    assert "written as text" in message


@pytest.mark.parametrize("character", ["\x00", "\x08", "\x0b", "\x0c", "\r", "\x1b", "\x7f", "\x80", "\x9f"])
def test_control_characters_are_refused_where_they_stand(character: str) -> None:
    ((pointer, message),) = problems(make_body(plan(title={"en": f"a{character}b"}), NONCE))
    assert pointer == "/record/title/en"
    assert "control characters" in message


@pytest.mark.parametrize("text", ["two\nlines", "a\ttab", "\\r is no control character", '\\"', "Â ©", "\u00a0x", "é"])
def test_other_characters_are_welcome(text: str) -> None:
    assert problems(make_body(plan(title={"en": text}), NONCE)) == []


@pytest.mark.parametrize("text", [b"\\ud800", b"\\udc00 x", b"\xff", b"\xed\xa0\x80"])
def test_what_is_no_unicode_text_is_refused(text: bytes) -> None:
    ((pointer, message),) = problems(changed(b"Plan of action 2026", text))
    assert pointer == ""
    assert "JSON" in message


def test_a_rule_between_the_fields_of_a_record_is_kept_in_its_body() -> None:
    record = RECORDS["need"]
    assert problems(make_body(record, NONCE), "need") == []
    ended = record | {"need_status": "met"}
    assert [pointer.rsplit("/", 2)[0] for pointer, _ in problems(make_body(ended, NONCE), "need")] == [
        "/record/history"
    ]


def test_a_null_is_told_to_be_left_out() -> None:
    ((pointer, message),) = problems(make_body(plan(adopted_on=None), NONCE))
    assert pointer == "/record/adopted_on"
    assert "leave the field out" in message


@pytest.mark.parametrize(("levels", "deep"), [(14, False), (15, True), (500, True)])
def test_a_document_has_at_most_sixteen_levels(levels: int, deep: bool) -> None:
    value = b"[" * levels + b'"x"' + b"]" * levels
    found = problems(changed(b'{"en":"Plan of action 2026"}', value))
    assert any("levels" in message for _, message in found) == deep


def test_a_body_of_more_than_256_kib_is_refused_unread() -> None:
    ((pointer, message),) = problems(b"[" * (MAX_BYTES + 1))
    assert pointer == ""
    assert str(MAX_BYTES) in message


@given(st.binary(max_size=300))
def test_no_bytes_do_more_than_fail(body: bytes) -> None:
    assert problems(body) != []


@given(VALUES)
def test_no_value_does_more_than_fail(value: Any) -> None:
    assert problems(canonical({"nonce": NONCE, "record": value})) != []


@pytest.mark.parametrize(
    "day", ["86400", "0", "-86400", "1700006400", "1.7e9", "20261123", "2026-11-23T00:00:00Z", " 2026-11-23", "", 86400]
)
def test_a_day_is_written_in_one_form_and_a_number_is_none_though_pydantic_takes_it(day: str | int) -> None:
    good = {**RECORDS["contact"], "review_due": "2026-11-23"}
    assert problems(make_body(good, NONCE), "contact") == []
    found = problems(make_body({**good, "review_due": day}, NONCE), "contact")
    assert [pointer for pointer, _ in found] == ["/record/review_due"]
    assert "date" in found[0][1]


@pytest.mark.parametrize(
    ("when", "exists"),
    [
        ("2026-02-28", True), ("2026-02-29", False), ("2024-02-29T23:59:59Z", True), ("1900-02-29", False),
        ("2000-02-29", True), ("2026-04-31", False), ("2026-12-31T00:00:00.5Z", True), ("0000-01-01", False),
        ("0001-01-01", True), ("2026-13-01", False), ("2026-02-31T00:00:00Z", False),
    ],
)  # fmt: skip
def test_when_a_source_was_read_is_a_day_that_the_calendar_has(when: str, exists: bool) -> None:
    record = {**RECORDS["contact"], "source": {"name": "A list", "retrieved_at": when}}
    found = [pointer for pointer, _ in problems(make_body(record, NONCE), "contact")]
    assert found == ([] if exists else ["/record/source/retrieved_at"])
