"""The statement: the signed, permanent attributes of an event, strict in every member."""

import re
from datetime import datetime
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, StringConstraints, TypeAdapter, ValidationError, model_validator

from schemas.fields import KIND_NAMES, ORG, RECORD_ID
from schemas.refusal import refusal
from schemas.sentences import gettext_noop as N_
from schemas.sentences import sentence

__all__ = [
    "CONTROL",
    "CONTROL_TYPES",
    "NETWORK_PATTERN",
    "ORG_PATTERN",
    "RECORD_ACTIONS",
    "RECORD_ID_PATTERN",
    "RECORD_TYPES",
    "RESERVED_ORGS",
    "Statement",
    "ValidationError",
    "is_org",
    "is_record_id",
    "known_type",
    "parse_statement",
]

ORG_PATTERN: Final = f"^{ORG}$"  # and 3 to 40 characters
RECORD_ID_PATTERN: Final = f"^{RECORD_ID}$"
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = rf"{_LABEL}(?:\.{_LABEL})*"
NETWORK_PATTERN: Final = f"^{_HOST}$"
RESERVED_ORGS: Final = frozenset({"registry", "hub"})
RECORD_ACTIONS: Final = ("published", "revised", "confirmed", "withdrawn")
CONTROL: Final = "control"  # the kind of every event that is about no record

RECORD_TYPES: Final = frozenset(f"liaison.{kind}.{action}" for kind in KIND_NAMES for action in RECORD_ACTIONS)
CONTROL_TYPES: Final = frozenset(
    f"liaison.{name}"
    for name in (
        "organization.admitted",
        "organization.suspended",
        "organization.reinstated",
        "organization.retired",
        "key.rotated",
        "key.replaced",
        "key.revoked",
        "witnesses.changed",
        "roots.changed",
        "erasure.ordered",
        "erasure.done",
        "view.stated",
        "body.excluded",
        "fork.found",
        "log.replaced",
    )
)
_KNOWN: Final = RECORD_TYPES | CONTROL_TYPES

# 43 characters hold 258 bits, so the last one may only carry the four that belong to the hash.
_HASH = r"[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]"
_WORD = r"[a-z][a-z0-9-]{0,39}"


def _text(pattern: str) -> StringConstraints:
    return StringConstraints(pattern=f"^{pattern}$", max_length=512)


class Statement(BaseModel):
    """A CloudEvent 1.0 without data; members are exactly these, and only `seen` may be absent."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    datacontenttype: Literal["application/json", "application/jose+json"]
    datahash: Annotated[str, _text(_HASH)]
    dataschema: Annotated[str, _text(rf"https://{_HOST}/schemas/{_WORD}/[1-9][0-9]{{0,5}}")]
    id: Annotated[str, _text(rf"{ORG}:[0-9]{{12}}")]
    # TLP:RED is well-formed, so that whoever sends it gets the verdict that names the mistake.
    marking: Literal["TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED"]
    previous: Annotated[str, _text(_HASH)]
    seen: Annotated[str, _text(rf"(?:0|[1-9][0-9]{{0,14}}):{_HASH}")] | None = None
    sequence: Annotated[str, _text(r"[0-9]{12}")]
    source: Annotated[str, _text(rf"https://{_HOST}/orgs/{ORG}")]
    specversion: Literal["1.0"]
    subject: Annotated[str, _text(rf"{_WORD}/{ORG}/{RECORD_ID}")]
    time: Annotated[str, _text(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z")]
    type: Annotated[str, _text(rf"liaison\.{_WORD}\.{_WORD}")]

    @property
    def organization(self) -> str:
        """The organization that speaks, from `source`."""
        return self.source[self.source.rindex("/") + 1 :]

    @property
    def network(self) -> str:
        """The network it speaks in, from `source`: a host name."""
        return self.source[8 : self.source.index("/", 8)]

    @property
    def sequence_number(self) -> int:
        """The place in the organization's chain, from 1."""
        return int(self.sequence)

    @property
    def kind(self) -> str:
        """The kind of record, or `control` for an event about none."""
        return self.subject[: self.subject.index("/")]

    @property
    def action(self) -> str:
        """What was done: `revised`, or for an event about no record `key.rotated`."""
        _, word, action = self.type.split(".")
        return f"{word}.{action}" if self.kind == CONTROL else action

    @property
    def subject_organization(self) -> str:
        """The organization that `subject` names: that of `source`, unless somebody speaks in another's name."""
        return self.subject.split("/")[1]

    @property
    def record_id(self) -> str:
        """The id of the record, the last part of `subject`."""
        return self.subject[self.subject.rindex("/") + 1 :]

    @property
    def seen_size(self) -> int | None:
        """The size of the checkpoint in `seen`; None where there is none."""
        return int(self.seen[: self.seen.index(":")]) if self.seen else None

    @model_validator(mode="after")
    def members_agree(self) -> Self:
        """What is said twice is said alike.

        The organization in `subject` and the version in `dataschema` are left to the verdict, which names them.
        """
        source, kind = self.source, self.subject[: self.subject.index("/")]
        network, _, organization = source[8:].partition("/orgs/")
        if not 3 <= len(organization) <= 40:
            raise refusal(("source",), f'"{organization}"', N_("name an organization by 3 to 40 characters"))
        if self.id != f"{organization}:{self.sequence}":
            raise refusal(
                ("id",),
                f'"{self.id}"',
                sentence(
                    "be {organization}:{sequence}, as source and sequence say",
                    organization=organization,
                    sequence=self.sequence,
                ),
            )
        if self.sequence == "000000000000":
            raise refusal(("sequence",), f'"{self.sequence}"', N_("be at least 000000000001"))
        if not self.dataschema.startswith(f"https://{network}/schemas/{kind}/"):
            raise refusal(
                ("dataschema",),
                f'"{self.dataschema}"',
                sentence("begin with https://{network}/schemas/{kind}/", network=network, kind=kind),
            )
        if kind != _kind_of_type(self.type, kind):
            raise refusal(
                ("subject",), f'"{self.subject}"', sentence("begin with {kind}/", kind=_kind_of_type(self.type, kind))
            )
        if self.seen is None and "seen" in self.model_fields_set:
            raise refusal(("seen",), "null", N_("be a size and a root hash, or be left out"))
        _check_calendar(self.time)
        return self


def _kind_of_type(name: str, kind: str) -> str:
    """The kind that a type belongs to; an unknown type may be about a record or not, so any of the two fits."""
    if name in CONTROL_TYPES:
        return CONTROL
    word = name[8 : name.rindex(".")]
    return kind if name not in RECORD_TYPES and kind == CONTROL else word


def _check_calendar(time: str) -> None:
    try:
        datetime.fromisoformat(time)
    except ValueError:
        raise refusal(("time",), f'"{time}"', N_("be a time that exists, as 2026-11-23T18:00:00.000Z")) from None


_STATEMENT: Final = TypeAdapter(Statement)


def parse_statement(data: bytes) -> Statement:
    """The statement in these bytes; raises `ValidationError`. Whether the type is known is for the caller to ask."""
    return _STATEMENT.validate_json(data)


def known_type(name: str) -> bool:
    """Whether this type of event is one of ours; a well-formed other one is refused as `unknown-kind`."""
    return name in _KNOWN


def is_org(text: str) -> bool:
    """Whether this can be the id of an organization: 3 to 40 characters, words joined by hyphens."""
    return 3 <= len(text) <= 40 and re.fullmatch(ORG, text) is not None


def is_record_id(text: str) -> bool:
    """Whether this can be the id of a record."""
    return re.fullmatch(RECORD_ID, text) is not None
