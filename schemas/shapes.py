"""What a value in a record is, by the models of schemas: a code, a place, a link, a text, so that pages show it."""

import types
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any, Final, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from schemas import fields
from schemas.coded import Code
from schemas.records import KINDS


class Shape(NamedTuple):
    """A value with what it is.

    `text` (by language), `code` (`{scheme, code}`), `place` (a place), `record` (kind, org, id), `org`, `url`, `email`,
    `phone`, `day`, `moment`, `language` (BCP 47), `yes` (true or false), `number`, `list` (of shapes), `group` (of
    named shapes), `plain`.
    """

    what: str
    value: Any


class Named(NamedTuple):
    """A field with its shape."""

    name: str
    shape: Shape


def _pattern(annotated: Any) -> str:
    return str(next(each.pattern for each in annotated.__metadata__ if getattr(each, "pattern", None)))


_BY_PATTERN: Final = {
    _pattern(fields.Url): "url", _pattern(fields.Email): "email", _pattern(fields.Phone): "phone",
    _pattern(fields.Moment): "moment", _pattern(fields.LanguageTag): "language",
    _pattern(fields.OrgId): "org", _pattern(fields.RecordAddress): "reference",
}  # fmt: skip
# References by an id alone are to the author's own record of this kind.
_REFERENCES: Final = {
    _pattern(fields.ContactRef): "contact", _pattern(fields.NeedRef): "need", _pattern(fields.ResourceRef): "resource",
    _pattern(fields.ActivityRef): "activity", _pattern(fields.AssessmentRef): "assessment",
    _pattern(fields.AnyRef): "",
}  # fmt: skip


def record_fields(kind: str, org: str, record: Mapping[str, Any]) -> list[Named]:
    """Give a record's fields in the order of its model, each with its shape; `org` is its owner."""
    return list(_fields(KINDS[kind], record, org))


def _fields(model: type[BaseModel], given: Mapping[str, Any], org: str) -> Iterator[Named]:
    for name, info in _in_order(model).items():
        if given.get(name) is not None:
            yield Named(name, _shape(info.annotation, info.metadata, given[name], org))


@cache
def _in_order(model: type[BaseModel]) -> Mapping[str, FieldInfo]:
    """A kind's own fields before those that any kind may have."""
    inherited = {name for parent in model.__mro__[1:] for name in getattr(parent, "model_fields", {})}
    own = {name: info for name, info in model.model_fields.items() if name not in inherited}
    return own | {name: info for name, info in model.model_fields.items() if name not in own}


def _shape(annotation: Any, metadata: Sequence[Any], value: Any, org: str) -> Shape:
    metadata = list(metadata)
    while hasattr(annotation, "__metadata__"):
        metadata = [*metadata, *annotation.__metadata__]
        annotation = annotation.__origin__
    if get_origin(annotation) in {Union, types.UnionType}:
        return _shape(_chosen(annotation, value), metadata, value, org)
    if isinstance(value, bool):
        return Shape("yes", value)
    if isinstance(value, int):
        return Shape("number", value)
    if isinstance(value, list):
        inner = next(iter(get_args(annotation)), str)
        return Shape("list", [_shape(inner, (), each, org) for each in value])
    if isinstance(value, dict):
        return _of_dict(annotation, value, org)
    return _of_text(annotation, metadata, value, org)


def _chosen(union: Any, value: Any) -> Any:
    """The member of a union that a value is of."""
    wanted = dict if isinstance(value, dict) else type(value)
    members = [each for each in get_args(union) if each is not type(None)]
    for each in members:
        bare = each
        while hasattr(bare, "__metadata__"):
            bare = bare.__origin__
        model = isinstance(bare, type) and issubclass(bare, BaseModel)
        if (wanted is dict and model and set(value) <= set(bare.model_fields)) or get_origin(bare) is wanted:
            return each
        if bare is wanted or (bare is date and wanted is str) or get_origin(bare) in {Union, types.UnionType}:
            return each
    return members[0]


def _of_dict(annotation: Any, value: Mapping[str, Any], org: str) -> Shape:
    if not (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
        return Shape("text", value)
    if issubclass(annotation, Code):
        return Shape("code", value)
    if annotation in {fields.CountryPlace, fields.RegionPlace}:
        return Shape("place", value)
    if annotation is fields.OutsideOrg:
        return Shape("org", value)
    return Shape("group", list(_fields(annotation, value, org)))


def _of_text(annotation: Any, metadata: Sequence[Any], value: str, org: str) -> Shape:
    if annotation is date:
        return Shape("day", value)
    for each in metadata:
        if isinstance(each, fields.CodeOf):
            if each.scheme in {"country", "region"}:
                return Shape("place", {each.scheme: value})
            return Shape("code", {"scheme": each.scheme, "code": value})
        pattern = getattr(each, "pattern", None)
        if pattern in _REFERENCES:
            return _reference(value, _REFERENCES[pattern], org)
        if pattern in _BY_PATTERN:
            what = _BY_PATTERN[pattern]
            if what == "moment":
                return Shape("moment" if "T" in value else "day", value)
            return _reference(value, "", org) if what == "reference" else Shape(what, value)
    return Shape("plain", value)


def _reference(value: str, kind: str, org: str) -> Shape:
    parts = value.split("/")
    if len(parts) == 3:
        return Shape("record", dict(zip(("kind", "org", "id"), parts, strict=True)))
    return Shape("record", {"kind": kind, "org": org, "id": value}) if kind else Shape("plain", value)
