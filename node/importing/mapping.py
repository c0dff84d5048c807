"""Reads a mapping file: which columns of a source become which fields of a record."""

import datetime as dt
import re
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from node.importing.rows import ImportFileError, shorten
from schemas.records import KINDS
from schemas.release import FOR_NAMED
from schemas.sentences import sentence

MAX_MAPPING_BYTES = 1_000_000

PLACE = re.compile(r"\{([^{}]+)\}")
"""A column's name in a template."""

_LANGUAGE_OR_PLACE = re.compile("[a-z]{2}|[0-9]+")  # what stands behind a dot in the name of a field

Format = Literal["csv", "xlsx", "json", "jsonl"]
Marking = Literal["TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED"]
As = Literal["text", "lower", "integer", "decimal", "boolean", "date", "country", "phone"]
Scalar = str | int | float | bool


def _known_kind(kind: str) -> str:
    if kind not in KINDS:
        raise ValueError(f"is no kind of record; the kinds are {', '.join(KINDS)}")
    return kind


def _compiles(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"is no regular expression: {error}") from error
    return pattern


def _gives_years(form: str) -> bool:
    sample = dt.datetime(2004, 2, 29, tzinfo=dt.UTC)
    try:
        return dt.datetime.strptime(sample.strftime(form), form).year == sample.year  # noqa: DTZ007 - a day
    except ValueError:
        return False


Regex = Annotated[str, AfterValidator(_compiles)]


Names = Annotated[list[str], Field(min_length=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _overlap(one: str, other: str) -> bool:
    return one == other or one.startswith(other + ".") or other.startswith(one + ".")


class Condition(_Strict):
    """A test on one column; exactly one of `equals`, `in`, `not_in`, `empty` and `matches`."""

    column: str
    equals: Scalar | None = None
    in_: list[Scalar] | None = Field(None, alias="in")
    not_in: list[Scalar] | None = None
    empty: bool | None = None
    matches: Regex | None = None

    @model_validator(mode="after")
    def _one_test(self) -> Self:
        tests = (self.equals, self.in_, self.not_in, self.empty, self.matches)
        if sum(test is not None for test in tests) != 1:
            raise ValueError("needs exactly one of equals, in, not_in, empty, matches")
        return self


class Rule(_Strict):
    """Where one field comes from (`column`, `template` or `value`) and what is done to it on the way, in this order."""

    column: str | Names | None = None
    template: str | Names | None = None
    value: Any = None
    when: Condition | list[Condition] | None = None
    match: Regex | None = None
    translate: str | dict[str, Scalar] | None = None
    otherwise: Literal["report", "keep", "skip"] = "report"
    as_: As = Field("text", alias="as")
    format: str = "%Y-%m-%d"
    end_of: Literal["month", "year"] | None = None
    calling_code: str | None = Field(None, pattern=r"^[1-9]\d{0,2}$")
    places: int | None = Field(None, ge=0, le=9)
    required: bool = False

    @model_validator(mode="before")
    @classmethod
    def _bare_column(cls, data: Any) -> Any:
        return {"column": data} if isinstance(data, str) else data

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if sum(origin is not None for origin in (self.column, self.template, self.value)) != 1:
            raise ValueError("needs exactly one of column, template, value")
        if self.as_ == "phone" and self.calling_code is None:
            raise ValueError('as = "phone" needs calling_code, such as "46", for numbers in national form')
        for template in self.templates():
            if "{" in (rest := PLACE.sub("", template)) or "}" in rest:
                raise ValueError(f"template = {template!r} has half a pair of braces; columns stand as {{Name}}")
        if self.as_ == "date" and not _gives_years(self.format):
            raise ValueError(f"format = {self.format!r} is no form of a date with its year, such as '%d.%m.%Y'")
        return self

    def templates(self) -> list[str]:
        """Return the templates, of which the first one that the row can fill counts."""
        return [self.template] if isinstance(self.template, str) else self.template or []

    def columns(self) -> list[str]:
        """Return the columns this rule reads, the first one being the one named in reports."""
        if self.template is not None:
            return [column for template in self.templates() for column in PLACE.findall(template)]
        if self.column is None:
            return []
        return [self.column] if isinstance(self.column, str) else self.column


class ListRule(_Strict):
    """A field that is a list: one item per row, or one per element of a column (`each`)."""

    target: str
    each: str | None = None
    split: str | None = Field(None, min_length=1)
    key: list[str] = []
    when: Condition | list[Condition] | None = None
    each_when: Condition | list[Condition] | None = None
    constants: dict[str, Any] = {}
    fields: dict[str, Rule] = {}
    item: Rule | None = None

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if bool(self.fields) == (self.item is not None):
            raise ValueError("needs either fields (items are tables) or item (items are single values)")
        if self.split is not None and self.each is None:
            raise ValueError("split needs each, the column to split")
        return self

    def columns(self) -> list[str]:
        """Return the columns this list reads, the first one being the one named in reports."""
        rules = [self.item] if self.item is not None else list(self.fields.values())
        named = [self.each] if self.each is not None else []
        return named + [column for rule in rules for column in rule.columns()]


class History(_Strict):
    """How a file of changes is read: which columns say what was done, to which row, and together with what."""

    op: str = "op"
    key: str = "key"
    state: str = "after"
    batch: str
    put: list[str] = ["create", "update"]
    withdraw: list[str] = ["delete"]
    reason: str = Field(min_length=1, max_length=1000)
    quiet: list[str] = []
    stamp: dict[str, str] = {}


class Mapping(_Strict):
    """One mapping file."""

    source: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)
    kind: Annotated[str, AfterValidator(_known_kind)]
    marking: Marking
    recipients: list[str] = []
    format: Format
    path: str | None = None
    sheet: str | None = None
    delimiter: str = Field(",", min_length=1, max_length=1)
    key: list[str] = Field(min_length=1)
    grouped: bool = False
    whole: bool = False
    only: list[Condition] = []
    constants: dict[str, Any] = {}
    fields: dict[str, Rule] = {}
    lists: list[ListRule] = Field([], alias="list")
    tables: dict[str, dict[str, Scalar]] = {}
    aliases: dict[str, str] = {}
    history: History | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.whole and (self.grouped or self.fields or self.lists or self.constants):
            raise ValueError("whole = true takes rows as they stand: no fields, list, constants or grouped beside it")
        if not self.whole and not self.fields and not self.lists:
            raise ValueError("needs [fields] or [[list]]: nothing would be read from the file")
        if self.history is not None and self.format not in {"json", "jsonl"}:
            raise ValueError(f"[history] needs json or jsonl: in {self.format} no cell holds the row after a change")
        if self.recipients and not self.whole and self.marking not in FOR_NAMED and "marking" not in self.fields:
            raise ValueError(f"recipients are for {' and '.join(FOR_NAMED)}; {self.marking} reaches more than those")
        for target in (entry.target for entry in self.lists):
            if taken := next((name for name in self.fields if _overlap(name, target)), None):
                raise ValueError(f"[[list]] fills {target!r}, and so does {taken!r} under [fields]: leave one of them")
        for rule in self._rules():
            if isinstance(rule.translate, str) and rule.translate not in self.tables:
                raise ValueError(f"translate = {rule.translate!r} names no table under [tables]")
        return self

    def _rules(self) -> list[Rule]:
        items = [rule for entry in self.lists for rule in (*entry.fields.values(), entry.item) if rule is not None]
        return [*self.fields.values(), *items]

    def column_of(self, target: str) -> str:
        """Return the column that feeds a dotted target (or what lies around it), or "" if none does."""
        for name, rule in self.fields.items():
            if _overlap(name, target):
                return next(iter(rule.columns()), "")
        for entry in self.lists:
            if entry.target == target or target.startswith(entry.target + "."):
                return next(iter(entry.columns()), "")
        return ""


def load_mapping(path: Path) -> Mapping:
    """Read a mapping file.

    Raises ImportFileError: the file cannot be read, is no TOML, or says something that no mapping can say; the text
    names the key, what was found and what is allowed.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ImportFileError(
            sentence("{path}: the mapping cannot be read: {strerror}.", path=path, strerror=error.strerror)
        ) from error
    if len(data) > MAX_MAPPING_BYTES:
        raise ImportFileError(
            sentence(
                "{path}: the mapping has {n} bytes; at most {max_mapping_bytes} are read.",
                path=path,
                n=len(data),
                max_mapping_bytes=MAX_MAPPING_BYTES,
            )
        )
    try:
        return Mapping.model_validate(tomllib.loads(data.decode("utf-8-sig")))
    except UnicodeDecodeError as error:
        raise ImportFileError(
            sentence("{path}: the mapping is not UTF-8 (byte {start}).", path=path, start=error.start)
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise ImportFileError(
            sentence("{path}: the mapping is no valid TOML: {cause}.", path=path, cause=error)
        ) from error
    except ValidationError as error:
        raise ImportFileError(f"{path}: " + _explain(error)) from error


def _explain(error: ValidationError) -> str:
    """Say in one line per mistake which key is wrong, what stands there and what is allowed."""
    lines = []
    for mistake in error.errors(include_url=False):
        key = ".".join(str(part) for part in mistake["loc"]) or "the mapping"
        match mistake["type"]:
            case "extra_forbidden":
                dotted = ""
                if _LANGUAGE_OR_PLACE.fullmatch(str(mistake["loc"][-1])):
                    dotted = f'if it is part of a field, that is named in quotes, as "name.{mistake["loc"][-1]}"; '
                lines.append(f"{key}: is no key of a mapping; {dotted}see docs/import.md for those that are")
            case "missing":
                lines.append(f"{key}: is missing")
            case "value_error":
                lines.append(f"{key}: {mistake['ctx']['error']}")
            case _:
                said = mistake["msg"].replace("Input should", "should")
                lines.append(f"{key}: found {shorten(mistake['input'])!r}, {said}")
    return "; ".join(lines) + "."
