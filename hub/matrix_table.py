"""The matrix as a table: which cells are asked for, rolled up by State, region or provider, with their labels."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Annotated, Any, Final, Literal

from pydantic import Field
from sqlalchemy import ColumnElement, Connection, and_, or_, select

from hub import tables
from hub.coverage import JOINT, WORLD, jee_area
from hub.filters import Asked, OrgFilter, PlaceFilter, ThemeFilter, around, places_of, themes_of
from hub.matrix import Cell, CellKey, Line, State, cells_of, combined
from schemas.codelists import THEME_SCHEMES, country, is_country, label, labels, regions, regions_of

Scheme = Literal["theme_1373", "fatf", "who_jee", "who_spar", "dac_crs", "hpc_cluster"]


class MatrixAsked(Asked):
    """Which matrix: what its rows are, whose codes its columns, and which part of it."""

    rows: Literal["place", "region", "provider"] = Field("place", description="What the rows are.")
    columns: Literal["theme"] = Field("theme", description="What the columns are.")
    scheme: Scheme = Field("theme_1373", description="The code list of the columns.")
    place: PlaceFilter = Field([], description="Country (alpha-3) or region (M49).")
    theme: ThemeFilter = Field([], description="Theme: a code, or scheme:code.")
    org: OrgFilter = Field([], description="Organization that published what is counted.")
    state: Annotated[list[State], Field(max_length=len(State))] = Field([], description="Only cells in these states.")


def matrix(
    connection: Connection, asked: MatrixAsked, markings: Sequence[str], names: Mapping[str, str]
) -> dict[str, Any]:
    """Give rows, columns and cells, of what may be seen; `names` are organizations' names by id."""
    codes = _codes(asked)
    cells = {
        key: cell
        for key, cell in cells_of(_lines(connection, asked, markings, codes)).items()
        if _wanted(key, asked, codes)
    }
    shown = [cell for cell in _rolled_up(cells, _ROWS[asked.rows]) if not asked.state or cell["state"] in asked.state]
    order = {code: place for place, code in enumerate(labels(asked.scheme))}
    row_codes = sorted({cell["row"] for cell in shown})
    column_codes = sorted({cell["column"] for cell in shown}, key=lambda code: (order.get(code, len(order)), code))
    shown.sort(key=lambda cell: (cell["row"], order.get(cell["column"], len(order)), cell["column"]))
    return {
        "rows": [{"code": code, "label": _label(asked.rows, code, names)} for code in row_codes],
        "columns": [{"code": code, "label": label(asked.scheme, code)} for code in column_codes],
        "cells": shown,
    }


def _codes(asked: MatrixAsked) -> frozenset[str] | None:
    """Give the codes asked for; None for all. A code of another list asks for no column of this one."""
    if not asked.theme:
        return None
    return frozenset(theme.code for theme in themes_of(asked.theme) if theme.scheme in {None, asked.scheme})


def _wanted(key: CellKey, asked: MatrixAsked, codes: frozenset[str] | None) -> bool:
    place, code = key
    if asked.place and WORLD not in asked.place and place not in places_of(asked.place):
        return False
    if codes is not None:
        return code in codes
    # Assistance is counted by technical area; under its indicators alone, every area would look like a gap.
    return asked.scheme != "who_jee" or jee_area(code) is None


def _lines(
    connection: Connection, asked: MatrixAsked, markings: Sequence[str], codes: frozenset[str] | None
) -> Iterator[Line]:
    cover, records, names = tables.coverage.c, tables.records.c, tables.organizations.c
    in_columns: ColumnElement[bool] = cover.scheme == asked.scheme
    if codes is not None:
        in_columns = and_(in_columns, cover.code.in_(codes))
    if asked.place and WORLD not in asked.place:
        in_columns = and_(in_columns, cover.place.in_(sorted(_concerned(asked.place))))
    # Lines without a cell join what is in cells: answers to needs, and joint programmes.
    wanted = or_(in_columns, cover.scheme == "")
    if asked.org:
        wanted = and_(wanted, or_(names.organization.in_(asked.org), cover.role == JOINT))
    query = (
        select(
            cover.record, names.organization, records.id, cover.role, cover.place, cover.code, cover.mode,
            cover.starts, cover.ends, cover.joined, cover.provider,
        )
        .join(tables.records, records.record == cover.record)
        .join(tables.organizations, names.org == records.org)
        .where(wanted, records.marking.in_(markings), *tables.shown())
        .order_by(cover.record, cover.line)
    )  # fmt: skip
    for row in connection.execute(query):
        record, org, id_, role, place, code, mode, starts, ends, joined, provider = row
        yield Line(record, org, id_, role, place, code, mode, starts, ends, joined or "", provider or "")


def _concerned(places: Sequence[str]) -> frozenset[str]:
    """Give the places asked for, and the regions around them, whose cover is told apart."""
    wanted = places_of(places)
    regions_around = (regions_of(place) or (WORLD,) if is_country(place) else around(place) for place in wanted)
    return wanted.union(*regions_around)


def _rolled_up(
    cells: Mapping[CellKey, Cell], rows_of: Callable[[str, Cell], Iterator[str]]
) -> Iterator[dict[str, Any]]:
    groups: dict[CellKey, list[Cell]] = defaultdict(list)
    for (place, code), cell in cells.items():
        for row in rows_of(place, cell):
            groups[row, code].append(cell)
    for (row, code), group in groups.items():
        yield {
            "row": row,
            "column": code,
            "needs": len(set().union(*(cell.open_needs for cell in group))),
            "ratings_below": sum(cell.ratings_below for cell in group),
            "providers": len(set().union(*(cell.providers for cell in group))),
            "offers": len(set().union(*(cell.offers for cell in group))),
            "regional": len(set().union(*(cell.regional for cell in group))),
            "state": combined(cell.state for cell in group),
        }


def _by_place(place: str, _cell: Cell) -> Iterator[str]:
    yield place


def _by_region(place: str, _cell: Cell) -> Iterator[str]:
    """Give the continent, or the world for a State that is in no region."""
    regions_around = regions_of(place) if is_country(place) else around(place)[::-1]
    yield regions_around[1] if len(regions_around) > 1 else WORLD


def _by_provider(_place: str, cell: Cell) -> Iterator[str]:
    yield from sorted(cell.providers)


_ROWS: Final = {"place": _by_place, "region": _by_region, "provider": _by_provider}


def _label(rows: str, code: str, names: Mapping[str, str]) -> str:
    if rows == "provider":
        return names.get(code, code)
    return country(code).names["en"] if is_country(code) else regions()[code].name


assert set(THEME_SCHEMES) == set(Scheme.__args__)  # type: ignore[attr-defined]  # noqa: S101
