"""All pages of the node, one to a line."""

from types import ModuleType

from node.pages import (
    acts,
    backup,
    bulk,
    connection,
    downloads,
    drafts,
    first_page,
    grid,
    import_mapping,
    importing,
    inbox,
    keys,
    known_mappings,
    log_in,
    my_desk,
    my_tokens,
    openid,
    outbox,
    persons,
    record,
    welcome,
)
from node.pages.desk import Desk
from ui.pages import Pages
from ui.routes import Routes, put

PAGES: tuple[ModuleType, ...] = (
    # One to a line.
    acts,
    backup,
    bulk,
    connection,
    downloads,
    drafts,
    first_page,
    grid,
    import_mapping,
    importing,
    inbox,
    keys,
    known_mappings,
    log_in,
    my_desk,
    my_tokens,
    openid,
    outbox,
    persons,
    record,
    welcome,
)


def router(desk: Desk, pages: Pages) -> Routes:
    """Give the addresses of all pages; each module of PAGES has `router(desk, pages)`."""
    routes = Routes()
    for page in PAGES:
        put(page.router(desk, pages), routes)
    return routes
