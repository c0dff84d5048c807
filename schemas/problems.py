"""What is wrong with a document, said so that its author can put it right: where, what was found, what is allowed."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache, lru_cache
from typing import Any, Final

import orjson
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from schemas.codelists import SCHEMES, THEME_SCHEMES, codes
from schemas.fields import COUNTRY_PATTERN
from schemas.forms import FORMS
from schemas.refusal import RULE
from schemas.sentences import gettext_noop as N_
from schemas.sentences import sentence

MAX_FOUND: Final = 80
MAX_PROBLEMS: Final = 50  # one wrong table must not become a book


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong: an RFC 6901 pointer, one sentence, what was found there (shortened), and what is allowed."""

    pointer: str
    message: str
    found: str
    allowed: str


def pointer_of(path: Sequence[str | int]) -> str:
    """The RFC 6901 JSON Pointer of a path of member names and indices."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def shown(value: Any) -> str:
    """A value as JSON on one line, at most 80 characters."""
    try:
        text = orjson.dumps(value, default=str).decode()
    except (TypeError, ValueError):
        text = repr(value)
    return text if len(text) <= MAX_FOUND else text[: MAX_FOUND - 1] + "…"


def problem(path: Sequence[str | int], found: str, allowed: str) -> Problem:
    """A problem with the sentence: "field" is <found>, but must <allowed>."""
    message = sentence("{place} is {found}, but must {must}.", place=_name(path), found=found, must=allowed)
    return Problem(pointer_of(path), message, found, allowed)


def problems_from(error: ValidationError, under: Sequence[str | int] = ()) -> list[Problem]:
    """The problems that pydantic found, at most 50, each once; `under` is the path of what was validated."""
    found: dict[Problem, None] = {}
    for detail in error.errors(include_url=False):
        found[_problem(detail, tuple(under))] = None
        if len(found) == MAX_PROBLEMS:
            break
    return list(found)


def problem_from(detail: ErrorDetails) -> Problem:
    """One problem that pydantic found, for those who hold its details only."""
    return _problem(detail, ())


def problem_of_parameter(detail: ErrorDetails) -> Problem:
    """Say what is wrong with one parameter of a request: the first word of its place says only that it is one."""
    return problem_from({**detail, "loc": detail["loc"][1:]})


def nearest(text: str, choices: Sequence[str], count: int = 3) -> list[str]:
    """The choices most like a text, best first; case does not matter."""
    folded = {choice.casefold(): choice for choice in choices}
    return [folded[match] for match in get_close_matches(text.casefold(), folded, count, 0.5)]


def _name(path: Sequence[str | int]) -> str:
    """How a person calls the place: the field, and for an entry of a list its number, counted from one."""
    names = [step for step in path if isinstance(step, str)]
    if not path:
        return N_("The document")
    if isinstance(path[-1], int):
        number = path[-1] + 1
        return sentence('Entry {n} of "{field}"', n=number, field=names[-1]) if names else f"Entry {number}"
    return f'"{path[-1]}"'


def _problem(detail: ErrorDetails, under: tuple[str | int, ...]) -> Problem:
    kind, context = detail["type"], detail.get("ctx", {})
    path = (*under, *_path(detail["loc"], kind))
    if kind == RULE:
        return problem((*path, *context["at"]), context["found"], context["allowed"])
    if kind == "missing":
        message = sentence("{place} is missing, but must be there.", place=_name(path))
        return Problem(pointer_of(path), message, "nothing", "a value must be given")
    if kind == "extra_forbidden":
        return _unknown_field(path)
    found = shown(detail["input"])
    if detail["loc"][-1:] == ("~outside",):
        return problem(path, found, _ORGANIZATION)
    if kind == "dict_type":
        return problem(path, found, _CODED if _is_coded(path) else _BY_LANGUAGE)
    return problem(path, found, _ALLOWED.get(kind, _otherwise)(context, detail["input"], detail["msg"]))


def _path(loc: tuple[int | str, ...], kind: str) -> list[int | str]:
    """Where the error is, without the steps that only pydantic knows: union tags and its word for a key."""
    last = len(loc) - 1
    keep_last = kind in ("missing", "extra_forbidden")
    return [
        step
        for place, step in enumerate(loc)
        if isinstance(step, int) or (place == last and keep_last) or not (step.startswith("~") or step in _TAGS)
    ]


def _is_coded(path: Sequence[str | int]) -> bool:
    names = [step for step in path if isinstance(step, str)]
    return bool(names) and names[-1] in {"themes", "theme", "sectors", "criterion", "org_type"}


# No field has one of these names; a test says so.
_TAGS: Final = frozenset({*THEME_SCHEMES, "ct_instrument", "iati_org_type", "[key]"})


def _unknown_field(path: Sequence[str | int]) -> Problem:
    name = str(path[-1])
    near = _field_like(name) if len(name) <= _LONGEST_NAME else ""
    place = _name(path)
    message = sentence("{place} is no field that may stand here.", place=place)
    if near not in ("", name):
        message = sentence(
            '{place} is no field that may stand here; perhaps "{near}" was meant.', place=place, near=near
        )
    return Problem(pointer_of(path), message, shown(path[-1]), "a known field")


_LONGEST_NAME: Final = 60  # no field's name comes near


# Looking for what is alike takes longer than all else about a document.
@lru_cache(maxsize=4096)
def _field_like(name: str) -> str:
    return next(iter(nearest(name, sorted(field_names()), 1)), "")


@cache
def field_names() -> frozenset[str]:
    """The names of all fields of all records and their parts."""
    names: set[str] = set()
    waiting: list[type[BaseModel]] = [BaseModel]
    while waiting:
        for model in waiting.pop().__subclasses__():
            if model.__module__.startswith("schemas.") and not model.__module__.startswith("schemas.statement"):
                names.update(model.model_fields)
            waiting.append(model)
    return frozenset(names)


# How many pydantic words become one plain sentence ---------------------------------------------------------------

_Say = Callable[[Mapping[str, Any], Any, str], str]


_BY_LANGUAGE: Final = N_('be texts by language, as {"en": "…"}')
_CODED: Final = N_('be a code with its list, as {"scheme": "theme_1373", "code": "1.1"}')
_ORGANIZATION: Final = N_('be the id of an organization of the network, or {"scheme", "id"} of one outside it')


def _fixed(allowed: str) -> _Say:
    return lambda _context, _input, _message: allowed


def _otherwise(_context: Mapping[str, Any], _input: Any, message: str) -> str:
    plain = message.removesuffix(".").removeprefix("Input should ")
    return plain[0].lower() + plain[1:]


def _one_of(context: Mapping[str, Any], value: Any, _message: str) -> str:
    listed = re.findall(r"'([^']*)'", str(context.get("expected") or context.get("expected_tags")))
    return _of_list(listed, value)


def _of_list(listed: Sequence[str], value: Any) -> str:
    if len(listed) == 1:
        return sentence("be {code} and nothing else", code=listed[0])
    name, number = _list_names().get(frozenset(listed)), len(listed)
    if number <= 8:
        codes_ = ", ".join(listed)
        if name is None:
            return sentence("be one of the {n} codes: {codes}", n=number, codes=codes_)
        return sentence("be one of the {n} codes of the list {name}: {codes}", n=number, name=name, codes=codes_)
    of_list = sentence("be one of the {n} codes", n=number)
    if name is not None:
        of_list = sentence("be one of the {n} codes of the list {name}", n=number, name=name)
    return nearest_are(of_list, nearest(str(value), listed) or sorted(listed)[:3])


def nearest_are(must: str, near: Sequence[str]) -> str:
    """What must be, with what is most like the value that was found, if anything is."""
    return sentence("{must}; the nearest are {codes}", must=must, codes=", ".join(near)) if near else must


def perhaps(must: str, near: Sequence[str]) -> str:
    """What must be, with what was perhaps meant, if anything was."""
    return sentence("{must}; perhaps {near} was meant", must=must, near=near[0]) if near else must


@cache
def _list_names() -> dict[frozenset[str], str]:
    return {codes(name): name for name in reversed(tuple(SCHEMES)) if codes(name)}


def _scheme(context: Mapping[str, Any], value: Any, _message: str) -> str:
    tag = value.get("scheme") if isinstance(value, dict) else None
    listed = re.findall(r"'([^']*)'", str(context.get("expected_tags")))
    near = nearest(str(tag), listed, 1)
    return perhaps(sentence("name one of the lists known here: {names}", names=", ".join(listed)), near)


def _pattern(context: Mapping[str, Any], value: Any, _message: str) -> str:
    pattern = context["pattern"]
    if pattern == COUNTRY_PATTERN:
        near = nearest(str(value), sorted(codes("country")))
        number = len(codes("country"))
        return nearest_are(
            sentence("be one of the {n} codes of ISO 3166-1 alpha-3, or XAA to XZZ in exercises", n=number), near
        )
    return FORMS.get(pattern) or sentence("have the form {pattern}", pattern=pattern)


_ALLOWED: Final[Mapping[str, _Say]] = {
    "literal_error": _one_of,
    "union_tag_invalid": _scheme,
    "union_tag_not_found": _fixed(N_('name its list in "scheme" and its code in "code"')),
    "string_pattern_mismatch": _pattern,
    "string_type": _fixed(N_("be text")),
    "string_too_short": lambda c, _i, _m: sentence("have at least {n} characters", n=c["min_length"]),
    "string_too_long": lambda c, _i, _m: sentence("have at most {n} characters", n=c["max_length"]),
    "too_short": lambda c, _i, _m: sentence(
        "have at least {n} entries; leave the field out if there are none", n=c["min_length"]
    ),
    "too_long": lambda c, _i, _m: sentence("have at most {n} entries", n=c["max_length"]),
    "int_type": _fixed(N_("be a whole number")),
    "int_parsing": _fixed(N_("be a whole number")),
    "bool_type": _fixed(N_("be true or false")),
    "list_type": _fixed(N_("be a list")),
    "model_type": _fixed(N_("be an object with named fields")),
    "model_attributes_type": _fixed(N_("be an object with named fields")),
    "date_type": _fixed(N_("be a date, as 2026-11-23")),
    "date_parsing": _fixed(N_("be a date that exists, as 2026-11-23")),
    "date_from_datetime_parsing": _fixed(N_("be a date, as 2026-11-23")),
    "date_from_datetime_inexact": _fixed(N_("be a date without a time, as 2026-11-23")),
    "greater_than_equal": lambda c, _i, _m: sentence("be at least {n}", n=c["ge"]),
    "less_than_equal": lambda c, _i, _m: sentence("be at most {n}", n=c["le"]),
    "json_invalid": lambda c, _i, _m: sentence("be JSON: {cause}", cause=c["error"]),
}
