"""What people and files hand in: a record with its kind, id and marking beside its own fields."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic_core import PydanticUndefined

from schemas.body import make_body, record_of, validate_body
from schemas.fields import KIND_NAMES
from schemas.problems import Problem, nearest, perhaps, problem, shown
from schemas.records import KINDS
from schemas.records.finding import COMMITMENT, source_problems
from schemas.release import FOR_NAMED, MARKINGS
from schemas.sentences import gettext_noop as N_
from schemas.sentences import sentence
from schemas.statement import is_org, is_record_id

_NONCE: Final = "A" * 22  # stands in while the record is checked; the seal draws a real one
_DEFAULT_MARKING: Final = {"finding": "TLP:AMBER"}
_BESIDE: Final = frozenset(
    {"kind", "id", "marking", "recipients", "derived_from"}
)  # what is said of a record, not in it
_UNMADE: Final = "A" * 43  # stands in for the commitment to a finding's sources: the node that keeps them makes it
MAX_RECIPIENTS: Final = 99  # the author reads it too


@dataclass(frozen=True, slots=True)
class Entry:
    """A checked record: JSON types only, nothing empty in it, fit for the canonical form.

    `recipients` are the organizations that may read it beside its author, sorted; none where the marking says who may.
    `derived_from` are the addresses of the assessments that a finding is drawn from, sorted; they are never published.
    """

    kind: str
    id: str | None
    marking: str
    record: dict[str, Any]
    recipients: tuple[str, ...] = ()
    derived_from: tuple[str, ...] = ()


class InvalidEntry(ValueError):
    """What was handed in is no valid record; `problems` says why, field by field."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(" ".join(each.message for each in problems))
        self.problems = problems


def parse_entry(data: Mapping[str, Any]) -> Entry:
    """The record in `{"kind", "id"?, "marking", "recipients"?, …its own fields}`; raises `InvalidEntry`."""
    if not isinstance(data, Mapping):
        raise InvalidEntry([problem((), shown(data), N_("be an object with kind, marking and the fields of a record"))])
    kind = data.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        raise InvalidEntry([_unknown("kind", kind, KIND_NAMES)])
    id_, marking = data.get("id"), data.get("marking", _DEFAULT_MARKING.get(kind))
    problems = []
    if id_ is not None and not (isinstance(id_, str) and is_record_id(id_)):
        allowed = N_("be 1 to 64 small letters, digits and hyphens, beginning with a letter or digit")
        problems.append(problem(("id",), shown(id_), allowed))
    if marking not in MARKINGS:
        problems.append(_unknown("marking", marking, MARKINGS))
    recipients = data.get("recipients")
    problems += _recipient_problems(recipients, marking)
    record = normalised(kind, data)
    sources = data.get("derived_from")
    problems += source_problems(kind, sources, record)
    problems += check_record(kind, record if sources is None else {**record, COMMITMENT: _UNMADE})
    if problems:
        raise InvalidEntry(problems)
    # Read back from the bytes, so that only JSON types are in it: a spreadsheet's date is text from here on.
    read = record_of(make_body(record, _NONCE))
    return Entry(kind, id_, str(marking), read, tuple(sorted(recipients or ())), tuple(sorted(sources or ())))


def to_entry(
    kind: str, id_: str, marking: str, record: Mapping[str, Any], recipients: tuple[str, ...] = ()
) -> dict[str, Any]:
    """The entry that `parse_entry` takes apart again."""
    named = {"recipients": list(recipients)} if recipients else {}
    return {"kind": kind, "id": id_, "marking": marking, **named, **record}


def _recipient_problems(value: Any, marking: Any) -> list[Problem]:
    """What is wrong with the list of those who may read a record, given its marking."""
    at = ("recipients",)
    if not isinstance(marking, str) or marking not in FOR_NAMED:
        if value is None:
            return []
        allowed = sentence(
            "be left out: recipients are named for {markings} only", markings=", ".join(sorted(FOR_NAMED))
        )
        return [problem(at, shown(value), allowed)]
    if value is None or value == []:
        allowed = sentence(
            "name who may read it beside its author: {marking} is encrypted to named organizations", marking=marking
        )
        return [problem(at, N_("missing"), allowed)]
    if not isinstance(value, (list, tuple)) or len(value) > MAX_RECIPIENTS:
        found = sentence("{n} entries", n=len(value)) if isinstance(value, (list, tuple)) else shown(value)
        return [problem(at, found, sentence("be a list of at most {n} ids of organizations", n=MAX_RECIPIENTS))]
    for place, name in enumerate(value):
        if not isinstance(name, str) or not is_org(name):
            return [problem((*at, place), shown(name), N_("be the id of an organization, as ke-nctc"))]
        if name in value[:place]:
            return [
                problem((*at, place), sentence("{name}, a second time", name=name), N_("name each organization once"))
            ]
    return []


def check_record(kind: str, record: dict[str, Any]) -> list[Problem]:
    """What is wrong with a record of this kind, with pointers from the record's own root."""
    try:
        body = make_body(record, _NONCE)
    except (TypeError, ValueError) as error:
        return [_no_json(error)]
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
        if name in _BESIDE:
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
    must = perhaps(sentence("be one of {choices}", choices=", ".join(choices)), nearest(str(value), choices, 1))
    return problem((field,), N_("missing") if value is None else shown(value), must)


def _no_json(error: Exception) -> Problem:
    found = sentence("not representable in JSON ({cause})", cause=error)
    return problem((), found, N_("hold only text, whole numbers, lists and objects"))
