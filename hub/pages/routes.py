"""All pages of the hub, one to a line."""

from fastapi import APIRouter

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
from ui.routes import put

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


def router(hub: Reading, pages: Pages) -> APIRouter:
    """Give the addresses of all pages."""
    routes = APIRouter()
    for page in PAGES:
        put(page.router(hub, pages), routes)
    return routes
