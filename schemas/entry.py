"""What people and files hand in: a record with its kind, id and marking beside its own fields."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic_core import PydanticUndefined

from schemas.body import make_body, record_of, validate_body
from schemas.fields import KIND_NAMES
from schemas.problems import Problem, nearest, problem, shown
from schemas.records import KINDS
from schemas.release import MARKINGS
from schemas.statement import is_record_id

_NONCE: Final = "A" * 22  # stands in while the record is checked; the seal draws a real one
_DEFAULT_MARKING: Final = {"finding": "TLP:AMBER"}


@dataclass(frozen=True, slots=True)
class Entry:
    """A checked record: JSON types only, nothing empty in it, fit for the canonical form."""

    kind: str
    id: str | None
    marking: str
    record: dict[str, Any]


class InvalidEntry(ValueError):
    """What was handed in is no valid record; `problems` says why, field by field."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(" ".join(each.message for each in problems))
        self.problems = problems


def parse_entry(data: Mapping[str, Any]) -> Entry:
    """The record in `{"kind", "id"?, "marking", …its own fields}`; raises `InvalidEntry`."""
    if not isinstance(data, Mapping):
        raise InvalidEntry([problem((), shown(data), "be an object with kind, marking and the fields of a record")])
    kind = data.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        raise InvalidEntry([_unknown("kind", kind, KIND_NAMES)])
    id_, marking = data.get("id"), data.get("marking", _DEFAULT_MARKING.get(kind))
    problems = []
    if id_ is not None and not (isinstance(id_, str) and is_record_id(id_)):
        allowed = "be 1 to 64 small letters, digits and hyphens, beginning with a letter or digit"
        problems.append(problem(("id",), shown(id_), allowed))
    if marking not in MARKINGS:
        problems.append(_unknown("marking", marking, MARKINGS))
    record = normalised(kind, data)
    problems += check_record(kind, record)
    if problems:
        raise InvalidEntry(problems)
    # Read back from the bytes, so that only JSON types are in it: a spreadsheet's date is text from here on.
    return Entry(kind, id_, str(marking), record_of(make_body(record, _NONCE)))


def to_entry(kind: str, id_: str, marking: str, record: Mapping[str, Any]) -> dict[str, Any]:
    """The entry that `parse_entry` takes apart again."""
    return {"kind": kind, "id": id_, "marking": marking, **record}


def check_record(kind: str, record: dict[str, Any]) -> list[Problem]:
    """What is wrong with a record of this kind, with pointers from the record's own root."""
    try:
        body = make_body(record, _NONCE)
    except (TypeError, ValueError) as error:
        return [problem((), f"not representable in JSON ({error})", "hold only text, whole numbers, lists and objects")]
    found = validate_body(kind, "published", body)
    return [
        Problem(each.pointer.removeprefix("/record"), each.message, each.found, each.allowed)
        if each.pointer.startswith("/record")
        else each
        for each in found
    ]


def normalised(kind: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """The record's own fields without what is empty, texts trimmed, line ends as one line feed."""
    required = {name for name, field in KINDS[kind].model_fields.items() if field.default is PydanticUndefined}
    record: dict[str, Any] = {}
    for name, value in data.items():
        if name in ("kind", "id", "marking"):
            continue
        kept = _trimmed(value)
        if kept is not None:
            record[name] = kept
        elif name in required and isinstance(value, list):
            record[name] = []  # a required list may be empty: that says something
    return record


def _trimmed(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\r\n", "\n").replace("\r", "\n").strip() or None
    if isinstance(value, Mapping):
        return {k: kept for k, inner in value.items() if (kept := _trimmed(inner)) is not None} or None
    if isinstance(value, (list, tuple)):
        return [kept for inner in value if (kept := _trimmed(inner)) is not None] or None
    return value


def _unknown(field: str, value: Any, choices: tuple[str, ...]) -> Problem:
    near = nearest(str(value), choices, 1)
    hint = f"; perhaps {near[0]} was meant" if near else ""
    return problem((field,), "missing" if value is None else shown(value), f"be one of {', '.join(choices)}{hint}")
