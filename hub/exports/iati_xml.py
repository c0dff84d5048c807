"""Elements as IATI's schema 2.03 wants them: narratives by language, codes, days, money, organizations, addresses."""

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote, urlsplit
from xml.etree import ElementTree as ET

from hub.exports.publishers import Publishers
from hub.exports.wording import xml_text
from schemas.facets import organization_name

Json = Mapping[str, Any]
LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"
OWN_VOCABULARY: Final = "99"  # of a reporting organization; its address says which
_HOST: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]{1,5})?")
_BARE_PERCENT: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")


def add(parent: ET.Element, tag: str, text: str | None = None, /, **attributes: str | None) -> ET.Element:
    """Add an element; attributes that are None are left out, and `iso_date` becomes `iso-date`."""
    element = ET.SubElement(parent, tag)
    for name, value in attributes.items():
        if value is not None:
            element.set(name.replace("_", "-"), xml_text(value))
    element.text = None if text is None else xml_text(text)
    return element


def narrated(parent: ET.Element, tag: str, texts: Mapping[str, str], /, **attributes: str | None) -> ET.Element:
    """Add an element with one narrative for each language."""
    element = add(parent, tag, **attributes)
    for language, text in texts.items():
        add(element, "narrative", text).set(LANG, language)
    return element


def day(parent: ET.Element, tag: str, value: str) -> None:
    """Add a day."""
    add(parent, tag, iso_date=value)


def money(parent: ET.Element, given: Json, value_date: str) -> None:
    """Add an amount; the schema wants the date at which it is valued."""
    add(parent, "value", given["value"], currency=given["currency"], value_date=given.get("value_date", value_date))


def organization(parent: ET.Element, tag: str, ref: str | Json, known: Publishers, /, **attributes: str | None) -> None:
    """Add an organization by identifier and name."""
    given = ref if isinstance(ref, str) else dict(ref)
    element = narrated(parent, tag, known.names(given), ref=identifier(ref, known), **attributes)
    if not len(element):
        add(element, "narrative", organization_name(given))


def identifier(ref: str | Json, known: Publishers) -> str:
    """Give an organization's identifier as IATI writes it: prefix of org-id.guide, hyphen, id in that list.

    One that knows no such identifier of its own is named by its id in the network.
    """
    if isinstance(ref, str):
        listed = [each for each in known.record(ref).get("identifiers", ()) if _is_listed(each["scheme"])]
        return identifier(listed[0], known) if listed else ref
    scheme, id_ = ref["scheme"], str(ref["id"])
    if scheme.lower() == "iati" or id_.startswith(f"{scheme}-"):
        return id_
    return f"{scheme}-{id_}"


def _is_listed(scheme: str) -> bool:
    """Whether a list is named as org-id.guide names them: two letters, hyphen, letters; or IATI itself."""
    return scheme.lower() == "iati" or re.fullmatch(r"[A-Z]{2}-[A-Z0-9]+", scheme) is not None


def uri(address: str) -> str | None:
    """Give a web address as XML Schema's anyURI takes it; None for one that no host can have."""
    try:
        parts = urlsplit(address)
        host = parts.netloc if parts.netloc.isascii() else parts.netloc.encode("idna").decode()
    except (ValueError, UnicodeError):
        return None
    if _HOST.fullmatch(host) is None:
        return None
    encoded = [_BARE_PERCENT.sub("%25", quote(each, safe="%/:?@!$&'()*+,;=~")) for each in parts[2:]]
    return parts._replace(netloc=host, path=encoded[0], query=encoded[1], fragment=encoded[2]).geturl()
