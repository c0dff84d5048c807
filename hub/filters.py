"""One model of filters for lists, matrix and live events: AND between parameters, OR within one."""

import re
from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from typing import Annotated, Any, Final, NamedTuple, get_args, get_origin

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from schemas.codelists import SCHEMES, THEME_SCHEMES, countries, is_country, labels, regions
from schemas.fields import KIND_NAMES
from schemas.problems import nearest
from schemas.refusal import refusal
from schemas.sentences import gettext_noop as N_
from schemas.sentences import sentence
from schemas.statement import CONTROL, is_org
from schemas.whole import DIGITS
from schemas.words import asked_words
from wire.reasons import Reason

MAX_VALUES: Final = 100
MAX_QUERY: Final = 200
DEFAULT_LIMIT: Final = 100
MAX_LIMIT: Final = 500
WORLD: Final = "001"
RECORD_STATUSES: Final = ("current", "withdrawn", "disputed", "erased", "elsewhere")
_STATUS_LISTS: Final = ("need_status", "activity_status", "priority_status", "treaty_action")
_OWN_STATUSES: Final = ("open", "closed", *(code for name in _STATUS_LISTS for code in labels(name)))
_STATUSES: Final = tuple(dict.fromkeys((*RECORD_STATUSES, *_OWN_STATUSES)))
_TAG: Final = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,3}")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Theme(NamedTuple):
    """A theme as asked for; without a scheme the code counts in every list."""

    scheme: str | None
    code: str


def _kind(value: str) -> str:
    return _one_of("kind", value, (*KIND_NAMES, CONTROL))


def _reason(value: str) -> str:
    return _one_of("reason", value, tuple(map(str, Reason)))


def _org(value: str) -> str:
    if not is_org(value):
        raise refusal((), f'"{value[:60]}"', N_("be the id of an organization, as ke-nctc"))
    return value


def _place(value: str) -> str:
    if is_country(value) or value in regions():
        return value
    near = nearest(value, [*countries(), *regions()])
    must = N_("be a country by its alpha-3 code or a region by its M49 code")
    if near:
        must = sentence(
            "be a country by its alpha-3 code or a region by its M49 code; the nearest are {near}", near=", ".join(near)
        )
    raise refusal((), f'"{value[:60]}"', must)


def _theme(value: str) -> str:
    scheme, colon, code = value.rpartition(":")
    if not code or len(value) > 90 or (colon and scheme not in SCHEMES):
        raise refusal(
            (),
            f'"{value[:60]}"',
            sentence("be a code, or scheme:code with one of {theme_schemes}", theme_schemes=", ".join(THEME_SCHEMES)),
        )
    return value


def _status(value: str) -> str:
    return _one_of("status", value, _STATUSES)


def _role(value: str) -> str:
    return _one_of("role", value, tuple(labels("contact_role")))


def _language(value: str) -> str:
    if not _TAG.fullmatch(value):
        raise refusal((), f'"{value[:60]}"', N_("be a language tag, as en or zh-Hans"))
    return value


def _one_of(what: str, value: str, allowed: tuple[str, ...]) -> str:
    if value in allowed:
        return value
    near = nearest(value, allowed, 1)
    must = sentence("be a {what}: one of {allowed}", what=what, allowed=", ".join(allowed))
    if near:
        must = sentence(
            "be a {what}: one of {allowed}; perhaps {near} was meant",
            what=what,
            allowed=", ".join(allowed),
            near=near[0],
        )  # fmt: skip
    raise refusal((), f'"{value[:60]}"', must)


def since_moment(value: str) -> str:
    """Give a day or a time in UTC as a time with milliseconds."""
    try:
        if _DAY.fullmatch(value):
            return f"{date.fromisoformat(value)}T00:00:00.000Z"
        moment = datetime.fromisoformat(value)
    except ValueError:
        moment = None
    if moment is None or moment.utcoffset() is None or moment.utcoffset():
        raise refusal((), f'"{value[:60]}"', N_("be a day, as 2026-11-23, or a time in UTC, as 2026-11-23T18:00:00Z"))
    return moment.isoformat(timespec="milliseconds")[:23] + "Z"


def _words(value: str) -> str:
    if not asked_words(value):
        raise refusal((), f'"{value[:60]}"', N_("have a letter or a digit in it"))
    return value


_Values = Field(max_length=MAX_VALUES)
ReasonFilter = Annotated[list[Annotated[str, AfterValidator(_reason)]], _Values]
KindFilter = Annotated[list[Annotated[str, AfterValidator(_kind)]], _Values]
OrgFilter = Annotated[list[Annotated[str, AfterValidator(_org)]], _Values]
PlaceFilter = Annotated[list[Annotated[str, AfterValidator(_place)]], _Values]
ThemeFilter = Annotated[list[Annotated[str, AfterValidator(_theme)]], _Values]
RoleFilter = Annotated[list[Annotated[str, AfterValidator(_role)]], _Values]
LanguageFilter = Annotated[list[Annotated[str, AfterValidator(_language)]], _Values]
StatusFilter = Annotated[list[Annotated[str, AfterValidator(_status)]], _Values]


class Asked(BaseModel):
    """What any question has in common: a parameter that is not known is an error, never ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def known(cls, data: Any) -> Any:
        """Name the allowed parameters where one is not known."""
        for name in data if isinstance(data, dict) else ():
            if name not in cls.model_fields:
                near = nearest(str(name), list(cls.model_fields), 1)
                raise refusal((str(name)[:60],), "unknown", _allowed(list(cls.model_fields), near))
        return data


def _allowed(parameters: list[str], near: Sequence[str]) -> str:
    if not parameters:
        return N_("be left out")
    named = ", ".join(parameters)
    if near:
        return sentence(
            "be one of the parameters {parameters}; perhaps {near} was meant", parameters=named, near=near[0]
        )
    return sentence("be one of the parameters {parameters}", parameters=named)


class Filters(Asked):
    """What is asked for. An empty list asks for everything."""

    kind: KindFilter = Field([], description="Kind of record; repeat it for several.")
    org: OrgFilter = Field([], description="Organization that published it.")
    place: PlaceFilter = Field(
        [], description="Country (alpha-3) or region (M49); a region also finds what concerns its countries."
    )
    theme: ThemeFilter = Field([], description="Theme: a code, or scheme:code.")
    q: Annotated[str, AfterValidator(_words)] | None = Field(
        None, max_length=MAX_QUERY, description="Words, in any language; all of them must be found."
    )
    status: StatusFilter = Field(
        [],
        description="Status of the record (current, withdrawn, …), or of its matter (submitted, met, open, …).",
    )
    role: RoleFilter = Field([], description="Role of a contact.")
    language: LanguageFilter = Field(
        [], description="Language in which a contact, an offer or a resource is to be had."
    )
    available_24x7: bool = Field(default=False, description="Only contacts that answer day and night.")
    since: Annotated[str, AfterValidator(since_moment)] | None = Field(
        None, max_length=40, description="Published on or after this day or time (the author's clock)."
    )


def several_in(model: type[BaseModel]) -> set[str]:
    """Give the parameters of a question that take several values."""
    return {name for name, field in model.model_fields.items() if _is_list(field.annotation)}


def _is_list(annotation: object) -> bool:
    return get_origin(annotation) is list or any(_is_list(each) for each in get_args(annotation))


def themes_of(values: Sequence[str]) -> list[Theme]:
    """Take themes apart into scheme and code."""
    parts = [value.rpartition(":") for value in values]
    return [Theme(scheme or None, code) for scheme, _, code in parts]


def places_of(values: Sequence[str]) -> frozenset[str]:
    """Give the places, and for regions also the countries and regions within them."""
    return frozenset().union(*(places_within(place) for place in values))


class Page(Filters):
    """Filters of a list, with the page that is asked for."""

    after: Annotated[int, Field(ge=-1, le=2**53), DIGITS] | None = Field(
        None, description="Cursor: index of the last item."
    )
    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT), DIGITS] = Field(DEFAULT_LIMIT, description="Items on a page.")


class Live(Filters):
    """Filters of the live events."""

    after: Annotated[int, Field(ge=-1, le=2**53), DIGITS] | None = Field(
        None, description="Log index after which to begin; -1 for the whole log; without it, what comes from now on."
    )
    snapshot: bool = Field(False, description="First all records as they stand, then what comes from now on.")
    log: str | None = Field(
        None, max_length=300, description="The log that `after` is from, as the header Liaison-Log said it."
    )

    @model_validator(mode="after")
    def one_beginning(self) -> "Live":
        """Refuse two places to begin at."""
        if self.snapshot and self.after is not None:
            raise refusal(("after",), f'"{self.after}"', N_("be left out where snapshot is asked for"))
        return self


@cache
def places_within(place: str) -> frozenset[str]:
    """Give a place and all that lies within it: countries and regions of a region."""
    if place not in regions():
        return frozenset({place})
    inner = {code for code, each in regions().items() if place in around(each.parent)}
    return frozenset({place, *inner}) | {code for code, each in countries().items() if place in each.regions}


def around(region: str | None) -> list[str]:
    """Give a region and those in which it lies, from the narrowest to the world."""
    found = []
    while region is not None:
        found.append(region)
        region = regions()[region].parent
    return found


class PageOnly(Asked):
    """A question that knows no filters but the page."""

    after: Annotated[int, Field(ge=-1, le=2**53), DIGITS] | None = Field(
        None, description="Cursor: number of the last item."
    )
    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT), DIGITS] = Field(DEFAULT_LIMIT, description="Items on a page.")


class Held(PageOnly):
    """A question about refused messages."""

    org: OrgFilter = Field([], description="Organization whose account on the bus sent it.")
    reason: ReasonFilter = Field([], description="Why it was refused.")
