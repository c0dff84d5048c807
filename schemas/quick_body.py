"""A leaner twin of each body's validator: what it takes is valid; what it doesn't take, the models judge.

The models make an object for every part of a record, with a value for every field that is absent. Judging a great many
bodies needs neither: the twin checks the same forms over plain dictionaries, and gives the record parsed as it goes.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import CoreConfig, SchemaError, SchemaValidator

Core = Mapping[str, Any]
Validate = Callable[[bytes], Any]

# Days as text, which is what the record holds. The rare 29 February is left to the models, who know the leap years.
_DAY: Final = (
    r"^[12][0-9]{3}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
    r"|02-(?:0[1-9]|1[0-9]|2[0-8]))$"
)
# What may stand in a schema of each type. With anything else there the twin could be the more lenient one.
_ALLOWED: Final[Mapping[str, frozenset[str]]] = {
    "str": frozenset({"pattern", "min_length", "max_length", "strict"}),
    "int": frozenset({"ge", "le", "strict"}),
    "bool": frozenset({"strict"}),
    "date": frozenset(),
    "literal": frozenset({"expected"}),
    "list": frozenset({"items_schema", "min_length", "max_length", "strict"}),
    "dict": frozenset({"keys_schema", "values_schema", "min_length", "max_length", "strict"}),
    "nullable": frozenset({"schema"}),
    "model": frozenset({"cls", "schema", "config", "custom_init", "root_model"}),
    "model-fields": frozenset({"fields", "model_name", "computed_fields"}),
    "tagged-union": frozenset({"choices", "discriminator"}),
    "function-after": frozenset({"function", "schema"}),
    "definitions": frozenset({"schema", "definitions"}),
    "definition-ref": frozenset({"schema_ref"}),
}
_CONFIG: Final = frozenset({"extra_fields_behavior", "strict", "frozen", "title", "protected_namespaces"})


class Unlike(TypeError):
    """A schema that has no twin."""


def twin_of(schema: Core) -> Validate:
    """Give the twin of a model's schema: bytes to the value parsed, ValidationError for the models to explain.

    `Unlike` if the schema holds something of which it's not certain that the twin would be at least as strict.
    """
    twin = _twin(schema)
    try:
        # Names come again and again, texts hardly ever: only names are worth a cache.
        return SchemaValidator(twin, CoreConfig(cache_strings="keys")).validate_json
    except SchemaError as error:
        raise Unlike(str(error)) from None


def twin_or_none(schema: Core) -> Validate | None:
    """The same; None where there is no twin, as with a pydantic that describes its models in another way."""
    try:
        return twin_of(schema)
    except Unlike:
        return None


def quick_value(validate: Validate | None, body: bytes) -> dict[str, Any] | None:
    """What a valid body says; None if the models have to look at it."""
    if validate is None:
        return None
    try:
        value: dict[str, Any] = validate(body)
    except ValidationError:
        return None
    return value


def _twin(schema: Core) -> dict[str, Any]:
    kind = schema["type"]
    strange = schema.keys() - _ALLOWED.get(kind, frozenset()) - {"type", "metadata", "ref"}
    if kind not in _ALLOWED or strange:
        raise Unlike(f"{kind} with {', '.join(sorted(strange)) or 'nothing'}")
    made = _MAKERS.get(kind, _same)(schema)
    return {**made, "ref": schema["ref"]} if "ref" in schema else made


def _same(schema: Core) -> dict[str, Any]:
    if schema["type"] == "int" and not {"ge", "le"} <= schema.keys():
        raise Unlike("a number without bounds")
    return {name: value for name, value in schema.items() if name != "metadata"} | _strict(schema)


def _strict(schema: Core) -> dict[str, Any]:
    return {} if schema["type"] in {"literal", "definition-ref"} else {"strict": True}


def _model(schema: Core) -> dict[str, Any]:
    config = schema.get("config", {})
    if schema.get("root_model") or schema.get("custom_init") or config.get("extra_fields_behavior") != "forbid":
        raise Unlike(f"{schema['cls'].__name__}, which takes more than its fields")
    if config.keys() - _CONFIG:
        raise Unlike(f"{schema['cls'].__name__}, which is configured in a way not known here")
    return _twin(schema["schema"])


def _fields(schema: Core) -> dict[str, Any]:
    if schema.get("computed_fields"):
        raise Unlike("computed fields")
    # In the order of the canonical form, which then is quickly written to be compared.
    fields = {name: _field(field) for name, field in sorted(schema["fields"].items())}
    return {"type": "typed-dict", "fields": fields, "extra_behavior": "forbid", "strict": True}


def _field(field: Core) -> dict[str, Any]:
    if field.keys() - {"type", "schema", "metadata"}:
        raise Unlike("a field with another name")
    inner, required = field["schema"], True
    if inner["type"] == "default":
        if inner["default"] is not None or inner["schema"]["type"] != "nullable":
            raise Unlike("a default")
        inner, required = inner["schema"]["schema"], False  # a null is for the models to refuse
    return {"type": "typed-dict-field", "schema": _twin(inner), "required": required}


def _list(schema: Core) -> dict[str, Any]:
    return _same(schema) | {"items_schema": _twin(schema["items_schema"])}


def _dict(schema: Core) -> dict[str, Any]:
    keys, values = _twin(schema["keys_schema"]), _twin(schema["values_schema"])
    return _same(schema) | {"keys_schema": keys, "values_schema": values}


def _union(schema: Core) -> dict[str, Any]:
    return _same(schema) | {"choices": {tag: _twin(choice) for tag, choice in schema["choices"].items()}}


def _rule(schema: Core) -> dict[str, Any]:
    function = schema["function"]
    if function["type"] != "no-info":
        raise Unlike("a rule that wants more than the record")
    # The models' rules read by `get`, so that they take a plain dictionary in a model's place.
    return {"type": "function-after", "function": function, "schema": _twin(schema["schema"])}


def _definitions(schema: Core) -> dict[str, Any]:
    parts = [_twin(part) for part in schema["definitions"]]
    return {"type": "definitions", "schema": _twin(schema["schema"]), "definitions": parts}


_MAKERS: Final[Mapping[str, Callable[[Core], dict[str, Any]]]] = {
    "date": lambda _schema: {"type": "str", "pattern": _DAY, "strict": True},
    "list": _list,
    "dict": _dict,
    "nullable": lambda schema: _twin(schema["schema"]),
    "model": _model,
    "model-fields": _fields,
    "tagged-union": _union,
    "function-after": _rule,
    "definitions": _definitions,
}
