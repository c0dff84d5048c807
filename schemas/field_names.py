"""Names and help texts of the records' fields, as forms and pages show them; in English, for translation."""

from collections.abc import Iterator
from functools import cache
from typing import Final, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from schemas.records import KINDS

# What the name itself does not say well.
_NAMES: Final = {
    "same_as": "Same as",
    "card_kind": "Kind of contact",
    "untc_no": "Number in the UN Treaty Collection",
    "available_24x7": "Available day and night",
    "org_type": "Type of organization",
    "need_status": "Status of the need",
    "from_org": "From",
    "to_org": "To",
    "url": "Web address",
    "id": "Identifier",
    "as_of": "As of",
    "n_assessments": "Number of assessments",
    "n_states": "Number of States",
    "score_norm": "Score from 0 to 1",
    "crypto_keys": "Keys for confidential mail",
    "adm1": "First-level subdivision",
    "pref": "Preference",
    "org": "Organization",
    "participating_orgs": "Participating organizations",
    "contributing_orgs": "Contributing organizations",
    "co_assessors": "Co-assessors",
    "full": "Full address",
    "timezone": "Time zone",
    "activity_id": "Activity identifier",
    "last_test_ok": "Last test succeeded",
    "emails": "E-mail addresses",
    "phones": "Telephone numbers",
    "onsite_date": "Date of the visit",
    "reservations_text": "Text of the reservations",
}


def field_name(name: str) -> str:
    """Give a field's name in words: `needed_by` is "Needed by"."""
    return _NAMES.get(name) or name.replace("_", " ").capitalize()


@cache
def all_field_names() -> tuple[str, ...]:
    """Give the names in words of all fields of all kinds and their parts, in order."""
    return tuple(sorted({field_name(name) for name, _ in _fields()}))


@cache
def all_field_help() -> tuple[str, ...]:
    """Give the descriptions of all fields of all kinds and their parts, which forms show as help, in order."""
    return tuple(sorted({field.description for _, field in _fields() if field.description}))


def _fields() -> Iterator[tuple[str, FieldInfo]]:
    seen: set[type[BaseModel]] = set()
    waiting: list[type[BaseModel]] = list(KINDS.values())
    while waiting:
        model = waiting.pop()
        if model in seen:
            continue
        seen.add(model)
        for name, field in model.model_fields.items():
            yield name, field
            waiting += _models_in(field.annotation)


def _models_in(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models_in(inner)
