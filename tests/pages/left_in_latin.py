"""Finds what an Arabic, Russian or Chinese page says in Latin letters although it is no data: left untranslated."""

import re
from collections.abc import Iterator

from lxml.html import HtmlElement

_LATIN = re.compile(r"[A-Za-z]{2,}")
_OWN = re.compile(r"[\u0600-\u06ff\u0400-\u04ff\u4e00-\u9fff]")  # the letters of these languages
LANGUAGES = ("ar", "ru", "zh")
# Where data stands, or what is to be typed as it is written.
_DATA = frozenset({"script", "style", "bdi", "code", "pre", "time", "textarea"})
_ATTRIBUTES = ("title", "aria-label", "placeholder", "alt", "label", "data-saved", "data-failed")


def left_in_latin(page: HtmlElement) -> list[str]:
    """Give the texts of a page, and of its attributes, that have Latin words only, each once, in order."""
    return list(dict.fromkeys(text for text in map(" ".join, map(str.split, _texts(page))) if _is_latin(text)))


def _is_latin(text: str) -> bool:
    return bool(_LATIN.search(text)) and not _OWN.search(text)


def _texts(page: HtmlElement) -> Iterator[str]:
    for element in page.iter():
        if not isinstance(element.tag, str):
            continue
        if not _is_data(element):
            yield element.text or ""
        if not _is_data(element.getparent()):
            yield element.tail or ""
        yield from (element.get(name) or "" for name in _ATTRIBUTES)


def _is_data(element: HtmlElement | None) -> bool:
    """Whether what stands in it is in its own language or order; what a page marks as untranslated is not."""
    chain = [] if element is None else [element, *element.iterancestors()]
    for each in chain:
        if each.get("class") == "li-untranslated":
            return False
        if each.tag in _DATA or each.get("dir") in {"ltr", "auto"} or each.get("lang") not in {None, *LANGUAGES}:
            return True
    return False
