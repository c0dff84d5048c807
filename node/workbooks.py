"""Writes records and empty templates as workbooks: drop-downs in the reader's language, help at the head of columns.

A hidden sheet tells which column is which field, so that the file is known again when it comes back.
"""

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, BinaryIO, Final, NamedTuple

from node.entry_form import Control
from node.exporting import MAX_SHEET_CELL, safe_cell
from node.importing.sheets import (
    FIRST,
    cells_of,
    choices_of,
    control_at,
    in_order,
    labelled,
    template_keys,
)
from node.text_workbook import begin_workbook, column_range
from schemas.release import MARKINGS

KEY_SHEET: Final = "liaison"
FORM: Final = "liaison-records/1"
EMPTY_ROWS: Final = 1000  # below the last record, drop-downs go on for so many
MAX_RECORDS: Final = 20_000


class Words(NamedTuple):
    """The words of a language: of fields, of code lists, of languages, and of what is said beside them."""

    field: Callable[[str], str]
    label: Callable[[str, str], str]
    language: Callable[[str], str]
    say: Callable[[str], str]
    languages: Sequence[str]
    is_rtl: bool


def write_workbook(kind: str, entries: Iterable[Mapping[str, Any]], words: Words, title: str, out: BinaryIO) -> int:
    """Write records of one kind, or a template if there are none; gives how many they were.

    ValueError if there are more than a sheet should hold, or a text is longer than a cell may be.
    """
    rows = [cells_of(kind, entry) for entry in entries]
    if len(rows) > MAX_RECORDS:
        raise ValueError(f"A workbook takes {MAX_RECORDS} records, there are {len(rows)}; filter, or take csv.")
    keys = in_order(kind, {*template_keys(kind, words.languages), *(key for row in rows for key in row)})
    with begin_workbook(out) as book:
        _Sheet(book, kind, keys, words, title).write(rows)
    return len(rows)


class _Sheet:
    """One workbook under way."""

    def __init__(self, book: Any, kind: str, keys: list[str], words: Words, title: str) -> None:
        self._book, self._kind, self._keys, self._words = book, kind, keys, words
        self._sheet = book.add_worksheet("".join(c for c in title if c not in "[]:*?/\\'")[:31] or kind)
        self._lists = book.add_worksheet("lists")
        self._marks = book.add_worksheet(KEY_SHEET)
        self._ranges: dict[tuple[str, ...], str] = {}

    def write(self, rows: list[dict[str, str]]) -> None:
        """Write all of it."""
        head = self._book.add_format({"bold": True, "text_wrap": True, "bg_color": "#E3EAF2", "valign": "top"})
        text = self._book.add_format({"num_format": "@"})
        if self._words.is_rtl:
            self._sheet.right_to_left()
        self._sheet.freeze_panes(1, 0)
        titles = _titles(self._kind, self._keys, self._words)
        for place, (key, title) in enumerate(zip(self._keys, titles, strict=True)):
            hidden = key in {"kind", "id"}
            self._sheet.set_column(place, place, 24, text, {"hidden": hidden})
            self._sheet.write_string(0, place, title, head)
            control = control_at(self._kind, key)
            if control is not None and control.help:
                self._sheet.write_comment(0, place, self._help(control), {"x_scale": 2})
            self._drop_down(place, key, control, len(rows))
        for number, row in enumerate(rows, start=1):
            for place, key in enumerate(self._keys):
                if key in row:
                    self._write(number, place, key, row[key], text)
        self._write_marks(titles)

    def _help(self, control: Control) -> str:
        required = self._words.say("This field must be filled.") + "\n" if control.required else ""
        return required + self._words.say(control.help)

    def _write(self, number: int, place: int, key: str, value: str, form: Any) -> None:
        control = control_at(self._kind, key)
        shown = labelled(control, value, self._words.label) if control and choices_of(control) else value
        if len(shown) > MAX_SHEET_CELL:
            raise ValueError(f"A cell of a sheet holds {MAX_SHEET_CELL} characters, one has more; take csv.")
        self._sheet.write_string(number, place, shown, form)

    def _drop_down(self, place: int, key: str, control: Control | None, rows: int) -> None:
        if key == "marking":
            choices = tuple(MARKINGS)
        elif control is not None:
            choices = tuple(labelled(control, code, self._words.label) for code in choices_of(control))
        else:
            choices = ()
        if not choices:
            return
        rule = {
            "validate": "list", "source": self._range(choices), "error_type": "warning",
            "error_title": self._words.say("Not in the list"),
            "error_message": self._words.say("Choose from the list, or write a code of it."),
        }  # fmt: skip
        self._sheet.data_validation(1, place, rows + EMPTY_ROWS, place, rule)

    def _range(self, choices: tuple[str, ...]) -> str:
        if choices not in self._ranges:
            column = len(self._ranges)
            for row, choice in enumerate(choices):
                self._lists.write_string(row, column, choice)
            self._ranges[choices] = f"=lists!{column_range(column, len(choices))}"
        return self._ranges[choices]

    def _write_marks(self, titles: Sequence[str]) -> None:
        self._marks.write_row(0, 0, [FORM, self._kind])
        for row, pair in enumerate(zip(titles, self._keys, strict=True), start=1):
            for column, value in enumerate(pair):
                self._marks.write_string(row, column, value)
        self._lists.hide()
        self._marks.very_hidden()


def _titles(kind: str, keys: Sequence[str], words: Words) -> list[str]:
    """Give the heads of columns in words, each of them once."""
    found: list[str] = []
    for key in keys:
        title = _title(kind, key, words)
        found.append(title if title not in found else f"{title} [{key}]")
    return found


def _title(kind: str, key: str, words: Words) -> str:
    if key in FIRST:
        return words.field(key)
    name, _, number = key.partition("#")
    control = control_at(kind, key)
    parts = name.split(".")
    language = parts.pop() if control is not None and control.sort in {"texts", "long-texts"} else ""
    said = " · ".join(str(int(part) + 1) if part.isdigit() else words.field(part) for part in parts)
    star = " *" if control is not None and control.required and len(parts) == 1 else ""
    return said + (f" {number}" if number else "") + (f" ({words.language(language)})" if language else "") + star


def write_csv(kind: str, entries: Iterable[Mapping[str, Any]], out: BinaryIO) -> int:
    """Write records of one kind with their codes, as it can be read again; cells that could be formulas are safe."""
    rows = [cells_of(kind, entry) for entry in entries]
    keys = in_order(kind, {"kind", "id", "marking", *(key for row in rows for key in row)})
    text = io.TextIOWrapper(out, encoding="utf-8-sig", newline="")
    writer = csv.writer(text)
    writer.writerow(keys)
    writer.writerows([safe_cell(row.get(key, "")) for key in keys] for row in rows)
    text.detach()  # flushes, and leaves `out` open for its owner
    return len(rows)
