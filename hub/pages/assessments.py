"""The page of assessments: the list, and the chosen ones side by side, each framework with its own scale."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from fastapi import Request
from starlette.responses import Response

from hub.filters import Page
from hub.pages.asking import ask
from hub.pages.listing import read_records
from hub.queries import list_records
from hub.reading import Reading, visible
from schemas.codelists import RatingScale, scale_for
from ui.pages import Pages
from ui.routes import Routes

DAYS = ("published_date", "adopted_date", "period_end", "onsite_date")
MAX_BESIDE = 6  # more columns nobody can read


class Line(NamedTuple):
    """One criterion and the rating (or None) in each assessment; never on another scale than the table's."""

    scheme: str
    code: str
    ratings: list[dict[str, Any] | None]


class Beside(NamedTuple):
    """Assessments of one framework on one scale, side by side. `scale` is None where scores are free text."""

    framework: str
    scale: RatingScale | None
    assessments: list[dict[str, Any]]
    lines: list[Line]


def router(hub: Reading, pages: Pages) -> Routes:
    """Give the page's address; with places chosen it compares."""
    routes = Routes(include_in_schema=False)

    @routes.get("/assessments")
    def assessments(request: Request) -> Response:
        role = hub.role(request)
        asked, said = ask(request, Page, kind=["assessment"])
        hub.ready_for(asked)
        beside: list[Beside] = []
        left_out = 0
        with hub.connect() as connection:
            found = list_records(connection, asked, visible(role), hub.now().date())
            if asked.place and not said.problems:
                chosen = read_records(
                    hub, connection, role, kind=["assessment"], place=asked.place, org=asked.org
                ).items
                beside, left_out = side_by_side(chosen)
        return pages.render(
            request, "assessments.html", said.status,
            found=found, asked=asked, problems=said.problems, beside=beside, left_out=left_out, as_of=hub.as_of(),
        )  # fmt: skip

    return routes


def side_by_side(items: Iterable[dict[str, Any]]) -> tuple[list[Beside], int]:
    """Sort assessments into tables of one framework and scale; gives how many found no room."""
    by_scale: dict[tuple[str, str], list[dict[str, Any]]] = {}
    left_out: set[int] = set()
    for item in sorted(items, key=lambda each: _when(each["record"]), reverse=True):
        framework = item["record"]["framework"]
        for name in sorted({_scale_name(framework, rating) for rating in item["record"]["ratings"]}):
            columns = by_scale.setdefault((framework, name), [])
            if len(columns) < MAX_BESIDE:
                columns.append(item)
            else:
                left_out.add(item["index"])
    return [_beside(framework, name, columns) for (framework, name), columns in sorted(by_scale.items())], len(left_out)


def _beside(framework: str, name: str, columns: list[dict[str, Any]]) -> Beside:
    tables: list[dict[tuple[str, str], dict[str, Any]]] = [
        {
            (rating["criterion"]["scheme"], rating["criterion"]["code"]): rating
            for rating in item["record"]["ratings"]
            if _scale_name(framework, rating) == name
        }
        for item in columns
    ]
    criteria = sorted({key for table in tables for key in table}, key=lambda key: (key[0], _natural(key[1])))
    lines = [Line(scheme, code, [table.get((scheme, code)) for table in tables]) for scheme, code in criteria]
    scale = scale_for(framework, *criteria[0]) if name else None
    return Beside(framework, scale, columns, lines)


def _scale_name(framework: str, rating: dict[str, Any]) -> str:
    scale = scale_for(framework, rating["criterion"]["scheme"], rating["criterion"]["code"])
    return scale.name if scale is not None else ""


def _when(record: dict[str, Any]) -> str:
    return max(str(record.get(name, "")) for name in DAYS)


def _natural(code: str) -> list[tuple[int, str]]:
    parts = "".join(c if c.isalnum() else " " for c in code).split()
    return [(int(part), "") if part.isdigit() else (0, part) for part in parts]
