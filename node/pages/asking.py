"""Who asks for a page, and whether the person may: pages need a log-in, and most need a role."""

from typing import Final

from fastapi import Request

from node.pages.desk import Desk, Role, Visitor
from node.refusal import Refusal
from schemas.sentences import gettext_noop as N_

LOG_IN_NEEDED: Final = "log-in-needed"
NOT_ALLOWED: Final = "not-allowed"
_WHO: Final = {
    frozenset({Role.OFFICER}): N_("This is for desk officers. Ask an administrator of this node for the role."),
    frozenset({Role.REVIEWER}): N_("This is for reviewers. Ask an administrator of this node for the role."),
    frozenset({Role.ADMINISTRATOR}): N_("This is for administrators. Ask an administrator of this node for the role."),
    frozenset({Role.OFFICER, Role.REVIEWER}): N_(
        "This is for desk officers or reviewers. Ask an administrator of this node for the role."
    ),
    frozenset({Role.OFFICER, Role.ADMINISTRATOR}): N_(
        "This is for desk officers or administrators. Ask an administrator of this node for the role."
    ),
    frozenset({Role.REVIEWER, Role.ADMINISTRATOR}): N_(
        "This is for reviewers or administrators. Ask an administrator of this node for the role."
    ),
    frozenset(Role): N_("This is for people with a role. Ask an administrator of this node for one."),
}


def visitor_of(desk: Desk, request: Request, *roles: Role) -> Visitor:
    """Give who asks, who must have one of these roles; without roles, anybody who is logged in.

    Refusal `log-in-needed`, for which a browser is sent to the log-in page, or `not-allowed`.
    """
    visitor = desk.visitor(request)
    if visitor is None:
        raise Refusal(LOG_IN_NEEDED, N_("This is for people of this organization. Log in, then open the page again."))
    check_roles(visitor, *roles)
    return visitor


def check_roles(visitor: Visitor, *roles: Role) -> None:
    """Refuse, `not-allowed`, who has none of these roles; without roles, nobody."""
    if roles and not any(visitor.may(role) for role in roles):
        raise Refusal(NOT_ALLOWED, _WHO[frozenset(roles)])
