"""Random records of a kind, drawn from its JSON Schema, for tests with Hypothesis."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from schemas.json_schema import schema_for

# What XML, addresses and spreadsheets stumble over, beside letters of several scripts.
LETTERS = st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]) | st.sampled_from("\n\t<>&\"']-=;,\\é中ع\ufffe")
TEXTS = st.text(LETTERS, min_size=1, max_size=12).filter(lambda text: bool(text.strip()))


def records(kind: str) -> SearchStrategy[dict[str, Any]]:
    """Records that have the form of the schema; what it cannot say may still be wrong."""
    schema = schema_for(kind)
    return _of(schema, schema["$defs"])


def _of(schema: dict[str, Any], defs: dict[str, Any]) -> SearchStrategy[Any]:
    if "$ref" in schema:
        return _of(defs[schema["$ref"].rpartition("/")[2]], defs)
    for choice in ("oneOf", "anyOf"):
        if choice in schema:
            return st.one_of([_of(each, defs) for each in schema[choice]])
    if "const" in schema:
        return st.just(schema["const"])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    return _TYPES[schema["type"]](schema, defs)


def _object(schema: dict[str, Any], defs: dict[str, Any]) -> SearchStrategy[Any]:
    if "propertyNames" in schema:
        tags = st.from_regex(schema["propertyNames"]["pattern"].replace("$", r"\Z")).filter(lambda tag: len(tag) < 35)
        return st.dictionaries(tags, _of(schema["additionalProperties"], defs), min_size=1, max_size=2)
    fields = {name: _of(each, defs) for name, each in schema["properties"].items()}
    required = set(schema.get("required", ()))
    return st.fixed_dictionaries(
        {name: each for name, each in fields.items() if name in required},
        optional={name: each for name, each in fields.items() if name not in required},
    )


def _array(schema: dict[str, Any], defs: dict[str, Any]) -> SearchStrategy[Any]:
    return st.lists(_of(schema["items"], defs), min_size=schema.get("minItems", 0), max_size=2)


def _string(schema: dict[str, Any], _defs: dict[str, Any]) -> SearchStrategy[Any]:
    if schema.get("format") == "date":
        return st.dates().map(str)
    pattern = schema.get("pattern")
    if pattern is None or pattern == r"\S":
        return TEXTS
    longest = min(schema.get("maxLength", 500), 200)
    texts = st.from_regex(pattern.replace("$", r"\Z"), alphabet=LETTERS)
    return texts.filter(lambda text: schema.get("minLength", 0) <= len(text) <= longest)


def _integer(schema: dict[str, Any], _defs: dict[str, Any]) -> SearchStrategy[Any]:
    return st.integers(schema.get("minimum", 0), schema.get("maximum", 2**53 - 1))


_TYPES = {
    "object": _object, "array": _array, "string": _string, "integer": _integer,
    "boolean": lambda _schema, _defs: st.booleans(),
}  # fmt: skip
