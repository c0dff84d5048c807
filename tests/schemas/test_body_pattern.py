"""A model has a pattern only where it is certain that it is at least as strict."""

import re
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError, model_validator

from schemas.body import canonical
from schemas.body_pattern import BodyPattern, Unlike
from schemas.fields import Part
from schemas.quick_body import QuickReader


class Lenient(BaseModel):
    model_config = ConfigDict(extra="ignore")


class Trimming(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class Filling(Part):
    name: str = "somebody"


class Renaming(Part):
    name: str = Field(alias="title")


class Unbounded(Part):
    number: int


class Negative(Part):
    number: Annotated[int, Field(ge=-1, le=1)]


class Inexact(Part):
    share: float


class Numbered(Part):
    number: Literal[1, 2]


class Quoting(Part):
    word: Annotated[str, StringConstraints(pattern=r"^[ -~]+$")]


class Escaping(Part):
    word: Annotated[str, StringConstraints(pattern=r"^[^\"]+$")]


class Anything(Part):
    word: Annotated[str, StringConstraints(pattern=r"^a.c$")]


class Within(Part):
    word: Annotated[str, StringConstraints(pattern=r"a|b")]


class Shortest(Part):
    word: Annotated[str, StringConstraints(min_length=2)]


class Foreign(Part):
    word: Annotated[str, StringConstraints(pattern=r"^[é]$")]


class Few(Part):
    text: Annotated[dict[str, str], Field(min_length=2)]


class Itself(Part):
    part: "Itself | None" = None


class Ruled(Part):
    word: Literal["a"]

    @model_validator(mode="after")
    def rule(self) -> "Ruled":
        return self


class RuledDeep(Part):
    parts: list[Ruled]


NONE = (
    Lenient, Trimming, Filling, Renaming, Unbounded, Negative, Inexact, Numbered, Quoting, Escaping, Anything, Within,
    Shortest, Foreign, Few, Itself, RuledDeep,
)  # fmt: skip


@pytest.mark.parametrize("model", NONE)
def test_a_model_of_which_it_is_not_certain_has_no_pattern(model: type[BaseModel]) -> None:
    schema = TypeAdapter(model).core_schema
    with pytest.raises(Unlike):
        BodyPattern(schema, escapes=False)
    assert QuickReader(schema, few=0).read(b"{}") is None


def test_a_rule_about_the_whole_is_kept_with_its_place() -> None:
    schema: Any = TypeAdapter(Ruled).core_schema
    assert [place for place, _ in BodyPattern(schema, escapes=False).rules] == [None]


class Bounded(Part):
    small: Annotated[int, Field(ge=3, le=12)]
    great: Annotated[int, Field(ge=0, le=2**53 - 1)] | None = None
    some: Annotated[int, Field(ge=50, le=4_000_000)] | None = None
    word: Annotated[str, StringConstraints(min_length=1, max_length=4)] | None = None
    link: Annotated[str, StringConstraints(pattern=r"^x[^\s\"\\]+$")] | None = None
    text: Annotated[str, StringConstraints(pattern=r"\S", max_length=6)] | None = None
    words: Annotated[list[Literal["a", "ab", "b"]], Field(min_length=1, max_length=2)] | None = None


BOUNDED: TypeAdapter[Any] = TypeAdapter(Bounded)
READER = QuickReader(BOUNDED.core_schema, few=0)
BLANKS = "\u0085\u00a0\u1680\u2003\u2028\u202f\u205f\u3000"
LETTERS = st.sampled_from(f"a éЖ中😀\ufeff{BLANKS}")
NUMBERS = st.integers(-2, 14) | st.sampled_from((49, 50, 51, 99, 100, 999_999, 1_000_000, 4_000_001, 2**53 - 1, 2**53))


@given(
    st.fixed_dictionaries(
        {"small": NUMBERS},
        optional={
            "great": NUMBERS,
            "some": NUMBERS,
            "word": st.text(max_size=6),
            "link": st.text(LETTERS, max_size=3).map("x".__add__),
            "text": st.text(LETTERS, max_size=8),
            "words": st.lists(st.sampled_from(("a", "ab", "b", "abc", "")), max_size=4),
        },
    )
)
def test_no_bound_is_wider_than_the_model_s(record: dict[str, Any]) -> None:
    try:
        body = canonical(record)
    except ValueError:
        return
    if READER.read(body) is not None:
        BOUNDED.validate_json(body)


@pytest.mark.parametrize(
    "record",
    [{"small": n} for n in range(3, 13)]
    + [{"small": 3, "great": n} for n in (0, 1, 999_999_999_999_999)]
    + [{"small": 3, "some": n} for n in (100, 999_999)]
    + [{"small": 3, "word": word} for word in ("ab", "åä", "中")]
    + [{"small": 3, "text": text} for text in ("a b", "Жар", "中文")]
    + [{"small": 3, "words": words} for words in (["a"], ["ab", "b"])],
)
def test_what_is_within_the_bounds_is_taken(record: dict[str, Any]) -> None:
    assert READER.read(canonical(record)) == record


@pytest.mark.parametrize("blank", BLANKS)
@pytest.mark.parametrize("record", [{"text": "{}"}, {"text": "{}{}"}, {"link": "x{}"}, {"link": "xa{}a"}])
def test_no_blank_of_unicode_passes_for_a_letter(record: dict[str, str], blank: str) -> None:
    body = canonical({"small": 3} | {name: text.replace("{}", blank) for name, text in record.items()})
    with pytest.raises(ValidationError):
        BOUNDED.validate_json(body)
    assert READER.read(body) is None


def test_a_pattern_is_no_more_than_a_regular_expression_over_bytes() -> None:
    made = BodyPattern(BOUNDED.core_schema, escapes=False)
    assert re.fullmatch(made.text.encode(), b'{"small":3}')
