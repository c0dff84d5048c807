"""The import wizard: upload, map, check, see the difference, publish as one batch; and what of it is under way."""

from collections.abc import Callable
from contextlib import nullcontext
from datetime import timedelta
from functools import partial
from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.responses import Response

from node.batch_import import Publishing, clean_up, examine
from node.forms import now_text
from node.importing.headers import delimiter_of
from node.importing.own_files import recognise
from node.importing.report import counts
from node.importing.rows import ImportFileError
from node.importing.uploads import MAX_ROWS, MAX_UPLOAD, format_of, shown_name
from node.node import Node
from node.pages.asking import visitor_of
from node.pages.bulk import may_approve
from node.pages.desk import Desk, Role, Visitor
from node.pages.forms import form, go_to
from node.refusal import Refusal
from node.store.batches import CHECKED, DONE, IMPORT, MAPPING, PUBLISHING, REVIEW, Batch
from node.store.drafts import Changed, TooMany
from schemas.records import KINDS
from ui.languages import gettext_noop as N_
from ui.pages import Pages

KEPT: Final = timedelta(days=1)
KEPT_FOR_REVIEW: Final = timedelta(days=7)
SHOWN: Final = 100
MAX_FORM_FIELD: Final = 10_000
OUTCOME_WORDS: Final = {
    "published": N_("published"), "revised": N_("revised"), "withdrawn": N_("withdrawn"), "local": N_("kept here only"),
    "waiting": N_("waits for the join"), "unchanged": N_("unchanged"), "dropped": N_("deleted here"),
}  # fmt: skip


def router(desk: Desk, pages: Pages) -> APIRouter:
    """Give the addresses of the wizard."""
    routes = APIRouter(include_in_schema=False)
    node, publishing = desk.node, Publishing(desk.node, desk.edited)

    def first_page(request: Request, visitor: Visitor, problem: str = "") -> Response:
        clean_up(node, now_text(desk.now()))
        mine = [each for each in node.batches.of(visitor.number) if each.sort == IMPORT]
        return pages.render(
            request, "import.html", 422 if problem else 200, mine=mine, kinds=list(KINDS),
            remembered=node.batches.remembered(), problems=[{"field": "file", "message": problem}] if problem else [],
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
                number = await run_in_threadpool(_take_in, desk, visitor, sent.get("file"))
            except (ImportFileError, TooMany) as error:
                return await run_in_threadpool(first_page, request, visitor, str(error))
        name = shown_name(getattr(sent.get("file"), "filename", None))
        desk.acts.note(visitor, "file.uploaded", f"import {number}", name)
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
    async def do(request: Request, number: int) -> Response:
        visitor = visitor_of(desk, request, Role.OFFICER, Role.REVIEWER)
        given = await form(request)
        where = await run_in_threadpool(_do, desk, publishing, visitor, number, given)
        return go_to(request, where)

    return routes


def batch_of(node: Node, visitor: Visitor, number: int) -> Batch:
    """Give an upload; Refusal `not-found` if it is none of this person's, and does not wait for the person either."""
    batch = node.batches.one(number)
    if (
        batch is None or batch.sort != IMPORT
        or not (batch.owner == visitor.number or (batch.state == REVIEW and visitor.may(Role.REVIEWER)))
    ):  # fmt: skip
        raise Refusal("not-found", "There is no such upload. Uploads are deleted after a day, and when they are done.")
    return batch


def _take_in(desk: Desk, visitor: Visitor, file: UploadFile | str | None) -> int:
    """Keep a file if it is safe, and tell what it is; gives its number."""
    if not isinstance(file, UploadFile) or not file.filename:
        raise ImportFileError("Choose a file.")
    node, now, name = desk.node, desk.now(), shown_name(file.filename)
    clean_up(node, now_text(now))
    times = (now_text(now), now_text(now + KEPT))
    number = node.batches.begin(IMPORT, (visitor.number, visitor.name), MAPPING, {"name": name}, times)
    try:
        path = node.uploads.keep(number, file.file)
        work: dict[str, Any] = {"name": name, "format": format_of(path, name)}
        if work["format"] == "csv":
            work["delimiter"] = delimiter_of(path)
        own = recognise(path, work["format"])
        batch = batch_of(node, visitor, number)
        if own is not None:
            work["own"] = list(own)
        batch = node.batches.change(batch, work=work)
        if own is not None:
            check(desk, batch)
    except BaseException as error:
        node.uploads.delete(number)
        node.batches.end(number)
        if isinstance(error, ImportFileError):
            # Paths and inner names are ours: the person knows the file by its own name.
            raise ImportFileError(str(error).replace("file: ", f"{name}: ", 1)) from None
        raise
    return number


def check(desk: Desk, batch: Batch) -> Batch:
    """Compare the file with what stands, and keep what was found; ImportFileError if it cannot be read."""
    examined = examine(desk.node, batch)
    desk.node.uploads.note(batch.number, examined.report())
    number = counts(examined.found)
    total = number["new"] + number["changed"] + number["gone"]
    return desk.node.batches.change(
        batch, state=CHECKED, digest=examined.digest(), done=0, total=total, outcome=None, note=None
    )  # fmt: skip


def _do(desk: Desk, publishing: Publishing, visitor: Visitor, number: int, given: dict[str, str]) -> str:
    """Do what a button says; gives where to go then."""
    node = desk.node
    batch, act = batch_of(node, visitor, number), given.get("do", "")
    here, owns = f"/import/{number}", batch.owner == visitor.number and visitor.may(Role.OFFICER)
    if act in {"approve", "back"}:
        return _review(desk, publishing, visitor, batch, given)
    if not owns:
        raise Refusal("not-allowed", "This is for the person who uploaded the file.")
    steps: dict[str, Callable[[], str | None]] = {
        "delete": partial(_delete, node, publishing, batch),
        "check": partial(_check_again, desk, batch),
        "publish": partial(_publish, desk, publishing, batch),
        "resume": partial(_resume, publishing, batch),
    }
    step = steps.get(act)
    if step is None:
        raise Refusal("schema-invalid", "The page asks for something that there is not. Open it again.")
    noted = partial(desk.acts.noting, visitor, f"import.{act}", f"import {number}", str(batch.work["name"]))
    with nullcontext() if act == "check" else noted():
        try:
            return step() or here
        except (ImportFileError, Changed) as error:
            raise Refusal("changed-meanwhile", str(error)) from None


def _delete(node: Node, publishing: Publishing, batch: Batch) -> str:
    if publishing.is_running(batch.number):
        raise Refusal("changed-meanwhile", "It is being published now, and cannot be deleted before that ends.")
    node.uploads.delete(batch.number)
    node.batches.end(batch.number)
    return "/import"


def _check_again(desk: Desk, batch: Batch) -> None:
    if batch.state in {CHECKED, REVIEW}:
        check(desk, batch)


def _publish(desk: Desk, publishing: Publishing, batch: Batch) -> None:
    if batch.state != CHECKED or not batch.total:
        raise Refusal("changed-meanwhile", "There is nothing to publish, or it is under way already.")
    if desk.node.settings.four_eyes:
        desk.node.batches.change(batch, state=REVIEW, expires=now_text(desk.now() + KEPT_FOR_REVIEW))
    else:
        publishing.start(desk.node.batches.change(batch, state=PUBLISHING, outcome=None), batch.digest)


def _resume(publishing: Publishing, batch: Batch) -> None:
    if batch.state == PUBLISHING:
        publishing.start(batch, None)


def _review(desk: Desk, publishing: Publishing, visitor: Visitor, batch: Batch, given: dict[str, str]) -> str:
    if not may_approve(visitor, batch) or batch.state != REVIEW:
        raise Refusal("not-allowed", "This is for a reviewer who is another person than the one who uploaded the file.")
    approves, said = given["do"] == "approve", f"import {batch.number} of {batch.owner_name}"
    desk.acts.note(visitor, "import.approved" if approves else "import.returned", said, str(batch.work["name"]))
    try:
        if approves:
            publishing.start(desk.node.batches.change(batch, state=PUBLISHING, outcome=None), given.get("digest", ""))
        else:
            desk.node.batches.change(batch, state=CHECKED, note=given.get("note", "")[:1000])
    except Changed as error:
        raise Refusal("changed-meanwhile", str(error)) from None
    return "/batches"


__all__ = ["DONE", "batch_of", "check", "router"]
