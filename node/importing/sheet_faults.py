"""Finds the cells of a sheet that show a value, or should, which a reader of values would take for empty.

Read as empty, a cell in error, a formula that was never calculated, or a row below the first of a merged cell would
quietly empty the field of a record that was published.
"""

import posixpath
import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from node.importing.rows import ImportFileError, Unreadable
from node.importing.workbook_check import place_of, read_xml
from schemas.sentences import gettext_noop as N_
from schemas.sentences import sentence

MAX_MERGED: Final = 1_000_000  # rows, of all merged cells
_BOOK: Final = "xl/workbook.xml"
_LINKS: Final = "xl/_rels/workbook.xml.rels"
_MAY_HAVE: Final = re.compile(rb"""<(?:\w+:)?(?:f|mergeCell)[\s/>]|\st=["']e["']""")
_NO_VALUE: Final = N_("is a formula whose result the file does not hold; open it in a spreadsheet program and save it")
_ERROR: Final = N_("shows an error; correct the formula, or empty the cell")


class Faults:
    """What cannot be read as it stands: by row, then by column; `merged` are those below a merged cell's first row."""

    def __init__(self) -> None:
        self.cells: dict[int, dict[int, Unreadable]] = {}
        self.merged: dict[int, dict[range, Unreadable]] = {}

    def rows(self, table: list[list[Any]]) -> Iterator[tuple[int, list[Any]]]:
        """Yield number and cells of each row that is not empty, with what cannot be read in its place."""
        for number in sorted({*range(1, len(table) + 1), *self.cells}):
            cells = [*table[number - 1]] if number <= len(table) else []
            _put(self.cells.get(number, {}), cells)
            if any(cell not in ("", None) for cell in cells):
                # That a cell is merged says something only of a row that says something itself.
                for columns, fault in self.merged.get(number, {}).items():
                    _put({column: fault for column in columns if column <= len(cells)}, cells)
                yield number, cells


def _put(faults: Mapping[int, Unreadable], cells: list[Any]) -> None:
    cells += [""] * (max(faults, default=0) - len(cells))
    for column, fault in faults.items():
        cells[column - 1] = fault


def faults_of(path: Path, sheet: str) -> Faults:
    """Give the faults of one sheet of a workbook; the sheet is known by its name.

    Raises ImportFileError if the workbook is not as any spreadsheet program writes it.
    """
    faults = Faults()
    with zipfile.ZipFile(path) as archive:
        part = _part_of(path.name, archive, sheet)
        if part is not None and _MAY_HAVE.search(text := archive.read(part)):
            read_xml(path.name, text, _Cells(path.name, faults))
    return faults


def _part_of(file: str, archive: zipfile.ZipFile, sheet: str) -> str | None:
    """Where the sheet of this name lies in the archive; None if the workbook is made in another way."""
    names = {name.lower(): name for name in archive.namelist()}
    if not names.keys() >= {_BOOK, _LINKS}:
        return None
    sheets, targets = _Attributes("sheet"), _Attributes("Relationship")
    read_xml(file, archive.read(names[_BOOK]), sheets)
    read_xml(file, archive.read(names[_LINKS]), targets)
    link = next((each.get("id") for each in sheets.found if each.get("name") == sheet), None)
    target = next((each.get("Target", "") for each in targets.found if each.get("Id") == link), "")
    return names.get(posixpath.normpath(posixpath.join("/xl", target)).lstrip("/").lower())


class _Attributes:
    """Keeps the attributes of every element of one name."""

    def __init__(self, tag: str) -> None:
        self._tag = tag
        self.found: list[dict[str, str]] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == self._tag:
            self.found.append({name.rpartition(" ")[2]: value for name, value in attributes.items()})

    def end(self, _tag: str) -> None:
        """Nothing ends that matters."""

    def data(self, _text: str) -> None:
        """What stands between the elements is not wanted."""


class _Cells:
    """Goes through a sheet's cells; a cell without a place of its own stands behind the one before it."""

    def __init__(self, file: str, faults: Faults) -> None:
        self._file = file
        self._faults = faults
        self._merged = 0
        self._at = (0, 0)  # row and column, from 1
        self._kind = ""
        self._formula = False
        self._value: list[str] | None = None
        self._shown = ""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "row":
            row = attributes.get("r", "")
            self._at = (int(row) if row.isascii() and row.isdigit() and len(row) < 9 else self._at[0] + 1, 0)
        elif tag == "c":
            self._at = place_of(attributes.get("r", "")) or (self._at[0], self._at[1] + 1)
            self._kind, self._formula, self._shown = attributes.get("t", ""), False, ""
        elif tag == "f":
            self._formula = True
        elif tag == "v":
            self._value = []
        elif tag == "mergeCell":
            self._merge(attributes.get("ref", ""))

    def end(self, tag: str) -> None:
        if tag == "v" and self._value is not None:
            self._shown, self._value = "".join(self._value), None
        elif tag == "c" and self._kind == "e":
            self._note(Unreadable(self._shown, _ERROR))
        # A text that a formula gives may be empty: that is its result.
        elif tag == "c" and self._formula and not self._shown and self._kind != "str":
            self._note(Unreadable("", _NO_VALUE))

    def data(self, text: str) -> None:
        if self._value is not None:
            self._value.append(text[:80])

    def _merge(self, ref: str) -> None:
        first, _, last = ref.partition(":")
        begin, end = place_of(first), place_of(last)
        if begin is None or end is None:
            return
        rows = range(begin[0] + 1, end[0] + 1)
        self._merged += len(rows)
        if self._merged > MAX_MERGED:
            raise ImportFileError(
                sentence("{name}: has merged cells over more rows than are read; split them.", name=self._file)
            )
        fault = Unreadable("", sentence("lies in the merged cell {cells}; split it, and fill in each row", cells=ref))
        for row in rows:
            self._faults.merged.setdefault(row, {})[range(begin[1], end[1] + 1)] = fault

    def _note(self, fault: Unreadable) -> None:
        self._faults.cells.setdefault(self._at[0], {})[self._at[1]] = fault
