"""Bulk acts: what was chosen in the grid is shown with what would become of it, and done with one button."""

from collections.abc import Sequence
from datetime import timedelta
from http import HTTPStatus
from typing import Final

from fastapi import Request
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import QueryParams
from starlette.responses import Response

from node.bulk import ACTS, CONFIRM, MAX_CHOSEN, WITHDRAW, Plan, Work, carry_out, pairs, plan, work_of
from node.edit import MAX_REASON
from node.forms import now_text
from node.pages.asking import visitor_of
from node.pages.desk import Desk, Role, Visitor
from node.pages.forms import fields, go_to
from node.pages.grid_asked import read_asked
from node.refusal import Refusal
from node.store.batches import BULK, REVIEW, Batch, end_batch
from node.store.drafts import Changed, TooMany
from node.store.note import Note
from schemas.codelists import THEME_SCHEMES, labels
from schemas.release import MARKINGS
from ui.languages import gettext_noop as N_
from ui.pages import Pages
from ui.routes import Routes

MAX_BYTES: Final = 200_000
MAX_FIELDS: Final = MAX_CHOSEN + 50
REVIEW_TIME: Final = timedelta(days=30)
ACT_WORDS: Final = {
    "confirm": N_("Confirm: still valid"),
    "withdraw": N_("Withdraw"),
    "marking": N_("Change the marking"),
    "review_due": N_("Set the day of the next review"),
    "add_theme": N_("Add a theme"),
    "remove_theme": N_("Remove a theme"),
}
Sent = list[tuple[str, str]]


def router(desk: Desk, pages: Pages) -> Routes:
    """Give the addresses of bulk acts and of those that wait for a second person."""
    routes = Routes(include_in_schema=False)
    node, acts = desk.node, _Acts(desk, pages)

    @routes.post("/records/bulk")
    async def chosen(request: Request) -> Response:
        visitor_of(desk, request, Role.OFFICER)
        return await run_in_threadpool(acts.ask, request, await fields(request, MAX_BYTES, MAX_FIELDS))

    @routes.post("/records/bulk/do")
    async def do(request: Request) -> Response:
        visitor = visitor_of(desk, request, Role.OFFICER)
        return await run_in_threadpool(acts.do, request, await fields(request, MAX_BYTES, MAX_FIELDS), visitor)

    @routes.get("/batches")
    def listed(request: Request) -> Response:
        visitor = visitor_of(desk, request)
        mine = [each for each in node.batches.of(visitor.number) if each.state == REVIEW]
        review = node.batches.to_review(visitor.number) if visitor.may(Role.REVIEWER) else []
        return pages.render(
            request, "batches.html", mine=mine, review=review, act_words=ACT_WORDS, as_of=now_text(desk.now()),
            said=request.query_params.get("said", ""),
        )  # fmt: skip

    @routes.get("/batches/{number}")
    def one(request: Request, number: int) -> Response:
        visitor = visitor_of(desk, request)
        batch = waiting(desk, visitor, number)
        work = work_of(batch.work)
        return acts.show(request, work, plan(node, work), batch=batch, may_approve=may_approve(visitor, batch))

    @routes.post("/batches/{number}")
    async def deciding(request: Request, number: int) -> Response:
        visitor = visitor_of(desk, request, Role.OFFICER, Role.REVIEWER)
        given = dict(await fields(request))
        batch = await run_in_threadpool(waiting, desk, visitor, number)
        approves = given.get("do") == "approve"
        await run_in_threadpool(decide, desk, visitor, batch, given.get("digest", "") if approves else None)
        return go_to(request, "/batches", said="approved" if approves else "deleted")

    return routes


class _Acts:
    """What an officer asks for, shown and done."""

    def __init__(self, desk: Desk, pages: Pages) -> None:
        self._desk = desk
        self._pages = pages

    def show(
        self, request: Request, work: Work, planned: Plan, problems: Sequence[str] = (), batch: Batch | None = None,
        *, may_approve: bool = False, asks: bool = False,
    ) -> Response:  # fmt: skip
        """Show what would be done; `asks`: the value of the act is not given yet."""
        said = [{"field": "", "message": self._pages.gettext(request, each)} for each in problems]
        return self._pages.render(
            request, "bulk.html", HTTPStatus.UNPROCESSABLE_ENTITY if problems else HTTPStatus.OK,
            work=work, plan=planned, problems=said, batch=batch, act_words=ACT_WORDS, markings=MARKINGS,
            max_reason=MAX_REASON, may_approve=may_approve, asks=asks, four_eyes=waits(self._desk, work),
            themes={f"{scheme}:{code}": words for scheme in THEME_SCHEMES for code, words in labels(scheme).items()},
        )  # fmt: skip

    def ask(self, request: Request, sent: Sent, problems: Sequence[str] = ()) -> Response:
        """Show the records, and ask for the value of the act; to confirm needs none."""
        work = _work(self._desk, sent)
        if not work.addresses:
            raise Refusal("schema-invalid", N_("No record was chosen. Go back, and tick the boxes of some."))
        listed = plan(self._desk.node, work._replace(act=WITHDRAW) if work.act != CONFIRM else work)
        return self.show(request, work, listed, problems, asks=work.act != CONFIRM)

    def do(self, request: Request, sent: Sent, visitor: Visitor) -> Response:
        """Do what was shown; what was not shown in just this way is shown first."""
        work, given = _work(self._desk, sent), dict(sent)
        problems = problems_of(work)
        if problems or not work.addresses:
            return self.ask(request, sent, problems)
        planned = plan(self._desk.node, work)
        if "shown" not in given or not planned.changes:
            return self.show(request, work, planned)
        if planned.digest != given.get("digest"):
            return self.show(request, work, planned, [_MEANWHILE])
        done, number = carried_out(self._desk, visitor, work, planned)
        return (
            go_to(request, "/records", said=str(done))
            if number is None
            else go_to(request, "/batches", said="submitted")
        )


_MEANWHILE: Final = N_("Some of these records were changed meanwhile. This is how they stand now.")
_REASON: Final = N_("Give the reason; whoever has the records is told it.")
_VALUE: Final = N_("Choose what is to be set.")
_RECIPIENTS: Final = N_("Name the organizations that may read the records, by their ids.")


def waits(desk: Desk, work: Work) -> bool:
    """Whether a second person must approve the act; to confirm changes nothing that was said."""
    return desk.node.settings.four_eyes and work.act != CONFIRM


def may_approve(visitor: Visitor, batch: Batch) -> bool:
    """Whether this person may approve it: a reviewer, and another than the one who asked for it."""
    return visitor.may(Role.REVIEWER) and visitor.number != batch.owner


def decide(desk: Desk, visitor: Visitor, batch: Batch, digest: str | None) -> None:
    """Approve another's act that was shown with this digest; None: take it back, one's own or another's."""
    decides = may_approve(visitor, batch)
    if not (decides if digest is not None else decides or batch.owner == visitor.number):
        raise Refusal("not-allowed", N_("This is for a reviewer who is another person than the one who asked for it."))
    work, said = work_of(batch.work), f"batch {batch.number} of {batch.owner_name}"
    act = "bulk.deleted" if digest is None else "bulk.approved"
    with desk.acts.noting(visitor, act, said, f"{work.act} {work.value}") as noting:

        def note(connection: Connection) -> None:
            end_batch(connection, batch.number)
            noting.note(connection)

        if digest is None:
            desk.node.batches.end(batch.number, noting.note)
        else:
            carry_out(desk.node, work, digest, note)
            desk.edited()


def carried_out(desk: Desk, visitor: Visitor, work: Work, planned: Plan) -> tuple[int, int | None]:
    """Do what was planned, or hand it to a second person; gives how many records it changed, and the batch's number."""
    said = f"{len(planned.items)} records"
    if waits(desk, work):
        note = desk.acts.noted(visitor, "bulk.submitted", said, f"{work.act} {work.value}")
        return 0, _submit(desk, visitor, work, planned, note)
    with desk.acts.noting(visitor, f"bulk.{work.act}", said, work.value) as act:
        done = carry_out(desk.node, work, planned.digest, act.note)
    desk.edited()
    return len(done), None


def waiting(desk: Desk, visitor: Visitor, number: int) -> Batch:
    """Give an act that waits, to who asked for it and to reviewers; Refusal `not-found`."""
    batch = desk.node.batches.one(number)
    mine = batch is not None and (batch.owner == visitor.number or visitor.may(Role.REVIEWER))
    if batch is None or batch.sort != BULK or not mine:
        raise Refusal("not-found", N_("There is no such batch; it may have been approved or deleted."))
    return batch


def _submit(desk: Desk, visitor: Visitor, work: Work, planned: Plan, note: Note) -> int:
    now = desk.now()
    doable = tuple((each.kind, each.id) for each in planned.items)
    times = (now_text(now), now_text(now + REVIEW_TIME))
    try:
        return desk.node.batches.begin(
            BULK, (visitor.number, visitor.name), REVIEW, work._replace(addresses=doable).form(), times, note,
            digest=planned.digest, total=len(doable),
        )  # fmt: skip
    except (TooMany, Changed) as error:
        raise Refusal("too-many", str(error)) from None


def _work(desk: Desk, sent: Sent) -> Work:
    given = dict(sent)
    addresses = tuple(pairs([value for name, value in sent if name == "chosen"]))
    if given.get("scope") == "all":
        addresses = found_by(desk, given.get("query", ""))
    act = given.get("act", "")
    if act not in ACTS:
        raise Refusal("schema-invalid", N_("Choose what is to be done with the records. Go back, and choose it."))
    recipients = tuple(sorted(set(given.get("recipients", "").replace(",", " ").split())))
    return Work(act, given.get("value", "").strip(), recipients, addresses[:MAX_CHOSEN])


def found_by(desk: Desk, query: str) -> tuple[tuple[str, str], ...]:
    """Give the records that a question to the grid finds, as many as can be changed at once."""
    asked, _ = read_asked(QueryParams(query))
    return tuple(desk.node.grid.addresses(asked, desk.now().date(), MAX_CHOSEN))


def problems_of(work: Work) -> list[str]:
    """Say what is missing before anything can be planned."""
    if work.act == "withdraw":
        return [] if 1 <= len(work.value) <= MAX_REASON else [_REASON]
    if work.act == "marking":
        needs_readers = work.value in MARKINGS[2:4] and not work.recipients
        return [_VALUE] if work.value not in MARKINGS else [_RECIPIENTS] if needs_readers else []
    return [] if work.value or work.act in {CONFIRM, "review_due"} else [_VALUE]
