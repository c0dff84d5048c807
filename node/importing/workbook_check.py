"""Looks into an xlsx before anything unpacks it: bombs, huge tables, declared entities and far cells are refused."""

import re
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final
from xml.parsers import expat

from node.importing.rows import ImportFileError
from schemas.sentences import sentence

MAX_UNPACKED: Final = 100_000_000
MAX_PARTS: Final = 500
MAX_DEPTH: Final = 60
MAX_CELLS: Final = 1_000_000
MAX_AREA: Final = 5_000_000
MAX_TEXT: Final = 100_000_000  # characters of all cells, once each shared text stands where it is used
_CHUNK: Final = 1 << 16
_HEADER: Final = 30  # bytes of a zip's local header before name and extra
_REFERENCE: Final = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})")


@dataclass
class Counted:
    """What a workbook came to; `cells` of all sheets."""

    cells: int = 0
    text: int = 0


class _Sheet:
    """Counts the cells of a sheet, and sees how far they reach, without holding any."""

    def __init__(self, name: str, shared: list[int], counted: Counted) -> None:
        self._name = name
        self._shared = shared
        self._counted = counted
        self._row = self._column = self._rows = self._columns = 0
        self._kind = ""
        self._value: list[str] | None = None

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "dimension":
            for letters, row in _REFERENCE.findall(attributes.get("ref", "")):
                self._reach(int(row), _column_number(letters))
        elif tag == "row":
            row = attributes.get("r", "")
            self._row = int(row) if row.isascii() and row.isdigit() and len(row) < 9 else self._row + 1
            self._column = 0
        elif tag == "c":
            row, self._column = place_of(attributes.get("r", "")) or (self._row, self._column + 1)
            self._reach(row, self._column)
            self._kind = attributes.get("t", "")
            self._counted.cells += 1
            if self._counted.cells > MAX_CELLS:
                raise ImportFileError(
                    sentence(
                        "{name}: has more than {max_cells} cells; split the file.", name=self._name, max_cells=MAX_CELLS
                    )
                )
        elif tag == "v" and self._kind == "s":
            self._value = []

    def end(self, tag: str) -> None:
        if tag == "v" and self._value is not None:
            number = "".join(self._value).strip()
            self._value = None
            if number.isascii() and number.isdigit() and len(number) < 9 and int(number) < len(self._shared):
                self._counted.text += self._shared[int(number)]
                if self._counted.text > MAX_TEXT:
                    raise ImportFileError(
                        sentence(
                            "{name}: its cells hold more than {max_text} characters; split it.",
                            name=self._name,
                            max_text=MAX_TEXT,
                        )
                    )

    def data(self, text: str) -> None:
        if self._value is not None:
            self._value.append(text[:9])

    def _reach(self, row: int, column: int) -> None:
        self._rows, self._columns = max(self._rows, row), max(self._columns, column)
        if self._rows * self._columns > MAX_AREA:
            far = (self._rows, self._columns)
            raise ImportFileError(
                sentence(
                    "{name}: its cells reach to row {row} and column {column}, more than can be read; "
                    "delete what stands far away, or use csv.",
                    name=self._name,
                    row=far[0],
                    column=far[1],
                )
            )


class _Shared:
    """Measures the shared texts."""

    def __init__(self) -> None:
        self.lengths: list[int] = []

    def start(self, tag: str, _attributes: dict[str, str]) -> None:
        if tag == "si":
            self.lengths.append(0)

    def end(self, _tag: str) -> None:
        """Nothing ends that matters."""

    def data(self, text: str) -> None:
        if self.lengths:
            self.lengths[-1] += len(text)


def check_workbook(path: Path) -> Counted:
    """Refuse with ImportFileError what would cost more than a table may; gives what it came to."""
    counted, shared = Counted(), _Shared()
    try:
        with zipfile.ZipFile(path) as archive, path.open("rb") as raw:
            parts = archive.infolist()
            if len(parts) > MAX_PARTS:
                raise ImportFileError(
                    sentence("{name}: is no usual workbook, it has {n} parts.", name=path.name, n=len(parts))
                )
            _check_sizes(path, raw, parts)
            # Texts come first, whatever their order in the file.
            for part in sorted(parts, key=lambda each: "sharedstrings" not in each.filename.lower()):
                name = part.filename.lower()
                if name.endswith((".xml", ".rels", ".vml")):
                    if "sharedstrings" in name:
                        counter: Any = shared
                    else:
                        counter = _Sheet(path.name, shared.lengths, counted) if "worksheets/" in name else None
                    read_xml(path.name, archive.read(part), counter)
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, zlib.error, ValueError) as error:
        if isinstance(error, ImportFileError):
            raise
        raise ImportFileError(sentence("{name}: is no readable xlsx: {cause}.", name=path.name, cause=error)) from error
    return counted


def _check_sizes(path: Path, raw: BinaryIO, parts: list[zipfile.ZipInfo]) -> None:
    """Unpack everything once without keeping it: what the directory of a zip says of sizes may be a lie."""
    total = 0
    for part in parts:
        if part.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED} or part.flag_bits & 1:
            raise ImportFileError(
                sentence(
                    "{name}: is encrypted or packed in an unusual way; save it without a password.", name=path.name
                )
            )
        size = part.compress_size
        if part.compress_type == zipfile.ZIP_DEFLATED:
            size = _inflated(raw, part, MAX_UNPACKED - total)
        total += size
        if total > MAX_UNPACKED:
            raise ImportFileError(
                sentence(
                    "{name}: unpacks to more than {max_unpacked} bytes; split the file.",
                    name=path.name,
                    max_unpacked=MAX_UNPACKED,
                )
            )
        if size != part.file_size:
            raise ImportFileError(
                sentence("{name}: is no readable xlsx: a part is larger than it says.", name=path.name)
            )


def _inflated(raw: BinaryIO, part: zipfile.ZipInfo, limit: int) -> int:
    raw.seek(part.header_offset)
    header = raw.read(_HEADER)
    raw.seek(int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little"), 1)
    stream, size, left = zlib.decompressobj(-15), 0, part.compress_size
    while left > 0 and not stream.eof:
        packed = raw.read(min(_CHUNK, left))
        if not packed:
            break
        left -= len(packed)
        while packed and not stream.eof:
            size += len(stream.decompress(packed, _CHUNK))
            packed = stream.unconsumed_tail
            if size > limit:
                return size
    return size + len(stream.flush())


def read_xml(name: str, text: bytes, counter: Any) -> None:
    """Hand a part's elements to the counter, without their namespaces; ImportFileError for what no program writes."""
    parser = expat.ParserCreate(namespace_separator=" ")
    depth = 0

    def refuse(*_: object) -> None:
        raise ImportFileError(
            sentence("{name}: declares a document type, which no spreadsheet program writes.", name=name)
        )

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_DEPTH:
            raise ImportFileError(
                sentence(
                    "{name}: is no usual workbook, its parts lie {max_depth} deep in one another.",
                    name=name,
                    max_depth=MAX_DEPTH,
                )
            )
        if counter is not None:
            counter.start(tag.rpartition(" ")[2], attributes)

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1
        if counter is not None:
            counter.end(tag.rpartition(" ")[2])

    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refuse
    parser.StartElementHandler, parser.EndElementHandler = start, end
    if counter is not None:
        handler: Callable[[str], None] = counter.data
        parser.CharacterDataHandler = handler
    try:
        parser.Parse(text, True)
    except expat.ExpatError as error:
        raise ImportFileError(sentence("{name}: is no readable xlsx: {cause}.", name=name, cause=error)) from error


def place_of(reference: str) -> tuple[int, int] | None:
    """Give row and column of a cell by its name, as `C7`, from 1; None if it is no name of one cell."""
    found = _REFERENCE.fullmatch(reference)
    return (int(found[2]), _column_number(found[1])) if found else None


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
