"""The first run: five short steps from the one-time code to a signed event that went to the hub and came back."""

from functools import partial
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.responses import Response

from node.accounts.acts import REFUSED
from node.accounts.rules import roles_of
from node.first_run import NAMED, TESTED, enrolment, first_run, name_organization, own_record, send_test_event
from node.node import join, read_admission
from node.pages.asking import visitor_of
from node.pages.desk import Desk, Role, Visitor
from node.pages.forms import fields, form, go_to
from node.pages.log_in import WORDS, cookies_of
from node.refusal import Refusal
from people.log_ins import Attempt
from people.pages import Wrong, let_in, show, tried
from schemas.entry import InvalidEntry
from schemas.sentences import sentence
from ui.languages import LANGUAGES
from ui.languages import gettext_noop as N_
from ui.pages import Pages
from ui.routes import Routes
from wire.encoding import b64url, from_b64url
from wire.enrolment import BadEnrolment
from wire.key_sets import ENROLMENT_FILE

Form = Annotated[dict[str, str], Depends(form)]
MAX_ADMISSION: Final = 256 * 1024
MAX_FORM: Final = 3 * MAX_ADMISSION  # the most that it can have in a form
JOINED: Final = "network.joined"
KEEP_NOTHING: Final = {"Cache-Control": "no-store"}
NO_FILE = N_("Choose the admission that the hub's operator has sent, a file that ends with .json.")
NO_NAME = N_("Say how the organization is called.")


def router(desk: Desk, pages: Pages) -> Routes:
    """Give these addresses."""
    routes = Routes(include_in_schema=False)
    _begin(routes, desk, pages)
    _organization(routes, desk, pages)
    _enrolment(routes, desk, pages)
    _test(routes, desk, pages)
    return routes


def _begin(routes: Routes, desk: Desk, pages: Pages) -> None:
    @routes.get("/welcome")
    def welcome(request: Request) -> Response:
        if not desk.people.begun():
            return show(pages, request, "welcome_begin.html", code="", person="")
        visitor_of(desk, request, Role.ADMINISTRATOR)
        return _page(desk, pages, request)

    @routes.post("/welcome")
    def begin(request: Request, given: Form) -> Response:
        if desk.people.begun():
            raise Refusal("not-allowed", N_("This node has an administrator already. Ask that person for an account."))
        code, person, password = (given.get(name, "") for name in ("code", "person", "password"))
        cookies = cookies_of(desk.node)
        attempt = partial(desk.people.log_ins.by_code, code, password, cookies.origin_of(request))
        found = tried(attempt, "code", WORDS.no_code)
        if isinstance(found, Wrong):
            return show(pages, request, "welcome_begin.html", found, code=code, person=person)
        _name_first(desk, found, person.strip())
        return let_in(cookies, request, found, "/welcome")


def _name_first(desk: Desk, found: Attempt, name: str) -> None:
    """Call the first administrator by name; whoever came with another account's code keeps the name that it has."""
    person = found.person
    if person is None or person.account is None or Role.ADMINISTRATOR not in roles_of(person.role):
        return
    if name:
        desk.people.name_person(person.account, name)
    desk.acts.note(Visitor(person.account, name or person.name, roles_of(person.role)), "welcome.begun")


def _organization(routes: Routes, desk: Desk, pages: Pages) -> None:
    @routes.post("/welcome/organization")
    def organization(request: Request, given: Form) -> Response:
        visitor = visitor_of(desk, request, Role.ADMINISTRATOR)
        name, language = given.get("name", "").strip(), given.get("language", "en")
        if not name:
            return _page(desk, pages, request, _problem("name", pages.gettext(request, NO_NAME)))
        try:
            note = desk.acts.noted(visitor, NAMED, f"organization/{desk.node.settings.organization}", name)
            name_organization(desk.node, language, name, given.get("org_type", ""), note)
        except InvalidEntry as error:
            problems = [_problem(_field(each.pointer), pages.said(request, each.message)) for each in error.problems]
            return _page(desk, pages, request, *problems)
        desk.edited()
        return go_to(request, "/welcome")


def _enrolment(routes: Routes, desk: Desk, pages: Pages) -> None:
    @routes.get("/welcome/enrolment.json")
    def download(request: Request) -> Response:
        visitor_of(desk, request, Role.ADMINISTRATOR)
        headers = KEEP_NOTHING | {"Content-Disposition": f'attachment; filename="{ENROLMENT_FILE}"'}
        return Response(enrolment(desk.node), headers=headers, media_type="application/json")

    @routes.post("/welcome/admission")
    async def upload(request: Request) -> Response:
        visitor = await run_in_threadpool(visitor_of, desk, request, Role.ADMINISTRATOR)
        document = await _uploaded(request)
        return await run_in_threadpool(offering, request, visitor, document)

    @routes.post("/welcome/join")
    async def join_network(request: Request) -> Response:
        visitor = await run_in_threadpool(visitor_of, desk, request, Role.ADMINISTRATOR)
        sent = dict(await fields(request, MAX_FORM))
        return await run_in_threadpool(joining, request, visitor, _document(sent.get("document", "")))

    def offering(request: Request, visitor: Visitor, document: bytes) -> Response:
        """Show which network it is, so that a person compares it before the node speaks to anybody."""
        if not document:
            return _page(desk, pages, request, _problem("admission", pages.gettext(request, NO_FILE)))
        try:
            admission, _ = read_admission(desk.node, document)
        except BadEnrolment as error:
            desk.acts.note(visitor, JOINED, detail=str(error), outcome=REFUSED)
            return _page(desk, pages, request, _problem("admission", pages.said(request, str(error))))
        return _page(desk, pages, request, offered=admission.trust, document=b64url(document))

    def joining(request: Request, visitor: Visitor, document: bytes) -> Response:
        try:
            with desk.acts.noting(visitor, JOINED) as act:
                join(desk.node, document, act.note)
        except (BadEnrolment, Refusal) as error:
            return _page(desk, pages, request, _problem("admission", pages.said(request, str(error))))
        desk.edited()
        return go_to(request, "/welcome")


def _test(routes: Routes, desk: Desk, pages: Pages) -> None:
    @routes.post("/welcome/test")
    def test(request: Request) -> Response:
        visitor = visitor_of(desk, request, Role.ADMINISTRATOR)
        try:
            with desk.acts.noting(visitor, TESTED, f"organization/{desk.node.settings.organization}") as act:
                send_test_event(desk.node, act.note)
        except Refusal as error:
            return _page(desk, pages, request, _problem("test", pages.said(request, str(error))))
        desk.edited()
        return go_to(request, "/welcome")


def _page(desk: Desk, pages: Pages, request: Request, *problems: dict[str, str], **offer: Any) -> Response:
    own = own_record(desk.node)["record"]
    language = next(iter(own["name"]))
    context: dict[str, Any] = {
        "run": first_run(desk.node), "problems": problems, "languages_of_names": [(e.tag, e.name) for e in LANGUAGES],
        "name": own["name"][language], "name_language": language, "org_type": own["org_type"]["code"],
        "relay": desk.node.outbox.relay(), "offered": None, **offer,
    }  # fmt: skip
    status = HTTPStatus.UNPROCESSABLE_ENTITY if problems else HTTPStatus.OK
    return pages.render(request, "welcome.html", status, KEEP_NOTHING, **context)


async def _uploaded(request: Request) -> bytes:
    """Give the first file of a form; nothing where there is none, or more than an admission may have."""
    async with request.form(max_files=1, max_fields=2) as given:
        file = given.get("admission")
        content = await file.read(MAX_ADMISSION + 1) if isinstance(file, UploadFile) else b""
    if len(content) > MAX_ADMISSION:
        raise Refusal(
            "too-large",
            sentence(
                "The file has more than {max_admission} bytes; an admission has fewer.", max_admission=MAX_ADMISSION
            ),
        )
    return content


def _document(sent: str) -> bytes:
    try:
        return from_b64url(sent)
    except ValueError:
        return b""


def _field(pointer: str) -> str:
    first = pointer.strip("/").partition("/")[0]
    return first if first in {"name", "org_type"} else ""


def _problem(field: str, message: str) -> dict[str, str]:
    return {"field": field, "message": message}
