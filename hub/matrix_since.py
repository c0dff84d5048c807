"""The matrix as it was: the cells that changes since then have touched, judged from the versions of that time."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final, NamedTuple

import orjson
from sqlalchemy import ColumnElement, Connection, func, or_, select

from hub import tables
from hub.addresses import tag_of_address
from hub.coverage import JOINT, NEED, CoverRow, coverage
from hub.finding import tables as kept
from hub.finding.cells import Cells, answering_lines, judged, lines_where, regional_of
from hub.finding.kept_cells import KeptCells
from hub.matrix import CellKey, Line, cells_of
from hub.matrix_table import MatrixAsked, cells_asked
from ui.languages import gettext_noop as N_

MOST: Final = 20_000  # records that may have changed since then
TOO_MANY: Final = N_("Too much has changed since then for a comparison. Choose a later day.")
TOO_EARLY: Final = N_("This hub has no checkpoint of so early a time. Choose a later day.")
_IN: Final = 400


class Before(NamedTuple):
    """The cells as they were when the log had `size` entries, at the checkpoint made `at`; None if nothing is asked."""

    cells: Cells | None = None
    size: int = 0
    at: str = ""
    problem: str = ""


def before(connection: Connection, asked: MatrixAsked, markings: Sequence[str], cells: KeptCells) -> Before:
    """Give the cells of a question as they were at its `since`: at the newest checkpoint that is not later.

    What was erased or disputed since then counts as if it had not been there: nothing of it comes back.
    """
    if asked.since is None:
        return Before()
    signed = tables.checkpoints.c
    query = select(signed.size, signed.at).where(signed.at <= asked.since).order_by(signed.size.desc()).limit(1)
    row = connection.execute(query).first()
    if row is None:
        return Before(problem=TOO_EARLY)
    size, at = row
    changed = _changed(connection, size)
    if len(changed) > MOST:
        return Before(size=size, at=at, problem=TOO_MANY)
    now = cells_asked(connection, asked, markings, cells)
    then = [
        each
        for each in _versions(connection, changed, size, markings)
        if not asked.org or each.line.org in asked.org or each.line.role == JOINT
    ]
    keys = _touched(connection, changed, then, asked.scheme, markings)
    return Before(_overlaid(connection, asked, now, then, keys, frozenset(changed), markings), size, at)


def _changed(connection: Connection, size: int) -> list[int]:
    log = tables.log.c
    query = select(log.record).where(log.index >= size, log.record.is_not(None)).distinct().limit(MOST + 1)
    return sorted(connection.scalars(query))


class _Then(NamedTuple):
    """A line as it was, and its scheme, which lines of one scheme need not name."""

    scheme: str
    line: Line


def _versions(connection: Connection, numbers: Sequence[int], size: int, markings: Sequence[str]) -> list["_Then"]:
    """Give the lines of records as the log of `size` entries had them."""
    log, left_out, records, names = tables.log.c, tables.exclusions, tables.records.c, tables.organizations.c
    found: list[_Then] = []
    for place in range(0, len(numbers), _IN):
        part = numbers[place : place + _IN]
        last = (
            select(func.max(log.index))
            .outerjoin(left_out, left_out.c.index == log.index)
            .where(log.record.in_(part), log.index < size, left_out.c.index.is_(None))
            .group_by(log.record)
        )
        query = (
            select(log.record, log.kind, names.organization, records.id, tables.bodies.c.body)
            .join(tables.bodies, tables.bodies.c.index == log.index)
            .join(tables.records, records.record == log.record)
            .join(tables.organizations, names.org == records.org)
            .where(log.index.in_(last), log.marking.in_(markings), records.disputed.is_(False))
        )
        for number, kind, org, id_, body in connection.execute(query):
            record = orjson.loads(body).get("record")  # a withdrawal has none
            if isinstance(record, dict):
                found += [_Then(row.scheme, _line(number, org, id_, row)) for row in coverage(kind, record)]
    return found


def _line(number: int, org: str, id_: str, row: CoverRow) -> Line:
    return Line(
        number, org, id_, row.role, row.place, row.code, row.mode, row.starts, row.ends, row.joined or "",
        row.provider or "",
    )  # fmt: skip


def _touched(
    connection: Connection, numbers: Sequence[int], then: Sequence[_Then], scheme: str, markings: Sequence[str]
) -> set[CellKey]:
    """Give the cells of one scheme that these records touch or touched, with those of needs that they answer."""
    cover, answers = tables.coverage.c, kept.answers.c
    keys = {(each.line.place, each.line.code) for each in then if each.scheme == scheme and each.line.code}
    needs = {need for each in then for need in each.line.answered if each.line.role != NEED}
    joints = [each.line for each in then if each.line.role == JOINT]
    for place in range(0, len(numbers), _IN):
        part = numbers[place : place + _IN]
        query = select(cover.place, cover.code).where(cover.record.in_(part), cover.scheme == scheme)
        keys.update((place, code) for place, code in connection.execute(query.distinct()))
        needs.update(connection.scalars(select(answers.need).where(answers.record.in_(part))))
        joints += [line for _, line in lines_where(connection, cover.record.in_(part), cover.role == JOINT)]
    keys |= _cells_of_needs(connection, sorted(needs), scheme)
    table = kept.matrix_cells.c
    for joint in joints:
        both = [table.providers.contains(each, autoescape=True) for each in sorted(joint.providers)]
        mine = (table.audience == len(markings), table.scheme == scheme)
        keys.update(
            (place, code) for place, code in connection.execute(select(table.place, table.code).where(*mine, *both))
        )
    return keys


def _cells_of_needs(connection: Connection, needs: Sequence[str], scheme: str) -> set[CellKey]:
    records, cover = tables.records.c, tables.coverage.c
    found = set[CellKey]()
    for place in range(0, len(needs), _IN):
        # One that only shares its number with a need is looked at in vain.
        tags = [tag_of_address(*need.split("/")) for need in needs[place : place + _IN]]
        query = (
            select(cover.place, cover.code)
            .join(tables.records, records.record == cover.record)
            .where(cover.scheme == scheme, records.tag.in_(tags))
        )
        found.update((row[0], row[1]) for row in connection.execute(query))
    return found


def _overlaid(
    connection: Connection, asked: MatrixAsked, now: Cells, then: Sequence[_Then], keys: set[CellKey],
    changed: frozenset[int], markings: Sequence[str],
) -> Cells:  # fmt: skip
    """Put what the touched cells were in the place of what they are."""
    cover, records = tables.coverage.c, tables.records.c
    by_place: dict[str, list[str]] = defaultdict(list)
    for place, code in sorted(keys):
        by_place[place].append(code)
    seen: list[ColumnElement[bool]] = [records.marking.in_(markings)]
    if asked.org:
        names = tables.organizations.c
        seen.append(or_(names.organization.in_(asked.org), cover.role == JOINT))
    lines = [
        line
        for place, codes in by_place.items()
        for _, line in lines_where(
            connection, cover.scheme == asked.scheme, cover.place == place, cover.code.in_(codes), *seen
        )
        if line.record not in changed
    ]
    lines += [each.line for each in then if each.scheme == asked.scheme and (each.line.place, each.line.code) in keys]
    needs = sorted({f"need/{line.org}/{line.id}" for line in lines if line.role == NEED})
    lines += [line for _, line in answering_lines(connection, needs, *seen) if line.record not in changed]
    lines += [
        line
        for _, line in lines_where(connection, records.kind == "link", cover.role == JOINT, *seen)
        if line.record not in changed
    ]
    lines += [each.line for each in then if not each.scheme]
    were, regional = cells_of(lines), regional_of(lines)
    cells = {key: cell for key, cell in now.cells.items() if key not in keys}
    around = {key: each for key, each in now.regional.items() if key not in keys}
    for key in keys:
        if key in regional:
            around[key] = frozenset(regional[key])
        if key in were:
            cells[key] = judged(were[key])
    return Cells(cells, around)
