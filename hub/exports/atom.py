"""A feed in Atom (RFC 4287), with paging after RFC 5005."""

from typing import Final
from xml.etree import ElementTree as ET

from hub.exports.entries import Entry, Feed
from hub.exports.wording import xml_text

MEDIA_TYPE: Final = "application/atom+xml"
LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"
_NAMESPACE: Final = "http://www.w3.org/2005/Atom"


def atom(feed: Feed) -> bytes:
    """Write the feed."""
    root = ET.Element("feed", {"xmlns": _NAMESPACE, LANG: feed.language})
    _add(root, "id", feed.id)
    _add(root, "title", feed.title)
    _add(root, "subtitle", feed.subtitle)
    _add(root, "updated", feed.updated)
    _add(root, "generator", "Liaison hub")
    _add(root, "link", rel="self", type=MEDIA_TYPE, href=feed.address)
    _add(root, "link", rel="alternate", type="text/html", href=feed.home)
    if feed.following:
        _add(root, "link", rel="next", type=MEDIA_TYPE, href=feed.following)
    for entry in feed.entries:
        _entry(root, entry)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def _entry(root: ET.Element, entry: Entry) -> None:
    found = ET.SubElement(root, "entry")
    _add(found, "id", entry.id)
    _add(found, "title", entry.title[1]).set(LANG, entry.title[0])
    _add(found, "updated", entry.updated)
    _add(ET.SubElement(found, "author"), "name", entry.author)
    _add(found, "link", rel="alternate", type="text/html", href=entry.url)
    for category in entry.categories:
        _add(found, "category", term=category.term, scheme=category.scheme, label=category.label)
    _add(found, "summary", entry.summary[1]).set(LANG, entry.summary[0])
    _add(found, "rights", entry.item["marking"])


def _add(parent: ET.Element, tag: str, text: str | None = None, **attributes: str) -> ET.Element:
    element = ET.SubElement(parent, tag, {name: xml_text(value) for name, value in attributes.items()})
    element.text = None if text is None else xml_text(text)
    return element
