"""Erasures over HTTP: what was ordered, and who has destroyed it; hashes and addresses only."""

from typing import Annotated

from fastapi import Depends, Query, Request
from starlette.responses import Response

from hub.access import Role
from hub.erasures import ErasuresAsked, list_erasures
from hub.reading import Reading
from ui.routes import Routes


def router(hub: Reading) -> Routes:
    """Give this address."""
    routes = Routes(prefix="/api/v1/erasures", tags=["records"])

    @routes.get("", summary="Orders to erase, who has confirmed, and who has not")
    def erasures(
        request: Request, asked: Annotated[ErasuresAsked, Query()], role: Annotated[Role, Depends(hub.role)]
    ) -> Response:
        hub.check_cursor(asked.after)
        with hub.connect() as connection:
            found = list_erasures(connection, asked, all_missing=role is not Role.PUBLIC)
        return hub.listed(request, found)

    return routes
