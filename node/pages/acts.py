"""The trail, for administrators: who did what, when, and what became of it; as a page and as CSV."""

import csv
import io
from typing import Annotated, Any, Final

from fastapi import Query, Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.responses import Response

from node.accounts.acts import DONE, REFUSED, Act
from node.exporting import safe_cell
from node.pages.asking import visitor_of
from node.pages.desk import Desk, Role, Visitor
from schemas.problems import problem_from
from ui.languages import gettext_noop as N_
from ui.pages import Pages
from ui.routes import Routes

SHOWN: Final = 100
MAX_ROWS: Final = 100_000
_TEXT: Final = r"^[^\x00]*$"
OUTCOMES: Final = {DONE: N_("done"), REFUSED: N_("refused")}


class Asked(BaseModel):
    """What the trail is asked for; empty asks for everything."""

    model_config = ConfigDict(extra="forbid")

    who: Annotated[str, Field(max_length=200, pattern=_TEXT)] = ""
    act: Annotated[str, Field(max_length=40, pattern=_TEXT)] = ""
    subject: Annotated[str, Field(max_length=200, pattern=_TEXT)] = ""
    outcome: Annotated[str, Field(pattern="^(done|refused|)$")] = ""
    after: Annotated[int | None, Query(ge=0, le=2**53)] = None


def router(desk: Desk, pages: Pages) -> Routes:
    """Give these addresses."""
    routes = Routes(include_in_schema=False)

    @routes.get("/acts")
    def acts(request: Request) -> Response:
        visitor_of(desk, request, Role.ADMINISTRATOR)
        asked, problems = _ask(request)
        listed = found(desk, asked, SHOWN + 1)
        following = listed[SHOWN - 1].number if len(listed) > SHOWN else None
        said = [{**each, "message": pages.said(request, each["message"])} for each in problems]
        return pages.render(
            request, "acts.html", 422 if problems else 200, {"Cache-Control": "no-store"}, acts=listed[:SHOWN],
            next=following, asked=asked, outcomes=OUTCOMES, problems=said,
        )  # fmt: skip

    @routes.get("/acts.csv")
    def as_csv(request: Request) -> Response:
        visitor = visitor_of(desk, request, Role.ADMINISTRATOR)
        asked, _ = _ask(request)
        return csv_file(desk, visitor, asked)

    return routes


def _ask(request: Request) -> tuple[Asked, list[dict[str, str]]]:
    given = {name: value.strip() for name, value in request.query_params.items() if value.strip()}
    try:
        return Asked.model_validate(given), []
    except ValidationError as error:
        found = [problem_from(each) for each in error.errors()]
        return Asked(), [{"field": each.pointer.strip("/"), "message": each.message} for each in found]


def found(desk: Desk, asked: Asked, limit: int) -> list[Act]:
    """Give the acts that are asked for, the newest first."""
    return desk.acts.listed(
        who=asked.who, act=asked.act, subject=asked.subject, outcome=asked.outcome, before=asked.after, limit=limit
    )


def csv_file(desk: Desk, visitor: Visitor, asked: Asked) -> Response:
    """Give the acts that are asked for as csv; that is noted, too."""
    listed = found(desk, asked, MAX_ROWS)
    desk.acts.note(visitor, "acts.exported", detail=f"{len(listed)} rows")
    headers = {"Content-Disposition": 'attachment; filename="acts.csv"', "Cache-Control": "no-store"}
    return Response(_csv(listed), headers=headers, media_type="text/csv; charset=utf-8")


def _csv(found: list[Act]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(Act._fields)
    rows: list[list[Any]] = [[safe_cell(value) for value in each] for each in found]
    writer.writerows(rows)
    return ("\ufeff" + text.getvalue()).encode()
