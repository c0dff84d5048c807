"""What a person must see of a file before its columns are mapped: their names, and what stands in the first rows."""

from itertools import islice
from pathlib import Path
from typing import Any, Final, NamedTuple

from node.importing.mapping import Mapping
from node.importing.read import read_rows
from node.importing.rows import ImportFileError, Row, shorten
from schemas.sentences import gettext_noop as N_
from schemas.sentences import sentence

LOOKED_AT: Final = 50
SHOWN: Final = 3
MAX_SHOWN_COLUMNS: Final = 200


class Column(NamedTuple):
    """A column, with the first values that stand in it."""

    name: str
    values: list[str]


def delimiter_of(path: Path) -> str:
    """Give the character that stands between the cells of a csv, by its first line."""
    with path.open("rb") as file:
        line = file.readline(65_536)
    return max((b",", b";", b"\t"), key=line.count).decode()


def columns_of(path: Path, format_: str, delimiter: str = ",") -> list[Column]:
    """Give the columns; ImportFileError if there are none, or no row below them."""
    probe = Mapping.model_validate(
        {
            "source": "probe", "kind": "contact", "marking": "TLP:GREEN", "format": format_, "delimiter": delimiter,
            "key": ["id"], "whole": True,
        }
    )  # fmt: skip
    found: dict[str, list[str]] = {}
    for row in islice(read_rows(path, probe), LOOKED_AT):
        if isinstance(row, Row):
            for name, value in _flat(row.values):
                values = found.setdefault(name, [])
                if value not in (None, "") and len(values) < SHOWN:
                    values.append(shorten(value))
    if not found:
        raise ImportFileError(N_("The file has no rows below its header, so there is nothing to import."))
    if len(found) > MAX_SHOWN_COLUMNS:
        raise ImportFileError(
            sentence(
                "The file has more than {max_shown_columns} columns; leave out those not needed.",
                max_shown_columns=MAX_SHOWN_COLUMNS,
            )
        )
    return [Column(name, values) for name, values in found.items()]


def _flat(values: dict[str, Any]) -> list[tuple[str, Any]]:
    """Give columns, and of groups in a JSON value what lies in them."""
    found: list[tuple[str, Any]] = []
    for name, value in values.items():
        if isinstance(value, dict):
            found += [(f"{name}.{inner}", each) for inner, each in value.items() if not isinstance(each, dict)]
        else:
            found.append((name, value))
    return found
