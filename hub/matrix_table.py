"""The matrix as a table: which cells are asked for, rolled up by State, region or provider, with labels."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Annotated, Any, Final, Literal, TypeVar
from urllib.parse import urlencode

from pydantic import AfterValidator, Field, model_validator
from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from hub import tables
from hub.coverage import JOINT, WORLD, jee_area
from hub.filters import Asked, OrgFilter, PlaceFilter, ThemeFilter, around, places_of, since_moment, themes_of
from hub.finding.cells import Cells, Judged, judged, lines_where, regional_of
from hub.finding.grouping import Groups
from hub.finding.kept_cells import KeptCells, Whole
from hub.finding.tables import publisher_lines
from hub.matrix import CellKey, Line, State, cells_of
from schemas.codelists import THEME_SCHEMES, country, is_country, label, labels, regions, regions_of
from schemas.refusal import refusal
from schemas.sentences import sentence

Scheme = Literal["theme_1373", "fatf", "who_jee", "who_spar", "dac_crs", "hpc_cluster"]
Value = TypeVar("Value")
Axis = Literal["place", "region", "provider", "theme"]


class MatrixAsked(Asked):
    """Which matrix: what its rows and columns are, whose codes, and which part of it."""

    rows: Axis = Field("place", description="What the rows are.")
    columns: Axis = Field("theme", description="What the columns are.")
    scheme: Scheme = Field("theme_1373", description="The code list of the themes.")
    place: PlaceFilter = Field([], description="Country (alpha-3) or region (M49).")
    theme: ThemeFilter = Field([], description="Theme: a code, or scheme:code.")
    org: OrgFilter = Field([], description="Organization that published what is counted.")
    state: Annotated[list[State], Field(max_length=len(State))] = Field([], description="Only cells in these states.")
    since: Annotated[str, AfterValidator(since_moment)] | None = Field(
        None,
        max_length=40,
        description="Only cells whose state is another than on this day or at this time, with what it was.",
    )

    @model_validator(mode="after")
    def axes_differ(self) -> "MatrixAsked":
        """Rows and columns are two different things."""
        if self.rows == self.columns:
            raise refusal(
                ("columns",),
                f'"{self.columns}"',
                sentence("be something else than the rows, which are {rows}", rows=self.rows),
            )
        return self

    def query(self) -> str:
        """Write it as the query of an address."""
        given = {name: value for name, value in self if value not in (None, [])}
        return urlencode(given, doseq=True)

    @property
    def codes(self) -> frozenset[str] | None:
        """The codes asked for; None for all. A code of another list asks for no column of this one."""
        if not self.theme:
            return None
        return frozenset(theme.code for theme in themes_of(self.theme) if theme.scheme in {None, self.scheme})

    @property
    def places(self) -> frozenset[str] | None:
        """The places asked for, and the regions around them, whose cover is told apart; None for all."""
        if not self.place or WORLD in self.place:
            return None
        wanted = places_of(self.place)
        return wanted.union(*(_around(place) for place in wanted))


def matrix(
    connection: Connection, asked: MatrixAsked, markings: Sequence[str], names: Mapping[str, str],
    kept: KeptCells, before: Cells | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Give rows, columns and cells, of what may be seen; `names` are organizations' names by id.

    With the cells as they were `before`, only those whose state has changed, and what it was.
    """
    if before is not None:
        shown = list(_changed(_table(cells_asked(connection, asked, markings, kept), asked), _table(before, asked)))
    elif asked.org or asked.place or asked.columns != "theme":
        shown = list(_table(cells_asked(connection, asked, markings, kept), asked))
    else:
        whole = kept.whole(connection, asked.scheme, markings)
        shown = [row for code in _codes(whole, asked) for row in whole.rows(asked.rows, code, _roll_up(asked))]
    if asked.state:
        shown = [cell for cell in shown if cell["state"] in asked.state]
    order = {code: place for place, code in enumerate(labels(asked.scheme))}

    def placed(axis: str, code: str) -> tuple[int, str]:
        return (order.get(code, len(order)) if axis == "theme" else 0, code)

    row_codes = sorted({cell["row"] for cell in shown}, key=lambda code: placed(asked.rows, code))
    column_codes = sorted({cell["column"] for cell in shown}, key=lambda code: placed(asked.columns, code))
    rows, columns = ({code: at for at, code in enumerate(codes)} for codes in (row_codes, column_codes))
    shown.sort(key=lambda cell: (rows[cell["row"]], columns[cell["column"]]))
    return {
        "rows": [{"code": code, "label": _label(asked.rows, asked, code, names)} for code in row_codes],
        "columns": [{"code": code, "label": _label(asked.columns, asked, code, names)} for code in column_codes],
        "cells": shown,
    }


def cells_asked(connection: Connection, asked: MatrixAsked, markings: Sequence[str], kept: KeptCells) -> Cells:
    """Give the cells that a question is about, as they are now; of one publisher, they are judged for it."""
    if asked.org:
        return _judged_now(connection, asked, markings)
    whole = kept.whole(connection, asked.scheme, markings)
    found, places = Cells({}, {}), asked.places
    for code in _codes(whole, asked):
        part = whole.by_code[code]
        found.cells.update(_of_places(part.cells, places, code))
        found.regional.update(_of_places(part.regional, places, code))
    return found


def _of_places(cells: Mapping[CellKey, Value], places: frozenset[str] | None, code: str) -> Mapping[CellKey, Value]:
    if places is None:
        return cells
    return {(place, code): cells[place, code] for place in places if (place, code) in cells}


def _codes(whole: Whole, asked: MatrixAsked) -> list[str]:
    return [code for code in whole.by_code if (_in_scheme(code, asked) if asked.codes is None else code in asked.codes)]


def _roll_up(asked: MatrixAsked) -> Callable[[Cells], list[dict[str, Any]]]:
    return lambda cells: list(_table(cells, asked))


def _table(found: Cells, asked: MatrixAsked) -> Iterator[dict[str, Any]]:
    wanted = places_of(asked.place) if asked.places is not None else None
    cells = {key: cell for key, cell in found.cells.items() if wanted is None or key[0] in wanted}
    regional: dict[tuple[Sequence[str], str], frozenset[str]] = {}

    def around_of(place: str, code: str) -> frozenset[str]:
        key = (_around(place) if is_country(place) else (), code)
        if key not in regional:
            none = frozenset[str]()
            regional[key] = none.union(*(found.regional.get((each, code), none) for each in key[0]))
        return regional[key]

    if (asked.rows, asked.columns) == ("place", "theme"):
        for (place, code), cell in cells.items():
            yield _shown(place, code, cell, len(around_of(place, code)))
        return
    groups, bits = Groups(), dict[frozenset[str], int]()
    row_of, column_of = _AXES[asked.rows], _AXES[asked.columns]
    for (place, code), cell in cells.items():
        covering = around_of(place, code)
        if covering not in bits:
            bits[covering] = groups.bits(covering)
        groups.add(row_of(place, code, cell), column_of(place, code, cell), cell, bits[covering])
    yield from groups.shown()


def _shown(row: str, column: str, cell: Judged, regional: int) -> dict[str, Any]:
    return {
        "row": row,
        "column": column,
        "needs": cell.needs,
        "ratings_below": cell.ratings_below,
        "providers": len(cell.providers),
        "offers": len(cell.offers),
        "regional": regional,
        "state": cell.state,
    }


def _changed(now: Iterable[dict[str, Any]], before: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    were = {(cell["row"], cell["column"]): cell["state"] for cell in before}
    for cell in now:
        was = were.pop((cell["row"], cell["column"]), State.NONE)
        if was != cell["state"]:
            yield {**cell, "was": was}
    for (row, column), was in were.items():
        if was != State.NONE:
            nothing = Judged(0, 0, State.NONE, frozenset(), frozenset())
            yield {**_shown(row, column, nothing, 0), "was": was}


def _judged_now(connection: Connection, asked: MatrixAsked, markings: Sequence[str]) -> Cells:
    lines = list(_lines(connection, asked, markings))
    regional = {key: frozenset(each) for key, each in regional_of(lines).items()}
    return Cells({key: judged(cell) for key, cell in cells_of(lines).items() if _in_scheme(key[1], asked)}, regional)


def _in_scheme(code: str, asked: MatrixAsked) -> bool:
    # Assistance is counted by technical area; under its indicators alone, every area would look like a gap.
    return bool(asked.theme) or asked.scheme != "who_jee" or jee_area(code) is None


def _lines(connection: Connection, asked: MatrixAsked, markings: Sequence[str]) -> list[Line]:
    said, names = publisher_lines.c, tables.organizations.c
    in_columns: ColumnElement[bool] = said.scheme == asked.scheme
    if asked.codes is not None:
        in_columns = and_(in_columns, said.code.in_(sorted(asked.codes)))
    if asked.places is not None:
        in_columns = and_(in_columns, said.place.in_(sorted(asked.places)))
    query = (
        select(
            said.record, names.organization, said.id, said.role, said.place, said.code, said.mode, said.starts,
            said.ends, func.coalesce(said.joined, ""), func.coalesce(said.provider, ""),
        )
        .join(tables.organizations, names.org == said.org)
        .where(names.organization.in_(asked.org), said.scheme.in_([asked.scheme, ""]), said.marking.in_(markings))
        .where(or_(in_columns, said.scheme == ""))
        .order_by(said.record, said.line)
    )  # fmt: skip
    # Lines without a cell join what is in cells: answers to needs, and joint programmes, whoever said them.
    ours = [Line._make(row) for row in connection.execute(query).all()]
    seen = tables.records.c.marking.in_(markings)
    joint = lines_where(connection, tables.records.c.kind == "link", tables.coverage.c.role == JOINT, seen)
    own = {(line.record, line.role) for line in ours}
    return ours + [line for _, line in joint if (line.record, line.role) not in own]


def _by_place(place: str, _code: str, _cell: Judged) -> Sequence[str]:
    return (place,)


@cache
def region_of(place: str) -> str:
    """Give the continent, or the world for a State that is in no region."""
    regions_around = regions_of(place) if is_country(place) else tuple(around(place)[::-1])
    return regions_around[1] if len(regions_around) > 1 else WORLD


def _by_region(place: str, _code: str, _cell: Judged) -> Sequence[str]:
    return (region_of(place),)


def _by_provider(_place: str, _code: str, cell: Judged) -> Sequence[str]:
    return tuple(cell.providers)


def _by_theme(_place: str, code: str, _cell: Judged) -> Sequence[str]:
    return (code,)


@cache
def _around(place: str) -> Sequence[str]:
    """Give the regions around a place; a State that is made up for an exercise lies in the world."""
    return (regions_of(place) or (WORLD,)) if is_country(place) else tuple(around(place))


_AXES: Final[Mapping[str, Callable[[str, str, Judged], Sequence[str]]]] = {
    "place": _by_place,
    "region": _by_region,
    "provider": _by_provider,
    "theme": _by_theme,
}


def _label(axis: str, asked: MatrixAsked, code: str, names: Mapping[str, str]) -> str:
    if axis == "theme":
        return label(asked.scheme, code)
    if axis == "provider":
        return names.get(code, code)
    return country(code).names["en"] if is_country(code) else regions()[code].name


assert set(THEME_SCHEMES) == set(Scheme.__args__)  # type: ignore[attr-defined]  # noqa: S101
