"""The import wizard: upload, map, check, see the difference, publish as one batch; and what of it is under way."""

from typing import Final

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.responses import Response

from node.batch_import import clean_up
from node.forms import now_text
from node.importing.rows import ImportFileError
from node.importing.uploads import MAX_ROWS, MAX_UPLOAD
from node.pages.asking import visitor_of
from node.pages.bulk import may_approve
from node.pages.desk import Desk, Role, Visitor
from node.pages.forms import form, go_to
from node.pages.import_steps import batch_of, do, take_in
from node.store.batches import IMPORT, MAPPING
from node.store.drafts import TooMany
from schemas.records import KINDS
from ui.languages import gettext_noop as N_
from ui.pages import Pages
from ui.routes import Routes

SHOWN: Final = 100
MAX_FORM_FIELD: Final = 10_000
OUTCOME_WORDS: Final = {
    "published": N_("published"), "revised": N_("revised"), "withdrawn": N_("withdrawn"), "local": N_("kept here only"),
    "waiting": N_("waits for the join"), "unchanged": N_("unchanged"), "dropped": N_("deleted here"),
}  # fmt: skip


def router(desk: Desk, pages: Pages) -> Routes:
    """Give the addresses of the wizard."""
    routes = Routes(include_in_schema=False)
    node, publishing = desk.node, desk.publishing

    def first_page(request: Request, visitor: Visitor, problem: str = "") -> Response:
        clean_up(node, now_text(desk.now()))
        mine = [each for each in node.batches.of(visitor.number) if each.sort == IMPORT]
        return pages.render(
            request, "import.html", 422 if problem else 200, mine=mine, kinds=list(KINDS),
            remembered=node.batches.remembered(),
            problems=[{"field": "file", "message": pages.said(request, problem)}] if problem else [],
            megabytes=MAX_UPLOAD // 1_000_000, max_rows=MAX_ROWS, said=request.query_params.get("said", ""),
        )  # fmt: skip

    @routes.get("/import")
    def begin(request: Request) -> Response:
        return first_page(request, visitor_of(desk, request, Role.OFFICER))

    @routes.post("/import")
    async def upload(request: Request) -> Response:
        visitor = visitor_of(desk, request, Role.OFFICER)
        async with request.form(max_files=1, max_fields=5, max_part_size=MAX_FORM_FIELD) as sent:
            try:
                number = await run_in_threadpool(_taken_in, desk, visitor, sent.get("file"))
            except (ImportFileError, TooMany) as error:
                return await run_in_threadpool(first_page, request, visitor, str(error))
        return go_to(request, f"/import/{number}")

    @routes.get("/import/{number:int}")
    def one(request: Request, number: int) -> Response:
        visitor = visitor_of(desk, request, Role.OFFICER, Role.REVIEWER)
        ran = publishing.is_running(number)
        batch = batch_of(node, visitor, number)
        if batch.state == MAPPING:
            return go_to(request, f"/import/{number}/map")
        report = node.uploads.report(number) or {}
        return pages.render(
            request, "import_checked.html", batch=batch, report=report, counts=report.get("counts", {}), shown=SHOWN,
            mine=batch.owner == visitor.number, may_approve=may_approve(visitor, batch),
            four_eyes=node.settings.four_eyes, outcome_words=OUTCOME_WORDS,
            running=ran or publishing.is_running(number),
        )  # fmt: skip

    @routes.post("/import/{number:int}")
    async def doing(request: Request, number: int) -> Response:
        visitor = visitor_of(desk, request, Role.OFFICER, Role.REVIEWER)
        given = await form(request)
        where = await run_in_threadpool(lambda: do(desk, visitor, batch_of(node, visitor, number), given))
        return go_to(request, where)

    return routes


def _taken_in(desk: Desk, visitor: Visitor, file: UploadFile | str | None) -> int:
    if not isinstance(file, UploadFile) or not file.filename:
        raise ImportFileError(N_("Choose a file."))
    return take_in(desk, visitor, file.filename, file.file)
