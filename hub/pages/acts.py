"""What operators do about a node: each act is confirmed on a page of its own, done once, and shown in the trail."""

import re
import secrets
import shlex
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Annotated, Any, Final, NamedTuple

import orjson
from fastapi import Depends, Path, Request
from starlette.responses import Response

from hub.access import Reader
from hub.accounts.log_ins import list_log_ins
from hub.operating import acts
from hub.operating.deeds import MAX_HOURS, MAX_NOTE, MAX_REASON
from hub.pages.forms import form, go_to
from hub.pages.network_health import KEEP_NOTHING
from hub.problem_details import Refusal
from hub.reading import Reading
from hub.rolled_back import ACT
from schemas.sentences import sentence
from ui.languages import gettext_noop as N_
from ui.pages import Pages
from ui.routes import Routes
from wire.reasons import Reason
from wire.registry import HUB, REGISTRY

FORM: Final = re.compile(r"[\w-]{10,64}", re.ASCII)
TRAIL: Final = 100
Number = Annotated[int, Path(ge=0, le=2**53)]
Given = Annotated[dict[str, str], Depends(form)]


class Words(NamedTuple):
    """How an act is named, what it means, whether it needs a reason, and whether the roots decide it."""

    title: str
    meaning: str
    needs_reason: bool = False
    of_the_roots: bool = False


WORDS: Final[Mapping[str, Words]] = {
    "note": Words(N_("Add a note"), N_("Operators alone read it. It stays."), needs_reason=True),
    "maintenance": Words(
        N_("Begin maintenance"),
        N_("The node is expected to be away from now on. Everybody sees the state and the reason; the node is told."),
        needs_reason=True,
    ),
    "end-maintenance": Words(N_("End maintenance"), N_("The node is judged by what it does again.")),
    "resend": Words(
        N_("Ask for what is missing"),
        N_("The node is told the next number that is awaited, and sends again from there. Nothing can come twice."),
    ),
    "retry": Words(N_("Try again"), N_("The message is judged again, by what is registered now.")),
    "retry-all": Words(N_("Try all again"), N_("All messages of this reason are judged again, oldest first.")),
    "suspend": Words(
        N_("Suspend"),
        N_("Nothing of it is accepted until it is reinstated. The decision and its reason stand in the log for ever."),
        needs_reason=True, of_the_roots=True,
    ),
    "reinstate": Words(
        N_("Reinstate"),
        N_("The organization may speak again. The decision and its reason stand in the log for ever."),
        needs_reason=True, of_the_roots=True,
    ),
    # Done with the command alone (liaison-hub serve --accept-rollback); here it is only shown.
    ACT: Words(N_("Accept a restored log"), N_("The hub goes on from a backup, as if nothing was signed since.")),
}  # fmt: skip
OF_NODE: Final = ("note", "maintenance", "end-maintenance", "resend", "suspend", "reinstate")
NO_REASON: Final = N_("Say why, in a sentence.")
NO_HOURS: Final = N_("Say for how many hours: a whole number from 1 to 720.")
OLD_FORM: Final = N_("This form is not complete. Open the page again.")


def router(hub: Reading, pages: Pages) -> Routes:
    """Give these addresses."""
    routes = Routes(include_in_schema=False)

    @routes.get("/sync/acts")
    def trail(request: Request) -> Response:
        hub.operator(request)
        before = request.query_params.get("before", "")
        with hub.connect() as connection:
            found = acts.list_acts(
                connection, limit=TRAIL, before=int(before) if before.isdecimal() and len(before) < 18 else None
            )  # fmt: skip
            tried = list_log_ins(connection, limit=TRAIL)
        return pages.render(
            request, "acts.html", headers=KEEP_NOTHING, trail=found, log_ins=tried, words=WORDS, as_of=hub.as_of(),
            more=found[-1]["number"] if len(found) == TRAIL else None,
        )  # fmt: skip

    _of_nodes(routes, hub, pages)
    _of_messages(routes, hub, pages)
    return routes


def _of_nodes(routes: Routes, hub: Reading, pages: Pages) -> None:
    @routes.get("/sync/{org}/{act}")
    def asked(request: Request, org: str, act: str) -> Response:
        hub.operator(request)
        _check(hub, org, act)
        return _confirm(hub, pages, request, act, org=org)

    @routes.post("/sync/{org}/{act}")
    def done(request: Request, org: str, act: str, given: Given) -> Response:
        by = hub.operator(request)
        _check(hub, org, act)
        problem = _problem(act, given)
        if problem is not None:
            return _confirm(hub, pages, request, act, problem, given, org=org)
        if _needs_roots(hub, act):
            return _confirm(hub, pages, request, act, None, given, org=org)
        _deed(hub, act, org, by, given)()
        return go_to(request, f"/sync/{org}", done=given["form"])


def _of_messages(routes: Routes, hub: Reading, pages: Pages) -> None:
    @routes.get("/quarantine/{number}/retry")
    def asked(request: Request, number: Number) -> Response:
        hub.operator(request)
        return _confirm(hub, pages, request, "retry", number=number)

    @routes.post("/quarantine/{number}/retry")
    def done(request: Request, number: Number, given: Given) -> Response:
        by = hub.operator(request)
        problem = _problem("retry", given)
        if problem is not None:
            return _confirm(hub, pages, request, "retry", problem, given, number=number)
        hub.deeds.retry(number, given.get("reason", ""), by, given["form"])
        return go_to(request, "/quarantine", done=given["form"])

    @routes.get("/quarantine/retry-all/{cause}")
    def all_asked(request: Request, cause: str) -> Response:
        hub.operator(request)
        _check_cause(cause)
        return _confirm(hub, pages, request, "retry-all", cause=cause, org=request.query_params.get("org"))

    @routes.post("/quarantine/retry-all/{cause}")
    def all_done(request: Request, cause: str, given: Given) -> Response:
        by = hub.operator(request)
        _check_cause(cause)
        org = given.get("org") or None
        problem = _problem("retry-all", given)
        if problem is not None:
            return _confirm(hub, pages, request, "retry-all", problem, given, cause=cause, org=org)
        hub.deeds.retry_all(cause, org, given.get("reason", ""), by, given["form"])
        return go_to(request, "/quarantine", done=given["form"])


def _deed(hub: Reading, act: str, org: str, by: Reader, given: Mapping[str, str]) -> Callable[[], Any]:
    deeds, reason, number = hub.deeds, given.get("reason", ""), given["form"]
    return {
        "note": lambda: deeds.note(org, reason, by, number),
        "maintenance": lambda: deeds.maintain(org, given.get("hours", "").strip(), reason, by, number),
        "end-maintenance": lambda: deeds.end_maintenance(org, reason, by, number),
        "resend": lambda: deeds.resend(org, reason, by, number),
        "suspend": lambda: deeds.suspend(org, reason, by, number),
        "reinstate": lambda: deeds.reinstate(org, reason, by, number),
    }[act]


def _check(hub: Reading, org: str, act: str) -> None:
    if act not in OF_NODE:
        raise Refusal(HTTPStatus.NOT_FOUND, "no-such-act", sentence("There is no act {act}.", act=act[:40]))
    if org not in hub.registry().members or org in {HUB, REGISTRY}:
        raise Refusal(
            HTTPStatus.NOT_FOUND, "no-such-node", sentence("No organization {org} was admitted here.", org=org[:60])
        )


def _check_cause(cause: str) -> None:
    if cause not in set(map(str, Reason)):
        raise Refusal(
            HTTPStatus.NOT_FOUND, "no-such-reason", sentence("Nothing is refused for {cause}.", cause=cause[:40])
        )


def _problem(act: str, given: Mapping[str, str]) -> tuple[str, str] | None:
    """Give the field that keeps an act from being done, and what to do."""
    if not FORM.fullmatch(given.get("form", "")):
        return "", OLD_FORM
    hours = given.get("hours", "").strip()
    if act == "maintenance" and not (hours.isascii() and hours.isdecimal() and 1 <= int(hours[:9]) <= MAX_HOURS):
        return "hours", NO_HOURS
    if WORDS[act].needs_reason and not given.get("reason", "").strip():
        return "reason", NO_REASON
    return None


def _confirm(
    hub: Reading, pages: Pages, request: Request, act: str, problem: tuple[str, str] | None = None,
    given: Mapping[str, str] | None = None, **about: Any,
) -> Response:  # fmt: skip
    """Show what will be done, and the form that does it: it has a number of its own, so that it acts once."""
    given = given or {}
    problems = [] if problem is None else [{"field": problem[0], "message": pages.gettext(request, problem[1])}]
    form_number = given.get("form", "")
    target = request.url.path.removeprefix(request.state.language_prefix)
    return pages.render(
        request, "act.html", HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK, KEEP_NOTHING,
        act=act, words=WORDS[act], about={"org": None, "number": None, "cause": None, **about}, problems=problems,
        given={"reason": given.get("reason", ""), "hours": given.get("hours", "")}, target=target,
        form=form_number if FORM.fullmatch(form_number) else secrets.token_urlsafe(16),
        by_hand=_command(act, about["org"], given) if _needs_roots(hub, act) else None,
        most=MAX_NOTE if act == "note" else MAX_REASON,
    )  # fmt: skip


def _needs_roots(hub: Reading, act: str) -> bool:
    return WORDS[act].of_the_roots and not hub.operating.can_decide()


def _command(act: str, org: str, given: Mapping[str, str]) -> str:
    """Give the command that proposes a decision where the roots are, for a shell."""
    word = "organization.suspended" if act == "suspend" else "organization.reinstated"
    reason = " ".join(given.get("reason", "").split())[:MAX_REASON] or "…"
    members = orjson.dumps({"action": word, "organization": org, "reason": reason}).decode()
    return f"echo {shlex.quote(members)} | liaison-hub action propose DIR - -o ACTION.json"
