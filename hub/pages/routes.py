"""All pages of the hub, one to a line."""

from hub.pages import (
    accessions,
    acts,
    assessments,
    audit,
    audit_keys,
    directory,
    doctor,
    log_in,
    matrix,
    needs,
    network_health,
    node,
    overview,
    plans,
    profiles,
    quarantine,
    record,
    records_list,
    resources,
    verify,
)
from hub.reading import Reading
from ui.pages import Pages
from ui.routes import Routes, put

PAGES = (
    accessions,
    acts,
    assessments,
    audit,
    audit_keys,
    directory,
    doctor,
    log_in,
    matrix,
    needs,
    network_health,
    node,
    overview,
    plans,
    profiles,
    quarantine,
    record,
    records_list,
    resources,
    verify,
)


def router(hub: Reading, pages: Pages) -> Routes:
    """Give the addresses of all pages."""
    routes = Routes()
    for page in PAGES:
        put(page.router(hub, pages), routes)
    return routes
