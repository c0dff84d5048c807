"""The columns of a table of records, drawn from the models: dotted paths of fields, and a column per language."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Literal

import orjson
from pydantic import TypeAdapter

from hub.exports.wording import FALLBACK, title_of
from schemas.codelists import UN_LANGUAGES
from schemas.facets import organization_name
from schemas.fields import Amount, Fraction, Percentage
from schemas.json_schema import schema_for

Json = Mapping[str, Any]
Form = Literal["text", "day", "moment", "number", "json"]
BETWEEN: Final = "; "  # between the values of a list
OTHER: Final = "other"  # all languages but the UN's six, as one JSON object
LANGUAGES: Final = ("en", "fr", "ar", "zh", "ru", "es")
_DECIMALS: Final = frozenset(str(TypeAdapter(each).json_schema()["pattern"]) for each in (Amount, Fraction, Percentage))
_COMMON: Final = (
    "valid_from", "valid_until", "confirmed_at", "review_due", "themes", "places", "documents", "source",
    "secondary_reporter", "same_as", "supersedes",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its heading, the steps to its value in a record, and what the value is."""

    heading: str
    steps: tuple[str, ...]
    form: Form = "text"
    of_record: bool = True


# What is said about a record, in all tables alike. `record_status` is no field of any kind, `status` is.
ENVELOPE: Final = (
    Column("kind", ("kind",), of_record=False),
    Column("org", ("org",), of_record=False),
    Column("id", ("id",), of_record=False),
    Column("marking", ("marking",), of_record=False),
    Column("record_status", ("status",), of_record=False),
    Column("freshness", ("freshness",), of_record=False),
    Column("published", ("published",), "moment", of_record=False),
    Column("index", ("index",), "number", of_record=False),
    Column("statement", ("statement",), of_record=False),
    Column("reason", ("reason",), of_record=False),
)
_TITLE: Final = Column("title", ("title",), of_record=False)


@cache
def columns_of(kind: str | None) -> tuple[Column, ...]:
    """Give the columns of one kind, or those that all kinds have; they depend on the models only, never on the data."""
    schema = schema_for(kind or "link")
    fields = schema["properties"]
    names = list(fields) if kind else []
    own = [name for name in names if name not in _COMMON]
    found = [*ENVELOPE] if kind else [*ENVELOPE, _TITLE]
    for name in [*own, *_COMMON]:
        found += _drawn(fields[name], schema.get("$defs", {}), (name,), listed=False)
    return tuple({column.heading: column for column in found}.values())


def _drawn(schema: Json, defs: Json, path: tuple[str, ...], *, listed: bool) -> Iterator[Column]:
    heading = ".".join(path)
    for each in _branches(schema, defs):
        if each.get("type") == "array":
            if listed:
                yield Column(heading, path, "json")
            else:
                yield from _drawn(each["items"], defs, path, listed=True)
        elif "propertyNames" in each:
            for language in (*LANGUAGES, OTHER):
                yield Column(f"{heading}.{language}", (*path, language))
        elif each.get("type") == "object":
            names = set(each["properties"])
            pair = {"scheme", "code"} <= names or names == {"scheme", "id"}
            if pair:
                yield Column(heading, path)
            for name in each["properties"]:
                if not pair or name not in {"scheme", "code", "id"}:
                    yield from _drawn(each["properties"][name], defs, (*path, name), listed=listed)
        else:
            yield Column(heading, path, "text" if listed else _form(each))


def _branches(schema: Json, defs: Json) -> Iterator[Json]:
    """Give the forms that a value may have."""
    if "$ref" in schema:
        yield from _branches(defs[schema["$ref"].rpartition("/")[2]], defs)
        return
    choices = schema.get("oneOf") or schema.get("anyOf")
    if not choices:
        yield schema
        return
    for choice in choices:
        yield from _branches(choice, defs)


def _form(schema: Json) -> Form:
    if schema.get("format") == "date":
        return "day"
    if schema.get("type") in {"integer", "number"} or schema.get("pattern") in _DECIMALS:
        return "number"
    return "text"


def cell(column: Column, item: Json) -> str | int | bool | None:
    """Give the value of a column in a record of the contract's form; None where there is none."""
    if column is _TITLE:
        return title_of(item, FALLBACK)[1] if item.get("record") else None
    source = (item.get("record") or {}) if column.of_record else item
    value = source.get(column.steps[0])
    if value is None or isinstance(value, str | int):
        return value if len(column.steps) == 1 else None  # most cells of most tables
    return _gathered(value, column.steps[1:], as_json=column.form == "json")


def _gathered(value: Any, steps: tuple[str, ...], *, as_json: bool) -> str | int | bool | None:
    if isinstance(value, list) and not (as_json and not steps):
        parts = [_gathered(each, steps, as_json=as_json) for each in value]
        # The values of one entry stand at the same place in all columns of its list.
        return None if all(part is None for part in parts) else BETWEEN.join(map(_plain, parts))
    if not steps:
        return orjson.dumps(value).decode() if as_json and value is not None else _leaf(value)
    if not isinstance(value, dict):
        return None
    if steps == (OTHER,) and OTHER not in value:
        rest = {tag: text for tag, text in value.items() if tag not in UN_LANGUAGES}
        return orjson.dumps(rest).decode() if rest else None
    return _gathered(value.get(steps[0]), steps[1:], as_json=as_json)


def _leaf(value: Any) -> str | int | bool | None:
    if isinstance(value, dict):
        if "code" in value:
            return f"{value['scheme']}:{value['code']}"
        return organization_name(value) if "scheme" in value else None
    return value if isinstance(value, str | int) else None


def _plain(value: str | int | bool | None) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
