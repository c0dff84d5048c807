"""Activities as an IATI 2.03 file: each record becomes one iati-activity, its elements in the order of the schema.

What IATI wants and a record does not say is not made up, with three exceptions that the schema forces: an unlisted
reporting organization is of type 90 (other), a link without a category is a web page of the activity (A12), and an
amount without a value date has that of its day.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final
from xml.etree import ElementTree as ET

from hub.exports.batches import Item
from hub.exports.iati_parts import budgets, documents, first_day, results, transactions
from hub.exports.iati_xml import LANG, OWN_VOCABULARY, Json, add, identifier, narrated, organization
from hub.exports.publishers import Publishers
from hub.exports.wording import permanent_id, xml_text
from schemas.codelists import country, is_country, label, region

MEDIA_TYPE: Final = "application/xml"
VERSION: Final = "2.03"
DAC_VOCABULARY: Final = "1"
UN_REGIONS: Final = "2"
OTHER_TYPE: Final = "90"
_DECLARATION: Final = "<?xml version='1.0' encoding='utf-8'?>\n"


@dataclass(frozen=True, slots=True)
class Reporting:
    """What all activities of a file share."""

    network: str
    known: Publishers
    as_of: str


def iati(batches: Iterable[list[Item]], reporting: Reporting, filters: str) -> Iterator[bytes]:
    """Give the file in pieces; the schema knows no file without an activity, so there must be one."""
    about = re.sub("-(?=-)|-$", "- ", xml_text(f"As of {reporting.as_of}. Asked for: {filters}. "))
    head = f'{_DECLARATION}<!-- {about} -->\n<iati-activities version="{VERSION}" generated-datetime='
    yield f'{head}"{reporting.as_of}">\n'.encode()
    for batch in batches:
        yield "".join(_text(item, reporting) for item in batch).encode()
    yield b"</iati-activities>\n"


def _text(item: Item, reporting: Reporting) -> str:
    return ET.tostring(activity(item, reporting), encoding="unicode") + "\n"


def activity(item: Item, reporting: Reporting) -> ET.Element:
    """Give one activity."""
    record, known, network = item["record"], reporting.known, reporting.network
    address = permanent_id(network, item["kind"], item["org"], item["id"])
    root = ET.Element("iati-activity")
    root.set("last-updated-datetime", item["published"])
    root.set(LANG, "en" if "en" in record["title"] else next(iter(record["title"])))
    _money_of_one_currency(root, record)
    root.set("hierarchy", "2" if any(each["type"] == "1" for each in record.get("related", ())) else "1")
    root.set("linked-data-uri", address)
    add(root, "iati-identifier", record["activity_id"])
    _reporting(root, item, known)
    narrated(root, "title", record["title"])
    for each in record["descriptions"]:
        narrated(root, "description", each["text"], type=each["type"])
    for each in record["participating_orgs"]:
        said = {"role": each["role"], "type": each.get("type"), "activity_id": each.get("activity_id")}
        organization(root, "participating-org", each["org"], known, **said)
    add(root, "other-identifier", ref=f"{item['kind']}/{item['org']}/{item['id']}", type="A1")
    add(root, "activity-status", code=record["activity_status"])
    for each in record["dates"]:
        add(root, "activity-date", type=each["type"], iso_date=each["date"])
    if "contact" in record:
        ref = record["contact"]
        kind, org, id_ = ref.split("/") if "/" in ref else ("contact", item["org"], ref)
        add(add(root, "contact-info", type="1"), "website", permanent_id(network, kind, org, id_))
    if "scope" in record:
        add(root, "activity-scope", code=record["scope"])
    _places(root, record)
    _sectors(root, record, network)
    _tags(root, item, network)
    _kinds_of_aid(root, record)
    budgets(root, record)
    undated = transactions(root, record, known)
    documents(root, record)
    for each in record.get("related", ()):
        add(root, "related-activity", ref=each["id"], type=each["type"])
    for each in undated:
        flow = " ".join([each["type"], each["value"], each["currency"]])
        add(root, "legacy-data", name="transaction without a date", value=flow, iati_equivalent="transaction")
    results(root, record, first_day(record))
    return root


def _money_of_one_currency(root: ET.Element, record: Json) -> None:
    currencies = {each["currency"] for each in (*record.get("transactions", ()), *record.get("budget", ()))}
    if len(currencies) == 1:
        root.set("default-currency", currencies.pop())


def _reporting(root: ET.Element, item: Item, known: Publishers) -> None:
    org, record = item["org"], item["record"]
    own = known.record(org).get("org_type", {})
    type_ = own.get("code") if own.get("scheme") == "iati_org_type" else None
    said = [each["type"] for each in record["participating_orgs"] if each["org"] == org and "type" in each]
    secondary = record.get("secondary_reporter")
    element = narrated(
        root,
        "reporting-org",
        known.names(org) or {"en": org},
        ref=identifier(org, known),
        type=type_ or (said[0] if said else OTHER_TYPE),
        secondary_reporter=None if secondary is None else "true" if secondary else "false",
    )
    assert len(element) > 0  # noqa: S101 - the schema wants a name, and a name always is


def _places(root: ET.Element, record: Json) -> None:
    places = record.get("places", ())
    for place in places:
        if "country" in place:
            # Exercises play in States that no list of alpha-2 codes knows.
            found = country(place["country"]) if is_country(place["country"]) else None
            code = found.alpha2 if found is not None and found.alpha2 else place["country"]
            names = {"en": found.names["en"]} if found is not None else {}
            narrated(root, "recipient-country", names, code=code, percentage=place.get("percentage"))
    for place in places:
        if "region" in place:
            names = {"en": region(place["region"]).name}
            share = place.get("percentage")
            narrated(
                root, "recipient-region", names, code=place["region"], vocabulary=UN_REGIONS, percentage=share
            )  # fmt: skip
    for place in places:
        if "subdivision" in place:
            narrated(add(root, "location"), "name", {"en": place["subdivision"]})


def _sectors(root: ET.Element, record: Json, network: str) -> None:
    for each in record.get("sectors", ()):
        scheme, code = each["scheme"], each["code"]
        dac = scheme == "dac_crs"
        narrated(
            root,
            "sector",
            {"en": label(scheme, code)},
            vocabulary=DAC_VOCABULARY if dac else OWN_VOCABULARY,
            vocabulary_uri=None if dac else _list_of(network, scheme),
            code=code,
            percentage=each.get("percentage"),
        )


def _tags(root: ET.Element, item: Item, network: str) -> None:
    """Themes bear no shares, so they are tags; so are the kind of assistance and the needs that are answered."""
    record = item["record"]
    tags = [(each["scheme"], each["code"]) for each in record.get("themes", ())]
    if "modality" in record:
        tags.append(("assistance_mode", record["modality"]))
    for scheme, code in tags:
        uri = _list_of(network, scheme)
        narrated(root, "tag", {"en": label(scheme, code)}, code=code, vocabulary=OWN_VOCABULARY, vocabulary_uri=uri)
    for need in record.get("answers_needs", ()):
        _, org, id_ = need.split("/") if "/" in need else ("need", item["org"], need)
        uri = f"https://{network}/records/need"
        add(root, "tag", code=permanent_id(network, "need", org, id_), vocabulary=OWN_VOCABULARY, vocabulary_uri=uri)


def _kinds_of_aid(root: ET.Element, record: Json) -> None:
    if "collaboration_type" in record:
        add(root, "collaboration-type", code=record["collaboration_type"])
    if "aid_type" in record:
        add(root, "default-aid-type", code=record["aid_type"], vocabulary="1")


def _list_of(network: str, scheme: str) -> str:
    """Give the address that names one of our code lists: the schema that holds its codes."""
    return f"https://{network}/schemas/activity/1#{scheme}"
