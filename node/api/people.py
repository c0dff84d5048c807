"""The API's people, for administrators: who may log in, with which roles; as on the page People. Passwords never."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Path, Query, Request
from starlette.responses import Response

from node.accounts.people import Seen
from node.accounts.rules import Role
from node.api.answers import Body, Json, json_answer, known_parameters, read_as
from node.api.asker import asker_of, routes_by_token
from node.api.bodies import GivenRoles, NewPerson
from node.api.conditions import check_version
from node.api.description import answers, body_of, headers_of
from node.api.once import once
from node.pages.desk import Desk, Visitor
from node.refusal import Refusal
from node.versions import entity_tag
from people.accounts import folded
from people.rules import BadAccount
from schemas.whole import DIGITS
from ui.routes import Routes

Name = Annotated[
    str, Path(max_length=100, pattern=r"^[^\x00-\x1f]*$", description="The account's name.", examples=["amina"])
]
_MEMBERS = ("name", "person", "roles", "state", "created", "code_ends", "last_log_in")


def people_routes(desk: Desk) -> Routes:
    """Give the addresses."""
    routes = routes_by_token(desk.node, "people")
    _read(routes, desk)
    _added(routes, desk)
    _changed(routes, desk)
    return routes


def _read(routes: Routes, desk: Desk) -> None:
    @routes.get("/people", summary="Who may log in, with which roles", responses=answers("PersonList"))
    def listed(request: Request) -> Response:
        asker_of(request, Role.ADMINISTRATOR)
        return json_answer({"items": [_form(each) for each in desk.people.listed()], "as_of": desk.now_text()})

    @routes.get("/people/{name}", summary="One person", responses=answers("Person", 404, tagged=True))
    def one(request: Request, name: Name) -> Response:
        asker_of(request, Role.ADMINISTRATOR)
        return _answer(desk, name)

    @routes.get("/log-ins", summary="Attempts to log in, the newest first", responses=answers("LogIns", 400))
    def log_ins(request: Request, limit: Annotated[int, Query(ge=1, le=1000), DIGITS] = 100) -> Response:
        known_parameters(request.query_params, "limit")
        asker_of(request, Role.ADMINISTRATOR)
        return json_answer({"items": desk.people.attempts(limit), "as_of": desk.now_text()})


def _added(routes: Routes, desk: Desk) -> None:
    @routes.post(
        "/people", status_code=201, summary="Add a person, with a one-time code to hand over",
        responses=answers("Invited", 400, 409, 413, 422, 429, status=201, replayed=True, created=True),
        openapi_extra={**body_of("NewPerson"), **headers_of("Idempotency-Key")},
    )  # fmt: skip
    def add(request: Request, body: Body) -> Response:
        visitor, asked = asker_of(request, Role.ADMINISTRATOR), read_as(NewPerson, body)
        codes: list[str] = []

        def work() -> list[Any]:
            with _refused(desk, None):
                codes.append(desk.people.add(visitor, asked.name, asked.roles, person=asked.person))
            return [folded(asked.name)]

        made = once(desk.node, request, body, work)
        headers = {"Location": f"/api/v1/people/{made.done[0]}", **made.headers}
        return json_answer(_invited(desk, made.done[0], codes), HTTPStatus.CREATED, headers)

    @routes.post(
        "/people/{name}/code", summary="Take password, sessions and tokens away, and give a new one-time code",
        responses=answers("Invited", 400, 404, 409, 412, 422, 429, replayed=True),
        openapi_extra=headers_of("If-Match", "Idempotency-Key"),
    )  # fmt: skip
    def reset(request: Request, name: Name, body: Body) -> Response:
        visitor = asker_of(request, Role.ADMINISTRATOR)
        codes: list[str] = []

        def work() -> list[Any]:
            with _refused(desk, name):
                codes.append(desk.people.reset(visitor, name, seen=_seen(request)))
            return [folded(name)]

        made = once(desk.node, request, body, work)
        return json_answer(_invited(desk, made.done[0], codes), headers=made.headers)


def _changed(routes: Routes, desk: Desk) -> None:
    @routes.put(
        "/people/{name}/roles", summary="Give a person other roles; the last administrator stays one",
        responses=answers("Person", 400, 404, 412, 413, 422, tagged=True),
        openapi_extra={**body_of("GivenRoles"), **headers_of("If-Match")},
    )  # fmt: skip
    def roles(request: Request, name: Name, body: Body) -> Response:
        visitor, asked = asker_of(request, Role.ADMINISTRATOR), read_as(GivenRoles, body)
        with _refused(desk, name):
            desk.people.give_roles(visitor, name, asked.roles, seen=_seen(request))
        return _answer(desk, name)

    def switch(path: str, summary: str, change: Callable[..., None]) -> None:
        @routes.post(
            f"/people/{{name}}/{path}", summary=summary, responses=answers("Person", 400, 404, 412, 422, tagged=True),
            openapi_extra=headers_of("If-Match"), name=path,
        )  # fmt: skip
        def switched(request: Request, name: Name) -> Response:
            visitor: Visitor = asker_of(request, Role.ADMINISTRATOR)
            with _refused(desk, name):
                change(visitor, name, seen=_seen(request))
            return _answer(desk, name)

    switch("disable", "Let nobody in under this account; sessions and tokens end", desk.people.disable)
    switch("enable", "Let its owner in again, with the password as it was", desk.people.enable)


def _seen(request: Request) -> Seen:
    def check(account: dict[str, Any]) -> None:
        check_version(request, _version(account))

    return check


@contextmanager
def _refused(desk: Desk, name: str | None) -> Iterator[None]:
    """Make a Refusal of what cannot be done with an account: `not-found` if that is because there is none."""
    try:
        yield
    except BadAccount as error:
        there = name is None or any(each["name"] == folded(name) for each in desk.people.listed())
        raise Refusal("bad-account" if there else "not-found", f"{error}.") from None


def _found(desk: Desk, name: str) -> dict[str, Any]:
    found = next((each for each in desk.people.listed() if each["name"] == folded(name)), None)
    if found is None:
        raise Refusal("not-found", f"There is no account {name!r}.")
    return found


def _answer(desk: Desk, name: str) -> Response:
    found = _found(desk, name)
    return json_answer(_form(found), headers={"ETag": f'"{_version(found)}"'})


def _version(account: dict[str, Any]) -> str:
    """Name what can be changed of an account; that somebody has logged in is no change."""
    changed = {name: account[name] for name in ("name", "person", "roles", "state", "code_ends")}
    return entity_tag("", changed).strip('".')


def _form(account: dict[str, Any]) -> Json:
    return {name: account[name] for name in _MEMBERS}


def _invited(desk: Desk, name: str, codes: list[str]) -> Json:
    return {"person": _form(_found(desk, name)), "code": codes[0] if codes else None}
