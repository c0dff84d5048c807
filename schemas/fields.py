"""The field types that records share: texts by language, codes, places, organizations, money, dates and references."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Final

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    GetCoreSchemaHandler,
    StringConstraints,
    Tag,
    ValidatorFunctionWrapHandler,
)
from pydantic_core import CoreSchema, PydanticKnownError, core_schema

from schemas.codelists import SCHEMES, codes
from schemas.forms import form

MAX_INTEGER: Final = 2**53 - 1  # beyond it, JSON readers that hold numbers as doubles disagree

ORG: Final = r"[a-z0-9]+(?:-[a-z0-9]+)*"
RECORD_ID: Final = r"[a-z0-9][a-z0-9-]{0,63}"
KIND_NAMES: Final = (
    "organization",
    "contact",
    "link",
    "assessment",
    "finding",
    "need",
    "offer",
    "activity",
    "resource",
    "priority",
    "plan",
    "accession",
)


class Part(BaseModel):
    """A group of fields inside a record: strict types, no unknown fields, never changed once made."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    def get(self, name: str) -> Any:
        """The field of that name: rules over several fields read by it what may be a model or a plain dictionary."""
        return getattr(self, name)


@dataclass(frozen=True, slots=True)
class CodeOf:
    """Marks a string as a code of one list: checked in Rust as a literal, or as a pattern where the list is open."""

    scheme: str

    def __get_pydantic_core_schema__(self, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        """The validator that pydantic builds for the annotated string."""
        return code_schema(self.scheme)


def code_schema(scheme: str) -> CoreSchema:
    """The pydantic-core schema of one code of a list."""
    pattern = COUNTRY_PATTERN if scheme == "country" else SCHEMES[scheme].pattern
    if pattern is not None:
        return core_schema.str_schema(pattern=pattern, strict=True)
    return core_schema.literal_schema(sorted(codes(scheme)))


# The user-assigned codes XAA to XZZ are valid: exercises play in States that do not exist.
COUNTRY_PATTERN: Final = f"^(?:{'|'.join(sorted(codes('country')))}|X[A-Z]{{2}})$"

_INK = form(r"\S", "have more in it than blanks")
Text = Annotated[str, StringConstraints(min_length=1, max_length=32_000, pattern=_INK)]
Short = Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=_INK)]
_LANGUAGE = form(r"^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$", "be a language tag of BCP 47, as en, ar or zh-Hans")
LanguageTag = Annotated[str, StringConstraints(pattern=_LANGUAGE, max_length=35)]
LangText = Annotated[dict[LanguageTag, Text], Field(min_length=1, max_length=60)]

_DECIMAL = form(
    r"^-?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,9})?$", 'be a decimal number written as text, as "2.5", without separators'
)
Amount = Annotated[str, StringConstraints(pattern=_DECIMAL)]
_FRACTION = form(r"^(?:0(?:\.[0-9]{1,6})?|1(?:\.0{1,6})?)$", 'be a number from 0 to 1 written as text, as "0.25"')
Fraction = Annotated[str, StringConstraints(pattern=_FRACTION)]
_PERCENT = form(
    r"^(?:(?:0|[1-9][0-9]?)(?:\.[0-9]{1,6})?|100(?:\.0{1,6})?)$",
    'be a number from 0 to 100 written as text, as "33.33"',
)
Percentage = Annotated[str, StringConstraints(pattern=_PERCENT)]
Count = Annotated[int, Field(ge=0, le=MAX_INTEGER)]

_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")


def as_written(value: Any, read: ValidatorFunctionWrapHandler) -> Any:
    """Let a day be read as it is written: pydantic also takes numbers, in quotes too, as seconds since 1970."""
    if not isinstance(value, str) and type(value) is not date:
        raise PydanticKnownError("date_type")
    if isinstance(value, str) and not _DAY.fullmatch(value):
        raise PydanticKnownError("date_parsing", {"error": "not as 2026-11-23"})
    return read(value)


class _Written:
    """Marks a date as one that stands as text in the record, in one form only."""

    def __get_pydantic_core_schema__(self, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        """The validator that pydantic builds for the annotated date."""
        return core_schema.no_info_wrap_validator_function(as_written, core_schema.date_schema(strict=False))


Day = Annotated[date, _Written()]
# Days that the calendar has, years from 1 on: as a pattern, so that JSON Schema says so, too.
_YEAR = "(?:000[1-9]|00[1-9][0-9]|0[1-9][0-9]{2}|[1-9][0-9]{3})"
_LEAP_YEAR = "(?:(?:0[48]|[13579][26]|[2468][048])00|[0-9]{2}(?:0[48]|[13579][26]|[2468][048]))"
_LONG, _SHORT = "(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])", "(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
EVERY_YEAR: Final = f"(?:{_LONG}|{_SHORT}|02-(?:0[1-9]|1[0-9]|2[0-8]))"
"""Month and day, as every year has them."""
_CALENDAR = f"(?:{_YEAR}-{EVERY_YEAR}|{_LEAP_YEAR}-02-29)"
_MOMENT = form(
    rf"^{_CALENDAR}"
    r"(?:T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,6})?Z)?$",
    "be a date that exists, as 2026-11-23, or a time in UTC, as 2026-11-23T18:00:00Z",
)
Moment = Annotated[str, StringConstraints(pattern=_MOMENT)]
_CURRENCY = form(r"^[A-Z]{3}$", "be a currency code of ISO 4217, as USD")
Currency = Annotated[str, StringConstraints(pattern=_CURRENCY)]

# Only web addresses: a page makes a link of it, so no `javascript:` and no blanks or quotes.
_URL = form(r'^https?://[^\s<>"{}|\\^`]+$', "be a web address that begins with https:// or http:// and has no blanks")
Url = Annotated[str, StringConstraints(pattern=_URL, max_length=2_000)]
_MAILBOX = r'[^@\s<>"(),:;\[\]\\]'
_EMAIL = form(rf"^{_MAILBOX}{{1,64}}@{_MAILBOX}+\.{_MAILBOX}{{2,63}}$", "be one e-mail address, as office@example.org")
Email = Annotated[str, StringConstraints(pattern=_EMAIL, max_length=254)]
_PHONE = form(r"^\+[1-9][0-9]{4,14}$", "be a number of E.164: + and country code, then digits only, as +254201234567")
Phone = Annotated[str, StringConstraints(pattern=_PHONE)]
_ZONE = form(r"^[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+){0,2}$", "be an IANA time zone, as Africa/Nairobi")
TimeZone = Annotated[str, StringConstraints(pattern=_ZONE, max_length=60)]

_SCHEME_NAME = form(
    r"^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$", "be the name of a list: letters, digits, dot, hyphen, underscore"
)
SchemeName = Annotated[str, StringConstraints(pattern=_SCHEME_NAME)]
_ORG_ID = form(f"^{ORG}$", "be the id of an organization: small letters and digits, words joined by single hyphens")
OrgId = Annotated[str, StringConstraints(pattern=_ORG_ID, min_length=3, max_length=40)]
Country = Annotated[str, CodeOf("country")]
Region = Annotated[str, CodeOf("region")]
_SUBDIVISION = form(r"^[A-Z]{2}-[A-Z0-9]{1,3}$", "be a subdivision of ISO 3166-2, as KE-30")
Subdivision = Annotated[str, StringConstraints(pattern=_SUBDIVISION)]


_KINDS = "|".join(KIND_NAMES)
_ADDRESS = form(f"^(?:{_KINDS})/{ORG}/{RECORD_ID}$", "be the address of a record, as need/ke-nctc/0193a1c2")
RecordAddress = Annotated[str, StringConstraints(pattern=_ADDRESS, max_length=160)]


def _ref(kind: str, kinds: str) -> StringConstraints:
    example = f"{kinds.split('|', 1)[0]}/ke-nctc/0193a1c2"
    words = f"be the id of {kind} of your own, or the address of another's, as {example}"
    return StringConstraints(pattern=form(f"^(?:(?:{kinds})/{ORG}/)?{RECORD_ID}$", words), max_length=160)


AnyRef = Annotated[str, _ref("a record", _KINDS)]
ContactRef = Annotated[str, _ref("a contact", "contact")]
NeedRef = Annotated[str, _ref("a need", "need")]
ResourceRef = Annotated[str, _ref("a resource", "resource")]
ActivityRef = Annotated[str, _ref("an activity", "activity")]
AssessmentRef = Annotated[str, _ref("an assessment", "assessment")]


class OutsideOrg(Part):
    """An organization outside the network, by its identifier in a public list."""

    scheme: SchemeName = Field(description="The list that issued the identifier, by its org-id.guide or short name.")
    id: Short = Field(description="The identifier in that list.")


def _org_form(value: Any) -> str:
    return "~own" if isinstance(value, str) else "~outside"


# Tags that begin with "~" never reach a reader: problems.py leaves them out of pointers.
OrgRef = Annotated[
    Annotated[OrgId, Tag("~own")] | Annotated[OutsideOrg, Tag("~outside")],
    Discriminator(_org_form),
]


class CountryPlace(Part):
    """A country or territory, or a part of it."""

    country: Country = Field(description="Country or territory, ISO 3166-1 alpha-3; XAA to XZZ for exercises.")
    subdivision: Subdivision | None = Field(None, description="Part of the country, ISO 3166-2.")
    percentage: Percentage | None = Field(None, description="Share of the whole that falls to this place, in per cent.")


class RegionPlace(Part):
    """A region of the world."""

    region: Region = Field(description="Region, UN M49, three digits; 001 is the world.")
    percentage: Percentage | None = Field(None, description="Share of the whole that falls to this place, in per cent.")


def _place_form(value: Any) -> str:
    return "~region" if isinstance(value, dict) and "region" in value else "~country"


Place = Annotated[
    Annotated[CountryPlace, Tag("~country")] | Annotated[RegionPlace, Tag("~region")], Discriminator(_place_form)
]


class Identifier(Part):
    """An identifier in a list of identifiers."""

    scheme: SchemeName = Field(description="The list that issued the identifier (org-id.guide, LEI, ROR, GLIDE …).")
    id: Short = Field(description="The identifier in that list.")


class Money(Part):
    """An amount of money with its currency and the date at which it is valued."""

    amount: Amount = Field(description="Amount, a decimal number written as text.")
    currency: Currency = Field(description="Currency, ISO 4217.")
    value_date: Day | None = Field(None, description="Date at which the amount is valued (IATI value-date).")


class Document(Part):
    """A document on the web (IATI document-link)."""

    url: Url = Field(description="Where the document is.")
    title: LangText | None = Field(None, description="Title of the document, by language.")
    format: Short | None = Field(None, description="Media type, such as application/pdf (IATI format).")
    category: Short | None = Field(None, description="IATI document category, such as A09 for an agreement.")
    language: LanguageTag | None = Field(None, description="Language of the document, BCP 47.")


class Source(Part):
    """A source of information."""

    url: Url | None = Field(None, description="Address of the source.")
    name: Short | None = Field(None, description="Name of the source.")
    retrieved_at: Moment | None = Field(None, description="When it was taken: a date, or a time in UTC ending in Z.")


class Period(Part):
    """A span of days; without an end it is open."""

    start: Day = Field(description="First day.")
    end: Day | None = Field(None, description="Last day.")
