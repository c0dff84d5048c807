"""The mappings that are remembered: to download, to upload, and to forget."""

from urllib.parse import quote

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.responses import Response

from node.importing.rows import ImportFileError
from node.pages.asking import visitor_of
from node.pages.desk import Desk, Role, Visitor
from node.pages.forms import go_to
from node.pages.import_mapping import forget, read_mapping, remember, remembered_as
from node.pages.importing import MAX_FORM_FIELD
from node.refusal import Refusal
from node.store.drafts import TooMany
from schemas.sentences import gettext_noop as N_
from ui.pages import Pages
from ui.routes import Routes


def router(desk: Desk, _pages: Pages) -> Routes:
    """Give the addresses of the mappings."""
    routes = Routes(include_in_schema=False)

    @routes.get("/import/mappings/{name}.toml")
    def download(request: Request, name: str) -> Response:
        visitor_of(desk, request, Role.OFFICER)
        known = remembered_as(desk, name)
        headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(known.name)}.toml"}
        return Response(known.toml, headers=headers, media_type="application/toml")

    @routes.post("/import/mappings")
    async def take(request: Request) -> Response:
        visitor = visitor_of(desk, request, Role.OFFICER)
        async with request.form(max_files=1, max_fields=5, max_part_size=MAX_FORM_FIELD) as sent:
            file = sent.get("mapping")
            data = await file.read() if isinstance(file, UploadFile) else b""
        try:
            await run_in_threadpool(_take, desk, visitor, data)
        except (ImportFileError, TooMany) as error:
            raise Refusal("schema-invalid", str(error)) from None
        return go_to(request, "/import", said="remembered")

    @routes.post("/import/mappings/{name}")
    async def forgotten(request: Request, name: str) -> Response:
        visitor = visitor_of(desk, request, Role.OFFICER)
        await run_in_threadpool(forget, desk, visitor, name)
        return go_to(request, "/import", said="forgotten")

    return routes


def _take(desk: Desk, visitor: Visitor, data: bytes) -> None:
    try:
        mapping = read_mapping(data.decode("utf-8"))
    except UnicodeDecodeError:
        raise ImportFileError(N_("The mapping is not UTF-8.")) from None
    remember(desk, visitor, mapping, [])
