"""The matrix over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from hub.access import Role
from hub.matrix_table import MatrixAsked, matrix
from hub.reading import Reading, as_json, visible


def router(hub: Reading) -> APIRouter:
    """Give this address."""
    routes = APIRouter(prefix="/api/v1", tags=["matrix"])

    @routes.get("/matrix", summary="Needs and help by State and theme: gaps and possible duplication")
    def table(asked: Annotated[MatrixAsked, Query()], role: Annotated[Role, Depends(hub.role)]) -> Response:
        names = {name: member.name for name, member in hub.registry().members.items()}
        hub.ready_for_matrix(asked.scheme, asked.places, asked.codes)
        with hub.connect() as connection:
            found = matrix(connection, asked, visible(role), names)
        return as_json({**found, "as_of": hub.as_of()})

    return routes
