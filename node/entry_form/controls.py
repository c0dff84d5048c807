"""Which control each field of a kind gets, drawn from its pydantic model, so that forms cannot differ from checks.

What no control fits stays text in JSON: nothing that a record may hold is lost by opening it in a form.
"""

import types
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from schemas.coded import CodedIn
from schemas.field_names import field_name
from schemas.fields import CodeOf, CountryPlace, OutsideOrg
from schemas.records import KINDS

# Long texts by language; other texts by language take one line.
_LONG: Final = frozenset(
    {
        "description", "text", "mandate", "statement", "finding", "method", "recommended_action", "state_comment",
        "absorptive_notes", "prior_assistance", "eligibility", "how_to_apply", "evidence", "note", "lessons",
        "reservations_text", "audience", "cost_sharing",
    }
)  # fmt: skip
# What need not be given, but is what people come for: asked with what must be.
_USUAL: Final = {"contact": ("emails", "phones")}
# A person begins with what a thing is called.
_FIRST: Final = {"title": 0, "name": 1, "finding": 2, "description": 3, "statement": 4}


@dataclass(frozen=True, slots=True)
class Control:
    """How a field is asked for.

    `sort` is one of text · texts and long-texts (by language) · choice · choices · literal · code and codes ({scheme,
    code}) · place and place-codes (bare codes) · placed and places ({country} or {region}) · yesno · day · number ·
    lines (a list of texts) · org · orgs · group · groups · json. `schemes` are its code lists, or the words of a
    literal; `inner` are the controls of a group.
    """

    name: str
    label: str
    help: str
    sort: str
    required: bool
    schemes: tuple[str, ...] = ()
    inner: tuple["Control", ...] = ()
    everywhere: bool = False  # places may be "global"
    usual: bool = False  # need not be given, but is asked for with what must be


@cache
def controls_of(kind: str) -> tuple[Control, ...]:
    """Give the controls of a kind, those of required fields first, of them what it is called; KeyError if unknown."""
    usual = _USUAL.get(kind, ())
    controls = (replace(each, usual=each.name in usual) for each in _of_model(KINDS[kind]))
    order = lambda each: (not each.required, not each.usual, _FIRST.get(each.name, len(_FIRST)))  # noqa: E731
    return tuple(sorted(controls, key=order))


def _of_model(model: type[BaseModel]) -> tuple[Control, ...]:
    return tuple(_control(name, field) for name, field in model.model_fields.items())


def _control(name: str, field: FieldInfo) -> Control:
    required = field.default is PydanticUndefined and field.default_factory is None
    base, marks = _unwrapped(field.annotation, tuple(field.metadata))
    sort, schemes, inner = _sorted(name, base, marks)
    everywhere = sort == "places" and any(_is_global(each) for each in _choices(base))
    return Control(name, field_name(name), field.description or "", sort, required, schemes, inner, everywhere)


def _unwrapped(annotation: Any, marks: tuple[Any, ...] = ()) -> tuple[Any, tuple[Any, ...]]:
    """Take None and Annotated off; gives what is left and all that it was marked with."""
    while True:
        if get_origin(annotation) is Annotated:
            annotation, *more = get_args(annotation)
            marks += tuple(more)
            continue
        choices = [each for each in _choices(annotation) if each is not types.NoneType]
        if len(choices) == 1 and choices[0] is not annotation:
            annotation = choices[0]
            continue
        return annotation, marks


def _choices(annotation: Any) -> Sequence[Any]:
    return get_args(annotation) if get_origin(annotation) in {Union, types.UnionType} else [annotation]


def _sorted(name: str, base: Any, marks: tuple[Any, ...]) -> tuple[str, tuple[str, ...], tuple[Control, ...]]:
    scheme = next((mark.scheme for mark in marks if isinstance(mark, CodeOf)), None)
    if scheme is not None:
        return ("place" if scheme in {"country", "region"} else "choice"), (scheme,), ()
    coded = next((mark.schemes for mark in marks if isinstance(mark, CodedIn)), None)
    if coded is not None:
        return "code", coded, ()
    if get_origin(base) is list:
        return _of_list(name, get_args(base)[0])
    if get_origin(base) is dict:
        return ("long-texts" if name in _LONG else "texts"), (), ()
    if get_origin(base) is Literal:
        return "literal", tuple(map(str, get_args(base))), ()
    simple = {str: "text", bool: "yesno", int: "number", date: "day"}.get(base)
    if simple is not None:
        return simple, (), ()
    if isinstance(base, type) and issubclass(base, BaseModel):
        return "group", (), _of_model(base)
    return _of_union(name, [_unwrapped(each)[0] for each in _choices(base)])


def _of_union(name: str, choices: list[Any]) -> tuple[str, tuple[str, ...], tuple[Control, ...]]:
    if OutsideOrg in choices:
        return "org", (), ()
    if CountryPlace in choices:
        return "placed", (), ()
    lists = [each for each in choices if get_origin(each) is list]
    return _of_list(name, get_args(lists[0])[0]) if lists else ("json", (), ())


def _of_list(name: str, item: Any) -> tuple[str, tuple[str, ...], tuple[Control, ...]]:
    base, marks = _unwrapped(item)
    sort, schemes, inner = _sorted(name, base, marks)
    several = {
        "choice": "choices", "code": "codes", "text": "lines", "placed": "places", "org": "orgs", "group": "groups",
        "place": "place-codes",
    }.get(sort, "json")  # fmt: skip
    return several, schemes, inner


def _is_global(choice: Any) -> bool:
    base, _ = _unwrapped(choice)
    return get_origin(base) is Literal and "global" in get_args(base)
