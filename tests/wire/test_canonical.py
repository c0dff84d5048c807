"""The canonical form: RFC 8785's own vectors, and the profile without floats."""

from pathlib import Path
from typing import Any

import orjson
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from schemas.body import MAX_DEPTH
from tests.shared_files import SHARED, needs_shared
from wire.canonical import canonical, is_canonical

VECTORS = SHARED / "vectors" / "json-canonicalization" / "testdata"
# Characters on both sides of the surrogates: there the orders of UTF-8 and UTF-16 differ.
TEXT = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("a\x00\x7f\ud7ff\ue000\uffff\U00010000😀"))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=5),
    max_leaves=12,
)


@needs_shared
@pytest.mark.parametrize("name", ["arrays", "french", "structures", "unicode", "values", "weird"])
def test_the_form_of_every_vector_of_rfc_8785_is_recognized(name: str) -> None:
    given_text = (VECTORS / "input" / f"{name}.json").read_bytes()
    expected = (VECTORS / "output" / f"{name}.json").read_bytes()
    outhex = bytes.fromhex((VECTORS / "outhex" / f"{name}.txt").read_text())
    value = orjson.loads(given_text)
    assert outhex == expected
    assert not is_canonical(given_text, value)
    if _has_floats(value):
        with pytest.raises(ValueError, match="is a float"):
            canonical(value)
    else:
        assert canonical(value) == expected
        assert is_canonical(expected, orjson.loads(expected))


@needs_shared
def test_no_vector_was_forgotten() -> None:
    assert len(list(Path(VECTORS / "input").glob("*.json"))) == 6


@given(JSON)
def test_the_canonical_form_is_that_of_rfc_8785_and_the_only_one_recognized(value: Any) -> None:
    data = canonical(value)
    assert data == rfc8785.dumps(value)
    assert is_canonical(data, orjson.loads(data))
    spaced = orjson.dumps(value, option=orjson.OPT_INDENT_2)
    assert is_canonical(spaced, orjson.loads(spaced)) == (spaced == data)


@given(st.dictionaries(TEXT, st.integers(0, 9), min_size=2, max_size=5))
def test_members_in_another_order_are_recognized_in_every_script(value: dict[str, int]) -> None:
    for order in (sorted(value), sorted(value, reverse=True), sorted(value, key=lambda n: n.encode("utf-16-be"))):
        data = orjson.dumps({name: value[name] for name in order})
        assert is_canonical(data, orjson.loads(data)) == (data == rfc8785.dumps(value))


def test_sixteen_levels_have_a_canonical_form_and_no_more() -> None:
    value: Any = {}
    for _ in range(MAX_DEPTH - 1):
        value = [value]
    assert canonical(value) == b"[" * 15 + b"{}" + b"]" * 15
    for deep in ([value], {"a": value}):
        with pytest.raises(ValueError, match="16 levels"):
            canonical(deep)


@pytest.mark.parametrize("value", [1.5, [0.0], {"a": {"b": float("nan")}}, 2**53, -(2**53), {"a": "\ud800"}])
def test_what_has_no_canonical_form_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="no canonical form"):
        canonical(value)


def _has_floats(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_has_floats(member) for member in value.values())
    if isinstance(value, list):
        return any(_has_floats(member) for member in value)
    return isinstance(value, float)
