"""The JSON Schemas (2020-12) of the record kinds, drawn from the models, and the command that writes them to files."""

import sys
from pathlib import Path
from typing import Any, Final

import orjson
from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from schemas.records import KINDS

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
EXAMPLE_NETWORK: Final = "liaison.example"
PUBLISHED: Final = Path(__file__).parent / "published"
# What JSON Schema cannot say about a body.
_COMMENT: Final = (
    "Beyond this schema: no control characters other than line feed and tab, no numbers with a decimal point; "
    "the bytes of a body are the RFC 8785 form of themselves."
)


class _Plain(GenerateJsonSchema):
    """Without what is true of Python only: absent fields are absent, not null, and no titles made up from names."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def field_title_should_be_set(self, _schema: Any) -> bool:
        return False

    def tagged_union_schema(self, schema: core_schema.TaggedUnionSchema) -> JsonSchemaValue:
        drawn = super().tagged_union_schema(schema)
        drawn.pop("discriminator", None)
        return drawn

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        drawn: JsonSchemaValue = {
            "type": "object",
            "propertyNames": self.generate_inner(schema["keys_schema"]),
            "additionalProperties": self.generate_inner(schema["values_schema"]),
        }
        drawn["propertyNames"].pop("type", None)  # a member's name is always text
        self.update_with_validations(drawn, schema, self.ValidationsMapping.object)
        return drawn


def schema_for(kind: str, network: str = EXAMPLE_NETWORK) -> dict[str, Any]:
    """The JSON Schema of a kind's record, as published by a network; `KeyError` for an unknown kind."""
    drawn = model_schema(KINDS[kind], "#/$defs/{model}")
    return {
        "$schema": DIALECT,
        "$id": f"https://{network}/schemas/{kind}/1",
        "$comment": _COMMENT,
        **drawn,
        "title": kind,
    }


def model_schema(model: type[BaseModel], ref_template: str) -> dict[str, Any]:
    """The JSON Schema of a model, its parts named as the template says; they are in its own `$defs`."""
    return model.model_json_schema(schema_generator=_Plain, ref_template=ref_template)


def published(kind: str) -> bytes:
    """The bytes of the file that holds a kind's schema."""
    return orjson.dumps(schema_for(kind), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def main() -> int:
    """Writes the schema of every kind to `schemas/published/`."""
    PUBLISHED.mkdir(exist_ok=True)
    for kind in KINDS:
        (PUBLISHED / f"{kind}-1.json").write_bytes(published(kind))
    return 0


if __name__ == "__main__":
    sys.exit(main())
