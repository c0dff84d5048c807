"""Who asks the API: whose token was sent, and whether a program, or a person with these roles, may ask this."""

import hashlib
from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.exceptions import HTTPException

from node.accounts.rules import Role, roles_of
from node.node import Node
from node.pages.asking import NOT_ALLOWED, check_roles
from node.pages.desk import Visitor
from node.refusal import Refusal
from node.store.access import Holder
from ui.routes import Routes

_FOR_PEOPLE: Final = (
    "This is for people: send the token of a person. Make one on the page Access tokens, logged in, or with "
    "liaison-node token DIR NAME --person ACCOUNT --role ROLE."
)
_REVIEWED: Final = (
    "In this organization a second person publishes: make a draft, POST /api/v1/drafts, and hand it in for review."
)


def token_check(node: Node) -> Callable[..., None]:
    """Give what finds out whose token was sent; HTTPException 401 if it is nobody's."""
    bearer = HTTPBearer(auto_error=False, description="A token made by: liaison-node token DIR NAME")

    def check(request: Request, given: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]) -> None:
        holder = None if given is None else node.access.holder(given.credentials)
        if given is None or holder is None:
            raise HTTPException(
                HTTPStatus.UNAUTHORIZED,
                "A valid token is needed: Authorization: Bearer TOKEN. Make one with liaison-node token DIR NAME.",
                {"WWW-Authenticate": "Bearer"},
            )
        request.state.holder = holder
        request.state.token = hashlib.sha256(given.credentials.encode()).digest()

    return check


def routes_by_token(node: Node, tag: str) -> Routes:
    """Begin addresses of the API under `tag`: nobody gets to any of them without a token."""
    return Routes(prefix="/api/v1", tags=[tag], dependencies=[Depends(token_check(node))])


def visitor_from(holder: Holder) -> Visitor | None:
    """Give the person in whose name a token acts, with the roles that it has; None for a program's."""
    return None if holder.account is None else Visitor(holder.account, holder.person, roles_of(holder.role))


def asker_of(request: Request, *roles: Role) -> Visitor:
    """Give the person whose token asks, who must have one of these roles; without roles, any person.

    Refusal `not-allowed` for others, and for programs.
    """
    visitor = visitor_from(request.state.holder)
    if visitor is None:
        raise Refusal(NOT_ALLOWED, _FOR_PEOPLE)
    check_roles(visitor, *roles)
    return visitor


def program_or(*roles: Role) -> Any:
    """Give a dependency: programs may ask this, as ever, and people who have one of these roles."""

    def check(request: Request) -> None:
        visitor = visitor_from(request.state.holder)
        if visitor is not None:
            check_roles(visitor, *roles)

    return Depends(check)


def put_alone(node: Node) -> Any:
    """Give a dependency: who may put a record without a second person; programs are trusted with it by their token."""

    def check(request: Request) -> None:
        visitor = visitor_from(request.state.holder)
        if visitor is not None:
            check_roles(visitor, Role.OFFICER)
            if node.settings.four_eyes:
                raise Refusal(NOT_ALLOWED, _REVIEWED)

    return Depends(check)
