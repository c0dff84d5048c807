"""Tests of mappings as TOML: what is written is read as the same, whatever stands in it."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.importing.mapping import Mapping, load_mapping
from node.importing.mapping_text import as_toml, document_of

SHIPPED = sorted((Path(__file__).parents[3] / "deploy" / "mappings").glob("*.toml"))
values = st.recursive(
    st.text() | st.integers(-(2**62), 2**62) | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(), values, max_size=4))
def test_any_document_is_read_as_it_was(document: dict[str, object]) -> None:
    document = {name: value for name, value in document.items() if name not in {"fields", "constants", "aliases"}}
    assert tomllib.loads(as_toml({**document, "fields": {"a.b": 'c"\\'}})) == {**document, "fields": {"a.b": 'c"\\'}}


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_mappings_are_written_as_they_mean(path: Path) -> None:
    mapping = load_mapping(path)
    assert Mapping.model_validate(tomllib.loads(as_toml(document_of(mapping)))) == mapping
