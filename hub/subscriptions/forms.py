"""What a subscription is when it is asked for, and what of it may be changed: shapes, limits, and their errors."""

from collections.abc import Collection
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from hub.filters import Filters
from hub.subscriptions.addresses import BadAddress, checked_mail, checked_url
from hub.subscriptions.backoff import Rhythm
from schemas.problems import Problem, problem
from schemas.refusal import refusal
from schemas.sentences import gettext_noop as N_

MAX_NAME: Final = 200
MAX_RECIPIENTS: Final = 20
MAX_LOG_INDEX: Final = 2**53

Channel = Literal["webhook", "mail"]
Language = Literal["en", "fr", "ar", "es", "ru", "zh"]
LogIndex = Annotated[int, Field(ge=-1, le=MAX_LOG_INDEX)]


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class NewSubscription(_Form):
    """What is asked for; a webhook has `url`, a mail has `recipients`."""

    name: Annotated[str, Field(max_length=MAX_NAME)] = ""
    filters: Filters = Filters.model_construct(**{n: f.get_default() for n, f in Filters.model_fields.items()})
    channel: Channel
    url: str | None = None
    recipients: Annotated[list[str], Field(max_length=MAX_RECIPIENTS)] = []
    language: Language = "en"
    rhythm: Rhythm = "at-once"
    hour: Annotated[int, Field(ge=0, le=23)] = 6
    notify: str | None = Field(None, description="Of a webhook: mail address that is told when it is paused or ended.")
    after: LogIndex | None = Field(None, description="Log index after which a webhook begins; -1 for the whole log.")

    @field_validator("recipients")
    @classmethod
    def addresses(cls, value: list[str]) -> list[str]:
        """Check each address, and keep each once."""
        found: dict[str, None] = {}
        for place, text in enumerate(value):
            try:
                found[checked_mail(text)] = None
            except BadAddress as error:
                raise refusal((place,), N_("no mail address"), str(error)) from None
        return list(found)

    @field_validator("notify")
    @classmethod
    def whom_to_tell(cls, value: str | None) -> str | None:
        """Check the address; an empty one is none."""
        return _address(value) or None

    @model_validator(mode="after")
    def has_what_its_channel_needs(self) -> Self:
        """Refuse a webhook without address, a mail without recipients, and either with the other's."""
        if self.channel == "webhook":
            if self.url is None:
                raise refusal(("url",), "missing", N_("be the https address that is posted to"))
            if self.recipients:
                raise refusal(("recipients",), "given", N_("be left out for a webhook"))
            if self.rhythm != "at-once":
                raise refusal(("rhythm",), f'"{self.rhythm}"', N_("be at-once for a webhook"))
            return self
        if not self.recipients:
            raise refusal(("recipients",), "missing", N_("name at least one mail address"))
        for name, value in (("url", self.url), ("after", self.after), ("notify", self.notify)):
            if value is not None:
                raise refusal((name,), "given", N_("be left out for mail"))
        return self


class Change(_Form):
    """What may be changed. `after` puts a webhook back, or on, to another place; `notify` is empty for nobody."""

    name: Annotated[str, Field(max_length=MAX_NAME)] | None = None
    filters: Filters | None = None
    state: Literal["active", "paused"] | None = None
    url: str | None = None
    language: Language | None = None
    rhythm: Rhythm | None = None
    hour: Annotated[int, Field(ge=0, le=23)] | None = None
    notify: str | None = None
    after: LogIndex | None = None

    @field_validator("notify")
    @classmethod
    def whom_to_tell(cls, value: str | None) -> str | None:
        """Check the address; an empty one takes it away."""
        return _address(value)


class Resend(_Form):
    """One event again (`index`), or all since (`after`), with the same webhook-id as the first time."""

    index: Annotated[int, Field(ge=0, le=MAX_LOG_INDEX)] | None = None
    after: LogIndex | None = None

    @model_validator(mode="after")
    def exactly_one(self) -> Self:
        """Refuse both and neither."""
        if (self.index is None) == (self.after is None):
            raise refusal((), N_("both or neither of index and after"), N_("name one of them"))
        return self


def _address(text: str | None) -> str | None:
    if not text:
        return text
    try:
        return checked_mail(text)
    except BadAddress as error:
        raise refusal((), N_("no mail address"), str(error)) from None


def problem_of_url(url: str | None, private_hosts: Collection[str]) -> Problem | None:
    """Say what is wrong with a webhook's address; None if it can be used."""
    try:
        if url is not None:
            checked_url(url, private_hosts)
    except BadAddress as error:
        return problem(("url",), N_("no address that can be used"), str(error))
    return None
