"""The words all steps of an import share: a row that was read, a row that is bad, a row that was left out."""

from dataclasses import dataclass
from typing import Any

Values = dict[str, Any]
"""Column name → what stands there: text for csv, any JSON value for json."""

SHORT = 80


class ImportFileError(ValueError):
    """The file or the mapping as a whole cannot be used; its text is for the person who gave it."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """What stands in a cell that shows `found` and holds no value: it makes bad whatever needs the cell."""

    found: str
    reason: str

    def __str__(self) -> str:
        return self.found


@dataclass(frozen=True, slots=True)
class Row:
    """One row as it was read; `number` is the one its user sees (the header of a csv is row 1)."""

    number: int
    values: Values


@dataclass(frozen=True, slots=True)
class BadRow:
    """One reason why a row (or one column of it) cannot become part of a record."""

    row: int
    column: str
    found: str
    reason: str
    key: str | None = None
    id: str | None = None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A row that the mapping does not want, or that repeats another one word for word."""

    row: int
    reason: str


def shorten(value: Any) -> str:
    """Return a value as a person would want to see it in a report: one line, at most 80 characters."""
    text = "" if value is None else " ".join(str(value).split())
    return text if len(text) <= SHORT else text[: SHORT - 1] + "…"
