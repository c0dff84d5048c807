"""Keeps what people upload: bounded, in a folder of its own, under a number and never under the name it came with."""

import re
import shutil
from pathlib import Path
from typing import Any, BinaryIO, Final

import orjson

from node.importing.rows import ImportFileError
from node.importing.workbook_check import check_workbook
from schemas.sentences import gettext_noop as N_
from schemas.sentences import sentence

MAX_UPLOAD: Final = 20_000_000
MAX_ROWS: Final = 50_000
MAX_JSON_PARTS: Final = 1_000_000
MAX_JSON_DEPTH: Final = 30
_OLD_EXCEL: Final = b"\xd0\xcf\x11\xe0"
_ENDINGS: Final = ("csv", "xlsx", "json", "jsonl")


def shown_name(name: str | None) -> str:
    """Give a file's name to show it; it is no path, and no address is ever made of it."""
    last = re.split(r"[/\\]", name or "")[-1]
    return "".join(letter for letter in last if letter.isprintable())[:100] or "file"


class Uploads:
    """The folder; files in it have mode 0600."""

    def __init__(self, directory: Path) -> None:
        self._folder = directory / "uploads"

    def keep(self, number: int, file: BinaryIO) -> Path:
        """Copy a file in; ImportFileError if it is too large."""
        place = self._place(number)
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder.chmod(0o700)
        path = place / "file"
        path.touch(mode=0o600)
        size = 0
        with path.open("wb") as out:
            while part := file.read(1 << 16):
                size += len(part)
                if size > MAX_UPLOAD:
                    raise ImportFileError(
                        sentence("The file has more than {max_upload} MB; split it.", max_upload=MAX_UPLOAD // 1000000)
                    )
                out.write(part)
        if size == 0:
            raise ImportFileError(N_("The file is empty."))
        return path

    def file(self, number: int) -> Path:
        """Where the file of a number is."""
        return self._place(number) / "file"

    def note(self, number: int, report: dict[str, Any]) -> None:
        """Keep what was found in it."""
        path = self._place(number) / "report"
        path.touch(mode=0o600)
        path.write_bytes(orjson.dumps(report))

    def report(self, number: int) -> dict[str, Any] | None:
        """Give what was found in it."""
        path = self._place(number) / "report"
        return orjson.loads(path.read_bytes()) if path.is_file() else None

    def delete(self, number: int) -> None:
        """Delete all of a number."""
        shutil.rmtree(self._place(number), ignore_errors=True)

    def _place(self, number: int) -> Path:
        return self._folder / str(int(number))


def format_of(path: Path, name: str) -> str:
    """Tell by its content what a file is: csv, xlsx, json or jsonl; ImportFileError if none, or if it is a danger."""
    with path.open("rb") as file:
        begin = file.read(4096)
    ending = name.rpartition(".")[2].lower()
    if begin.startswith(b"PK"):
        check_workbook(path)
        found = "xlsx"
    elif begin.startswith(_OLD_EXCEL):
        raise ImportFileError(
            sentence("{name}: is in the form of old versions of Excel, or has a password; save it as xlsx.", name=name)
        )
    elif b"\x00" in begin:
        raise ImportFileError(
            sentence("{name}: is neither a table nor text; xlsx, csv, json and jsonl can be read.", name=name)
        )
    else:
        found = _text_format(path, begin, ending)
    if ending in _ENDINGS and ending != found:
        raise ImportFileError(
            sentence(
                "{name}: is called {ending}, but holds {found}; rename it, or save it anew.",
                name=name,
                ending=ending,
                found=found,
            )
        )
    return found


def _text_format(path: Path, begin: bytes, ending: str) -> str:
    first = begin.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    if ending == "csv" or first not in {b"[", b"{"}:
        return "csv"
    data = path.read_bytes()
    if data.count(b"{") + data.count(b"[") + data.count(b",") // 4 > MAX_JSON_PARTS:
        raise ImportFileError(
            sentence("The file has more than {max_json_parts} parts; split it.", max_json_parts=MAX_JSON_PARTS)
        )
    whole = first == b"["
    for text in [data] if whole else data.splitlines():
        try:
            _check_depth(orjson.loads(text.removeprefix(b"\xef\xbb\xbf"))) if text.strip() else None
        except orjson.JSONDecodeError as error:
            if "ecursion" in str(error) or "depth" in str(error):
                raise ImportFileError(
                    sentence(
                        "The file's parts lie more than {max_json_depth} deep in one another.",
                        max_json_depth=MAX_JSON_DEPTH,
                    )
                ) from None
            if whole:
                raise ImportFileError(sentence("The file is no valid JSON: {cause}.", cause=error)) from None
    return "json" if whole or ending == "json" else "jsonl"


def _check_depth(value: Any) -> None:
    level, depth = [value], 0
    while level:
        depth += 1
        if depth > MAX_JSON_DEPTH:
            raise ImportFileError(
                sentence(
                    "The file's parts lie more than {max_json_depth} deep in one another.",
                    max_json_depth=MAX_JSON_DEPTH,
                )
            )
        groups = [each for each in level if isinstance(each, dict | list)]
        level = [inner for each in groups for inner in (each.values() if isinstance(each, dict) else each)]
