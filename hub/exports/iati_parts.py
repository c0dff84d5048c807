"""The repeated parts of an IATI activity: budgets, transactions, documents and results."""

import mimetypes
from typing import Final
from xml.etree import ElementTree as ET

from hub.exports.iati_xml import Json, add, day, money, narrated, organization, uri
from hub.exports.publishers import Publishers

WEB_PAGE: Final = "A12"
WEB_FORMAT: Final = "text/html"
QUALITATIVE: Final = "5"


def first_day(record: Json) -> str:
    """Give the first of the days in the life of an activity."""
    return str(min(each["date"] for each in record["dates"]))


def budgets(root: ET.Element, record: Json) -> None:
    """Add what is planned to be spent, by period."""
    for each in record.get("budget", ()):
        element = add(root, "budget", status=each.get("status"))
        day(element, "period-start", each["period_start"])
        day(element, "period-end", each["period_end"])
        money(element, each, each["period_start"])


def transactions(root: ET.Element, record: Json, known: Publishers) -> list[Json]:
    """Add the flows of money, and give those that IATI cannot hold as they bear no day at all."""
    undated = []
    for each in record.get("transactions", ()):
        on = each.get("date") or each.get("value_date")
        if on is None:
            undated.append(each)
            continue
        element = add(root, "transaction")
        add(element, "transaction-type", code=each["type"])
        day(element, "transaction-date", on)
        money(element, each, on)
        for field in ("provider", "receiver"):
            if field in each:
                organization(element, f"{field}-org", each[field], known)
    return undated


def documents(root: ET.Element, record: Json) -> None:
    """Add the documents on the web."""
    for each in record.get("documents", ()):
        url = uri(each["url"])
        if url is None:
            continue
        guessed = mimetypes.guess_type(each["url"])[0] or WEB_FORMAT
        element = add(root, "document-link", url=url, format=each.get("format", guessed))
        narrated(element, "title", each.get("title") or {"en": each["url"]})
        add(element, "category", code=each.get("category", WEB_PAGE))
        if "language" in each:
            add(element, "language", code=each["language"].partition("-")[0].lower())


def results(root: ET.Element, record: Json, begun: str) -> None:
    """Add what came of it; the schema wants an indicator, so a result without one is its own, in words."""
    for each in record.get("results", ()):
        element = add(root, "result", type=each["type"])
        narrated(element, "title", each["title"])
        if "lessons" in each:
            narrated(element, "description", each["lessons"])
        indicator = each.get("indicator", {"measure": QUALITATIVE})
        _indicator(element, indicator, each["title"], begun)


def _indicator(result: ET.Element, indicator: Json, title: dict[str, str], begun: str) -> None:
    element = add(result, "indicator", measure=indicator["measure"])
    narrated(element, "title", indicator.get("title") or title)
    periods = indicator.get("periods", ())
    if "baseline" in indicator:
        # Where it started is as of the beginning: of the first period, or of the activity.
        year = min((period["start"] for period in periods), default=begun)[:4]
        add(element, "baseline", year=year, value=indicator["baseline"])
    for each in periods:
        period = add(element, "period")
        day(period, "period-start", each["start"])
        day(period, "period-end", each["end"])
        for name in ("target", "actual"):
            if name in each:
                add(period, name, value=each[name])
