"""What an export is asked for: the list's filters, narrowed to one kind or turned to the newest, and in words."""

import re
from typing import Annotated, Final

from pydantic import Field, field_validator

from hub.filters import Filters
from schemas.refusal import refusal
from schemas.sentences import sentence
from schemas.whole import DIGITS

MAX_NAME: Final = 120
CONTACT: Final = "contact"
ACTIVITY: Final = "activity"


class Newest(Filters):
    """Filters of a feed, which begins with what was said last."""

    before: Annotated[int, Field(ge=0, le=2**53), DIGITS] | None = Field(
        None, description="Cursor of a feed: index of the last entry of the page before; what is older follows."
    )


class Contacts(Filters):
    """Filters of cards: there are only contacts."""

    @field_validator("kind")
    @classmethod
    def contacts(cls, kind: list[str]) -> list[str]:
        """Give the one kind that can be a card."""
        return _only(kind, CONTACT, "vCard")


class Activities(Filters):
    """Filters of activities in IATI's form: there is nothing else."""

    @field_validator("kind")
    @classmethod
    def activities(cls, kind: list[str]) -> list[str]:
        """Give the one kind that IATI's standard is about."""
        return _only(kind, ACTIVITY, "IATI")


def _only(kind: list[str], allowed: str, form: str) -> list[str]:
    for value in kind:
        if value != allowed:
            raise refusal(
                (),
                f'"{value[:60]}"',
                sentence("be left out or be {allowed}: {form} holds nothing else", allowed=allowed, form=form),
            )
    return [allowed]


def one_kind(asked: Filters) -> str | None:
    """Give the kind that is asked for; None for several or all."""
    return asked.kind[0] if len(set(asked.kind)) == 1 else None


def in_words(asked: Filters) -> list[tuple[str, str]]:
    """Give each filter that was set, with its values, as the address has them."""
    found = []
    for name in Filters.model_fields:
        value = getattr(asked, name)
        if value:
            found.append((name, value if isinstance(value, str) else ", ".join(value)))
    return found


def in_a_line(asked: Filters) -> str:
    """Give the filters on one line."""
    return "; ".join(f"{name}: {value}" for name, value in in_words(asked)) or "all records"


def file_name(network: str, asked: Filters, as_of: str, suffix: str) -> str:
    """Name a file by network, filters and day, such as exercise.example-need-KEN-2026-11-26.csv; ASCII only."""
    values = [*asked.kind, *asked.org, *asked.place, *asked.theme, *asked.status]
    if asked.q:
        values.append("search")
    if not asked.kind:
        values.insert(0, "records")
    stem = re.sub(r"[^A-Za-z0-9.]+", "-", "-".join([network, *values]))[:MAX_NAME].strip("-.")
    return f"{stem}-{as_of[:10]}{suffix}"
