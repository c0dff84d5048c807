"""The matrix over HTTP: as JSON, as CSV and as a workbook."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Depends, Query, Request
from starlette.responses import Response

from hub.access import Role
from hub.exports import csv_file, xlsx_file
from hub.exports.matrix_file import matrix_csv, matrix_xlsx
from hub.exports.wording import language_of, sentences_of
from hub.matrix_since import before
from hub.matrix_table import MatrixAsked, matrix
from hub.outside import place_of
from hub.problem_details import Refusal
from hub.reading import PRIVATE, Reading, as_json, visible
from schemas.sentences import gettext_noop as N_
from ui.routes import Routes


def router(hub: Reading) -> Routes:
    """Give these addresses."""
    routes = Routes(prefix="/api/v1", tags=["matrix"])

    @routes.get("/matrix", summary="Needs and help by State and theme: gaps and possible duplication")
    def table(asked: Annotated[MatrixAsked, Query()], role: Annotated[Role, Depends(hub.role)]) -> Response:
        return as_json({**_answer(hub, asked, role), "as_of": hub.as_of()})

    @routes.get("/matrix.csv", summary="The matrix as CSV, a cell to a line", **_file("text/csv"))
    def csv(asked: Annotated[MatrixAsked, Query()], role: Annotated[Role, Depends(hub.role)]) -> Response:
        body = matrix_csv(_answer(hub, asked, role))
        return Response(body, media_type=csv_file.MEDIA_TYPE, headers=_named(hub, ".csv"))

    @routes.get("/matrix.xlsx", summary="The matrix as an Excel workbook", **_file(xlsx_file.MEDIA_TYPE))
    def xlsx(
        request: Request, asked: Annotated[MatrixAsked, Query()], role: Annotated[Role, Depends(hub.role)]
    ) -> Response:
        language = language_of(request)
        words = sentences_of(language)
        about = [
            (words.plain(N_("Network")), hub.network),
            (words.plain(N_("As of")), f"{hub.as_of()} (UTC)"),
            (words.plain(N_("Address")), str(place_of(request, hub.address).url)),
        ]
        body = matrix_xlsx(_answer(hub, asked, role), about, rtl=language == "ar")
        headers = {**_named(hub, ".xlsx"), "Vary": f"{PRIVATE['Vary']}, Accept-Language"}
        return Response(body, media_type=xlsx_file.MEDIA_TYPE, headers=headers)

    return routes


def _answer(hub: Reading, asked: MatrixAsked, role: Role) -> dict[str, Any]:
    names = {name: member.name for name, member in hub.registry().members.items()}
    hub.ready_for_matrix(asked.scheme, asked.places, asked.codes)
    with hub.connect() as connection:
        earlier = before(connection, asked, visible(role), hub.cells)
        if earlier.problem:
            raise Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "no-comparison", earlier.problem)
        found = matrix(connection, asked, visible(role), names, hub.cells, earlier.cells)
    if asked.since is not None:
        found["since"] = {"size": earlier.size, "at": earlier.at}
    return found


def _named(hub: Reading, suffix: str) -> dict[str, str]:
    name = f"{hub.network}-matrix-{hub.as_of()[:10]}{suffix}"
    return {**PRIVATE, "Content-Disposition": f'attachment; filename="{name}"'}


def _file(media: str) -> Any:
    """Describe an answer that is not JSON."""
    found = {HTTPStatus.OK.value: {"content": {media: {"schema": {"type": "string"}}}, "description": "The file."}}
    return {"response_class": Response, "responses": found}
