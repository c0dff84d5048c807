"""Tests of looking into a workbook: bombs of every sort are refused before they cost anything, usual files are not."""

import io
import struct
import zipfile
import zlib
from pathlib import Path

import openpyxl
import pytest

from node.importing import workbook_check
from node.importing.rows import ImportFileError
from node.importing.workbook_check import check_workbook

SHEET = '<worksheet xmlns="x"><sheetData>{}</sheetData></worksheet>'
LAUGHS = (
    '<!DOCTYPE a [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    + "]><worksheet><v>&j;</v></worksheet>"
)


def workbook(path: Path, parts: dict[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return path


def usual(path: Path, rows: int = 3) -> Path:
    book = openpyxl.Workbook()
    for number in range(rows):
        book.worksheets[0].append([number, "text", None, 1.5])
    book.save(path)
    return path


def test_a_usual_workbook_passes_and_its_cells_are_counted(tmp_path: Path) -> None:
    assert check_workbook(usual(tmp_path / "a")).cells == 9


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"xl/media/image.bin": b"\0" * 150_000_000}, "unpacks to more than"),
        ({"xl/worksheets/sheet1.xml": LAUGHS}, "declares a document type"),
        ({"xl/sharedStrings.xml": LAUGHS}, "declares a document type"),
        ({"docProps/app.xml": LAUGHS}, "declares a document type"),
        ({"xl/worksheets/sheet1.xml": SHEET.format('<row><c r="XFD1048576"><v>1</v></c></row>')}, "reach to row"),
        ({"xl/worksheets/sheet1.xml": '<worksheet><dimension ref="A1:XFD1048576"/></worksheet>'}, "reach to row"),
        ({"xl/worksheets/sheet1.xml": SHEET.format("<row r='9'><c r='ZZZ99999'/></row>")}, "reach to row"),
        ({"xl/worksheets/sheet1.xml": SHEET.format("<a>" * 100 + "</a>" * 100)}, "deep in one another"),
        ({"xl/worksheets/sheet1.xml": "<worksheet>"}, "no readable xlsx"),
        ({f"xl/{n}.bin": b"" for n in range(501)}, "parts"),
    ],
)  # fmt: skip
def test_bombs_are_refused(tmp_path: Path, parts: dict[str, str | bytes], said: str) -> None:
    with pytest.raises(ImportFileError, match=said):
        check_workbook(workbook(tmp_path / "a", parts))


def test_one_long_text_in_many_cells_is_refused(tmp_path: Path) -> None:
    cells = "<row>" + '<c t="s"><v>0</v></c>' * 2000 + "</row>"
    parts: dict[str, str | bytes] = {
        "xl/worksheets/sheet1.xml": SHEET.format(cells),
        "xl/sharedStrings.xml": f"<sst><si><t>{'x' * 60_000}</t></si></sst>",
    }  # fmt: skip
    with pytest.raises(ImportFileError, match="characters"):
        check_workbook(workbook(tmp_path / "a", parts))


def test_too_many_cells_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook_check, "MAX_CELLS", 8)
    with pytest.raises(ImportFileError, match="cells"):
        check_workbook(usual(tmp_path / "a"))


def test_a_size_that_is_a_lie_is_found(tmp_path: Path) -> None:
    """The directory says that a part is small, and the checksum is that of its beginning."""
    content, said = b"<a>" + b"x" * 100_000, b"<a>"
    path = workbook(tmp_path / "a", {"xl/sharedStrings.xml": content})
    data = bytearray(path.read_bytes())
    place = data.rindex(b"PK\x01\x02")
    struct.pack_into("<I", data, place + 16, zlib.crc32(said))
    struct.pack_into("<I", data, place + 24, len(said))
    path.write_bytes(data)
    with pytest.raises(ImportFileError, match="larger than it says"):
        check_workbook(path)


def test_what_is_encrypted_or_packed_otherwise_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a", "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("xl/workbook.xml", "<a/>")
    with pytest.raises(ImportFileError, match="unusual way"):
        check_workbook(tmp_path / "a")


@pytest.mark.parametrize("cut", [30, 100, 2000])
def test_a_cut_file_is_refused(tmp_path: Path, cut: int) -> None:
    whole = usual(tmp_path / "a").read_bytes()
    (tmp_path / "b").write_bytes(whole[:cut])
    with pytest.raises(ImportFileError, match="no readable xlsx"):
        check_workbook(tmp_path / "b")
    assert io.BytesIO(whole).read(2) == b"PK"
