"""The API's search in own records, by words and facets as in the grid, and files of what is found; empty workbooks."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Final

from fastapi import Query, Request
from starlette.datastructures import QueryParams
from starlette.exceptions import HTTPException
from starlette.responses import Response

from node.api.answers import Json, json_answer, known_parameters
from node.api.asker import asker_of, routes_by_token
from node.api.description import answers, file_answers
from node.api.records import Kind
from node.pages.desk import Desk, Visitor
from node.pages.downloads import XLSX, csv_file, template_file, workbook_file
from node.pages.grid_asked import MAX_WORDS, read_asked
from node.store.grid import FRESHNESS, PROGRESS, SORTS, STATES, Asked, freshness_of
from node.store.grid_cursor import BadCursor
from node.workbooks import MAX_RECORDS
from schemas.codelists import THEME_SCHEMES, countries, labels, regions
from schemas.records import KINDS
from schemas.release import MARKINGS
from schemas.whole import DIGITS
from ui.pages import Pages
from ui.routes import Routes

MAX_LIMIT: Final = 500
_MEMBERS: Final = ("kind", "id", "marking", "state", "changed", "title", "due", "progress")
_FACETS: Final = ("q", "kind", "state", "marking", "fresh", "progress", "theme", "place", "sort", "after")
_THEMES: Final = [f"{scheme}:{code}" for scheme in THEME_SCHEMES for code in labels(scheme)]
_PLACES: Final = [*countries(), *regions()]


_LISTS: Final[Mapping[str, Sequence[str]]] = {
    "kind": list(KINDS), "state": STATES, "marking": MARKINGS, "fresh": FRESHNESS, "progress": PROGRESS,
}  # fmt: skip
_CHOICES: Final[Mapping[str, Sequence[str]]] = {"theme": _THEMES, "place": _PLACES, "sort": SORTS}
_TEXTS: Final = {"q": MAX_WORDS, "after": 600}  # longest


def _parameters(*besides: str) -> Json:
    """Describe what is asked, all but these: it is read from the address, by the function that reads the grid's."""
    words: list[Json] = [_parameter(name, {"type": "string", "maxLength": most}) for name, most in _TEXTS.items()]
    words += [_parameter(name, {"enum": list(values)}) for name, values in _CHOICES.items()]
    for name, values in _LISTS.items():
        words.append(_parameter(name, {"type": "array", "items": {"enum": list(values)}}))
    return {"parameters": [each for each in words if each["name"] not in besides]}


def _of_one_kind() -> Json:
    kind = {**_parameter("kind", {"enum": list(KINDS)}), "required": True}
    return {"parameters": [kind, *_parameters("kind", "after")["parameters"]]}


def _parameter(name: str, schema: Json) -> Json:
    return {"name": name, "in": "query", "required": False, "schema": schema}


def search_routes(desk: Desk, pages: Pages) -> Routes:
    """Give the addresses."""
    routes = routes_by_token(desk.node, "records")
    _search(routes, desk)
    _files(routes, desk, pages)
    return routes


def _search(routes: Routes, desk: Desk) -> None:
    @routes.get(
        "/search", summary="Own records by words and facets, sorted, a page at a time",
        responses=answers("Lines", 400), openapi_extra=_parameters(),
    )  # fmt: skip
    def search(request: Request, limit: Annotated[int, Query(ge=1, le=MAX_LIMIT), DIGITS] = 50) -> Response:
        asker_of(request)
        asked, today = read_question(request.query_params, "limit"), desk.now().date()
        try:
            found = desk.node.grid.page(asked, today, limit)
        except BadCursor:
            raise HTTPException(400, "after is no `next` of a page.") from None
        items = [
            {**{name: getattr(each, name) for name in _MEMBERS}, "freshness": freshness_of(each, today)}
            for each in found.items
        ]
        return json_answer({
            "items": items, "next": found.next, "total": found.total, "counts": found.counts,
            "counts_at_least": found.at_least, "as_of": desk.now_text(),
        })  # fmt: skip


def _files(routes: Routes, desk: Desk, pages: Pages) -> None:
    def filed(name: str, media_type: str, give: Callable[[Request, Visitor], Response]) -> None:
        @routes.get(
            f"/files/records.{name}",
            summary=f"The records of one kind that are found, as {name}; at most {MAX_RECORDS:,}",
            responses=file_answers(media_type, 400, 413), name=f"records as {name}",
            openapi_extra=_of_one_kind(),
        )  # fmt: skip
        def found(request: Request) -> Response:
            visitor = asker_of(request)
            read_question(request.query_params)
            return give(request, visitor)

    filed("csv", "text/csv", lambda request, visitor: csv_file(desk, request, visitor))
    filed("xlsx", XLSX, lambda request, visitor: workbook_file(desk, pages, request, visitor))

    @routes.get(
        "/files/template/{kind}.xlsx", summary="An empty workbook of a kind, with drop-downs, to fill in and import",
        responses=file_answers(XLSX, 404),
    )  # fmt: skip
    def template(request: Request, kind: Kind) -> Response:
        asker_of(request)
        return template_file(pages, request, kind)


def read_question(given: QueryParams, *beside: str) -> Asked:
    """Read what is asked; an error with status 400 for what cannot be meant: it would be answered with too much."""
    known_parameters(given, *_FACETS, *beside, several=set(_FACETS) - {*_TEXTS, *_CHOICES})
    asked, problems = read_asked(given)
    if problems or any(not value for name, value in given.multi_items() if name not in _TEXTS):
        raise HTTPException(400, "There is no such kind, state, marking, theme, place or order; see /openapi.json.")
    return asked
