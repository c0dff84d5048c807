"""The ways other than mail and webhooks to get what filters ask for: addresses and commands that are ready to use."""

import shlex
from typing import Final, NamedTuple
from urllib.parse import urlencode

from fastapi import Request

from hub.filters import Filters
from ui.languages import gettext_noop as N_

MAX_SUBJECTS: Final = 20


class Way(NamedTuple):
    """A name in English, and an address (relative to the hub) or a command."""

    name: str
    address: str
    command: bool = False


_FILES: Final = (
    (".csv", N_("Table (CSV)"), ()),
    (".xlsx", N_("Spreadsheet (XLSX)"), ()),
    (".jsonl", N_("All records, one to a line (JSON)"), ()),
    (".atom", N_("Feed for readers (Atom)"), ()),
    (".feed.json", N_("Feed for readers (JSON Feed)"), ()),
    (".vcf", N_("Address book (vCard)"), ("contact",)),
    (".iati.xml", N_("Activities (IATI)"), ("activity",)),
)


def ways_of(request: Request, address: str, asked: Filters) -> list[Way]:
    """Give them with the same filters; `address` is the hub's own, if it has one."""
    query = urlencode(asked.model_dump(exclude_defaults=True), doseq=True)
    found = [
        Way(name, _with(f"/api/v1/records{ending}", query))
        for ending, name, kinds in _FILES
        if not kinds or set(asked.kind) <= set(kinds)
    ]
    found.append(Way(N_("Live, for programs (server-sent events)"), _with("/api/v1/events", query)))
    hub = address or f"{request.url.scheme}://{request.url.netloc}"
    if not (asked.q or asked.status or asked.since):
        found.append(Way(N_("Live, on the command line"), _watch(hub, asked), command=True))
    said, by = asked.kind or ["*"], asked.org or ["*"]
    if len(said) * len(by) <= MAX_SUBJECTS:
        subjects = [f"log.clear.{kind}.{org}" for kind in said for org in by]
        found += [Way(N_("Live, on the bus (NATS subject)"), subject, command=True) for subject in subjects]
    return found


def _with(path: str, query: str) -> str:
    return f"{path}?{query}" if query else path


def _watch(hub: str, asked: Filters) -> str:
    words = ["liaison", "watch", hub]
    for option in ("kind", "org", "place", "theme"):
        words += [word for value in getattr(asked, option) for word in (f"--{option}", value)]
    return shlex.join(words)
