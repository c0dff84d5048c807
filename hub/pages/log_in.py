"""The hub's pages where people log in and out: the pages of people, for accounts and access tokens of the hub."""

from fastapi import Request

from hub.access import Role
from hub.accounts.log_ins import COOKIES
from hub.pages.forms import form
from hub.reading import Reading
from people import pages as people_pages
from people.pages import Door, Words
from ui.languages import gettext_noop as N_
from ui.pages import Pages
from ui.routes import Routes

WORDS = Words(
    N_("Name or password is not right. If you have forgotten it, ask the hub's operators for a new code."),
    N_("This code is not good, or not any more. Ask the hub's operators for a new one."),
    N_("This access token is not known here. Ask the hub's operators for one."),
)


def router(hub: Reading, pages: Pages) -> Routes:
    """Give these addresses."""

    def who(request: Request) -> int | None:
        reader = hub.reader(request)
        return None if reader.role is Role.PUBLIC else reader.account or 0

    return people_pages.router(Door(hub.log_ins, COOKIES, pages, form, who, WORDS))
