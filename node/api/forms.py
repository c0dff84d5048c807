"""What the addresses for people take and give, as schemas for the API's description."""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import BaseModel

from node.api.bodies import BODIES
from schemas.records import KINDS

Json = dict[str, Any]
TEXT: Final = {"type": "string"}
NUMBER: Final = {"type": "integer"}
YES: Final = {"type": "boolean"}
MAYBE_TEXT: Final = {"type": ["string", "null"]}
MAYBE_NUMBER: Final = {"type": ["integer", "null"]}
ROLES: Final = {"type": "array", "items": {"enum": ["officer", "reviewer", "administrator"]}}
OBJECT: Final = {"type": "object"}
TEXTS: Final = {"type": "array", "items": TEXT}
MAYBE_OBJECT: Final = {"type": ["object", "null"]}
OBJECTS: Final = {"type": "array", "items": OBJECT}


def form(description: str, **properties: Any) -> Json:
    """Describe an object that has all of these members."""
    return {"type": "object", "description": description, "required": list(properties), "properties": properties}


def list_of(name: str) -> Json:
    """Describe a list of a form."""
    return {"type": "array", "items": {"$ref": f"#/components/schemas/{name}"}}


def page_of(name: str, **beside: Any) -> Json:
    """Describe a list with its moment."""
    return form("A list.", items=list_of(name), as_of=TEXT, **beside)


def schema_of(model: type[BaseModel]) -> Json:
    """Draw what a model takes."""
    return model.model_json_schema(ref_template="#/components/schemas/{model}")


def body_schemas() -> Json:
    """Draw all bodies, and what they consist of."""
    found: Json = {}
    for model in BODIES:
        drawn = schema_of(model)
        found |= drawn.pop("$defs", {})
        found[model.__name__] = drawn
    return found


PEOPLE_FORMS: Final[Mapping[str, Json]] = {
    "Draft": form(
        "A record that is being written; `own`: it is yours. `entry` is as it was typed, valid or not.",
        number=NUMBER, kind={"enum": list(KINDS)}, id=MAYBE_TEXT, owner=TEXT, own=YES,
        entry=form("As a record is put.", marking={}, record={}), state={"enum": ["draft", "review"]}, note=MAYBE_TEXT,
        began=TEXT, changed=TEXT,
    ),
    "DraftList": page_of("Draft"),
    "Checked": form(
        "What a draft would be: what is wrong with it, who would read it, what there is like it in the network.",
        valid=YES, errors=OBJECTS, audience={"type": ["object", "null"]}, duplicates={"type": ["object", "null"]},
        four_eyes=YES, may_publish=YES,
    ),
    "Person": form(
        "Who may log in; never a password.", name=TEXT, person=TEXT, roles=ROLES,
        state={"enum": ["active", "invited", "disabled"]}, created=TEXT, code_ends=MAYBE_TEXT, last_log_in=MAYBE_TEXT,
    ),
    "PersonList": page_of("Person"),
    "Invited": form(
        "A person, and the one-time code, which is not shown again; none in a repeated answer.",
        person={"$ref": "#/components/schemas/Person"}, code=MAYBE_TEXT,
    ),
    "LogIns": form("Attempts to log in, the newest first.", items=OBJECTS, as_of=TEXT),
    "Token": form(
        "Who may use the API; a program's own has no person and no end. `token` is there once: when it was made.",
        id=TEXT, name=TEXT, created=TEXT, person=MAYBE_TEXT, roles=ROLES, ends=MAYBE_TEXT,
    ),
    "TokenList": page_of("Token"),
    "Keys": form(
        "Which keys speak, by thumbprint; never the keys.", signing=TEXT, next=MAYBE_TEXT, before=MAYBE_TEXT,
        rotated_at=MAYBE_NUMBER, index=MAYBE_NUMBER, logged=YES, folder=TEXT,
    ),
    "Import": form(
        "An upload on its way. `columns` while they are to be mapped, `fitting`: remembered mappings for just "
        "these, `problem`: why they cannot be read; `counts` and `report` (of each list 500) once it was checked.",
        number=NUMBER, name=MAYBE_TEXT, owner=TEXT, own=YES,
        state={"enum": ["mapping", "checked", "review", "publishing", "done"]}, running=YES, done=NUMBER, total=NUMBER,
        outcome=MAYBE_OBJECT, note=MAYBE_TEXT, began=TEXT, expires=TEXT, columns=OBJECTS, fitting=TEXTS,
        problem=MAYBE_TEXT, mapping=MAYBE_OBJECT, counts=OBJECT, report=OBJECT,
    ),
    "ImportList": form(
        "Your uploads.", items={"type": "array", "items": OBJECT}, as_of=TEXT,
    ),
    "Mapping": form(
        "A mapping that is remembered.", name=TEXT, columns=TEXTS, saved=TEXT, saved_by=TEXT, mapping=OBJECT,
    ),
    "Plan": form(
        "What an act would do: to which records, and which are left out and why. `digest` names how they stand now.",
        act=TEXT, value=TEXT, recipients=TEXTS, items=OBJECTS, left_out=OBJECTS, digest=TEXT, four_eyes=YES,
    ),
    "BulkDone": form(
        "`submitted` where a second person must approve it: then `batch` is its number.",
        state={"enum": ["done", "submitted"]}, records=NUMBER, batch=MAYBE_NUMBER,
    ),
    "Batch": form(
        "An act that waits for a second person.", number=NUMBER, owner=TEXT, own=YES, began=TEXT, expires=TEXT,
        may_approve=YES, plan={"$ref": "#/components/schemas/Plan"},
    ),
    "BatchList": page_of("Batch"),
    "Lines": form(
        "Records as a list shows them; `total` counts up to 1000 and no further; `counts`: by facet and choice, under "
        "the other filters, at least so many if `counts_at_least`; `next` goes into `after`.",
        items=OBJECTS, next=MAYBE_TEXT, total=NUMBER, counts=OBJECT, counts_at_least={"type": "boolean"}, as_of=TEXT,
    ),
    "MappingList": page_of("Mapping"),
    "Outbox": form(
        "What waits to be proven in the log: 50 events behind `after`, what the hub said, alarms with their ways out.",
        waiting=NUMBER, oldest=MAYBE_TEXT, items=OBJECTS, next=MAYBE_NUMBER, relay=OBJECT, served=YES, alarms=OBJECTS,
        as_of=TEXT,
    ),
    "ActList": form(
        "The trail, the newest first; `next` goes into `after`.", items=OBJECTS, next=MAYBE_NUMBER, as_of=TEXT,
    ),
    "Backup": form(
        "The last backup that is known, and the file that was made here. Files are taken on the page Backup.",
        last=MAYBE_OBJECT, file=MAYBE_OBJECT, as_of=TEXT,
    ),
    "Tested": form("What the last backup holds; it was opened and read.", content=OBJECT, as_of=TEXT),
    "History": form(
        "What was said of a record, the newest first; `fields`: in which it differs from the version before; `times`: "
        "when each was signed, sent, logged and witnessed, none if it was not, or that is not known.",
        items=OBJECTS, as_of=TEXT,
    ),
    "Published": form("The record that a draft has become.", kind=TEXT, id=TEXT),
}  # fmt: skip
