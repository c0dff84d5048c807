"""The API's mappings: how columns become fields, remembered by the name of their source; as in the import wizard."""

from http import HTTPStatus
from typing import Annotated

from fastapi import Path, Request
from starlette.responses import Response

from node.accounts.rules import Role
from node.api.answers import Body, Json, json_answer, read_as
from node.api.asker import asker_of, routes_by_token
from node.api.bodies import NewMapping
from node.api.description import answers, body_of
from node.importing.mapping import Mapping
from node.importing.mapping_text import document_of
from node.pages.desk import Desk
from node.pages.import_mapping import forget, read_mapping, remember, remembered_as, said
from node.refusal import Refusal
from node.store.batches import Remembered
from node.store.drafts import TooMany
from ui.routes import Routes

Name = Annotated[str, Path(max_length=64, pattern=r"^[^\x00-\x1f]*$", description="The name of its source.")]


def mapping_routes(desk: Desk) -> Routes:
    """Give the addresses."""
    routes = routes_by_token(desk.node, "import")

    @routes.get("/mappings", summary="The mappings that are remembered", responses=answers("MappingList"))
    def listed(request: Request) -> Response:
        asker_of(request, Role.OFFICER)
        return json_answer(
            {"items": [_form(each) for each in desk.node.batches.remembered()], "as_of": desk.now_text()}
        )

    @routes.post(
        "/mappings", summary="Remember a mapping, in the place of an older one of its source",
        responses=answers("Mapping", 400, 413, 422), openapi_extra=body_of("NewMapping"),
    )  # fmt: skip
    def take(request: Request, body: Body) -> Response:
        visitor, asked = asker_of(request, Role.OFFICER), read_as(NewMapping, body)
        try:
            mapping = Mapping.model_validate(asked.mapping)
            remember(desk, visitor, mapping, [])
        except TooMany as error:
            raise Refusal("too-large", str(error)) from None
        except ValueError as error:
            raise Refusal("schema-invalid", said(error)) from None
        return json_answer(_form(remembered_as(desk, mapping.source)))

    @routes.get("/mappings/{name}", summary="One mapping", responses=answers("Mapping", 400, 404))
    def one(request: Request, name: Name) -> Response:
        asker_of(request, Role.OFFICER)
        return json_answer(_form(remembered_as(desk, name)))

    @routes.delete(
        "/mappings/{name}", status_code=204, summary="Forget a mapping; records that it brought stay",
        responses=answers(None, 400, 404, status=204),
    )  # fmt: skip
    def forgotten(request: Request, name: Name) -> Response:
        visitor = asker_of(request, Role.OFFICER)
        forget(desk, visitor, name)
        return Response(None, HTTPStatus.NO_CONTENT)

    return routes


def _form(known: Remembered) -> Json:
    return {
        "name": known.name, "columns": known.columns, "saved": known.saved, "saved_by": known.saved_by,
        "mapping": document_of(read_mapping(known.toml)),
    }  # fmt: skip
