"""The matrix over HTTP."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from hub.access import Role
from hub.matrix_since import before
from hub.matrix_table import MatrixAsked, matrix
from hub.problem_details import Refusal
from hub.reading import Reading, as_json, visible


def router(hub: Reading) -> APIRouter:
    """Give this address."""
    routes = APIRouter(prefix="/api/v1", tags=["matrix"])

    @routes.get("/matrix", summary="Needs and help by State and theme: gaps and possible duplication")
    def table(asked: Annotated[MatrixAsked, Query()], role: Annotated[Role, Depends(hub.role)]) -> Response:
        names = {name: member.name for name, member in hub.registry().members.items()}
        hub.ready_for_matrix(asked.scheme, asked.places, asked.codes)
        with hub.connect() as connection:
            earlier = before(connection, asked, visible(role), hub.cells)
            if earlier.problem:
                raise Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "no-comparison", earlier.problem)
            found = matrix(connection, asked, visible(role), names, hub.cells, earlier.cells)
        if asked.since is not None:
            found["since"] = {"size": earlier.size, "at": earlier.at}
        return as_json({**found, "as_of": hub.as_of()})

    return routes
