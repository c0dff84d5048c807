"""What requests of people may have in their bodies, as models: read by them, and described by them."""

from typing import Annotated, Any, Final, Self

from pydantic import BaseModel, Field, model_validator

from node.api.answers import Sent
from schemas.release import CLEAR

Text = Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f]*$")]
Lines = Annotated[str, Field(max_length=1000, pattern=r"^[^\x00]*$")]
Kind = Annotated[str, Field(max_length=20)]
Id = Annotated[str, Field(pattern="^[a-z0-9][a-z0-9-]{0,63}$")]
Roles = Annotated[
    list[Annotated[str, Field(pattern="^(officer|reviewer|administrator)$")]], Field(min_length=1, max_length=3)
]
Texts = Annotated[list[Text], Field(max_length=99)]
Address = Annotated[str, Field(pattern="^[a-z_]{1,20}/[a-z0-9-]{1,64}$")]


class DraftEntry(Sent):
    """A record as it is written so far; it need not be valid yet."""

    marking: Annotated[str, Field(max_length=20)] = CLEAR
    recipients: Texts = Field(default_factory=list)
    derived_from: Texts = Field(default_factory=list)
    record: dict[str, Any] = Field(default_factory=dict)

    def written(self) -> dict[str, Any]:
        """Give it as drafts are kept."""
        lists = {name: value for name in ("recipients", "derived_from") if (value := getattr(self, name))}
        return {"marking": self.marking, "record": self.record, **lists}


class NewDraft(Sent):
    """A draft of a new record, or of one that is to be revised; without `entry` it begins with what stands."""

    kind: Kind
    id: Id | None = None
    entry: DraftEntry | None = None


class Returned(Sent):
    """What is to be changed before it is published."""

    note: Lines = ""


class NewPerson(Sent):
    """Somebody who is to log in; the answer has the one-time code with which the person sets the password."""

    name: Annotated[str, Field(max_length=100, description="What is typed at log-in.")]
    person: Text = ""
    roles: Roles


class GivenRoles(Sent):
    """All roles that the person has from now on."""

    roles: Roles


class NewToken(Sent):
    """A token of a program; people make their own, logged in."""

    name: Annotated[str, Field(min_length=1, max_length=200)]


class FileMapping(Sent):
    """How a file is read: a mapping that is remembered, by its name; or a mapping, with the keys of docs/import.md."""

    name: Text | None = None
    mapping: dict[str, Any] | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.name is None) == (self.mapping is None):
            raise ValueError("give either name or mapping")
        return self


class NewMapping(Sent):
    """A mapping that is to be remembered under the name of its source, with the keys of docs/import.md."""

    mapping: dict[str, Any]


class BulkWork(Sent):
    """One act on many records: those at `addresses` (kind/id), or all that `query` finds, as in GET /api/v1/search."""

    act: Annotated[str, Field(pattern="^(confirm|withdraw|marking|review_due|add_theme|remove_theme)$")]
    value: Lines = ""
    recipients: Texts = Field(default_factory=list)
    addresses: Annotated[list[Address], Field(max_length=500)] = Field(default_factory=list)
    query: Annotated[str, Field(max_length=4000)] | None = None
    digest: Text | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if self.query is not None and self.addresses:
            raise ValueError("give either addresses or query")
        return self


class Approved(Sent):
    """What was looked at: the digest that it was shown with."""

    digest: Text


class Reason(Sent):
    """Why, in one line; it is kept with what was done."""

    reason: Text = ""


class SettleReason(Sent):
    """Why an alarm is settled, in one line."""

    reason: Annotated[str, Field(min_length=1, max_length=500)]


class Answer(Sent):
    """An answer to a need: `index` of the letter that brought it, or `org` and `id` of a need at the hub."""

    kind: Annotated[str, Field(pattern="^(offer|activity)$")]
    index: Annotated[int, Field(ge=0, le=2**53)] | None = None
    org: Text | None = None
    id: Id | None = None


BODIES: Final[tuple[type[BaseModel], ...]] = (
    DraftEntry, NewDraft, Returned, NewPerson, GivenRoles, NewToken, FileMapping, NewMapping, BulkWork, Approved,
    Reason, SettleReason, Answer,
)  # fmt: skip
