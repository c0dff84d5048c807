"""What pages wear (elements, classes, attributes), and which rules for it the style sheets that they load have lost."""

import re
from typing import Final

from playwright.sync_api import Page

from ui.assets import MODULES, VENDOR, VENDORED

_PARTS: Final = re.compile(r"([^{}]*)([{}])")
_COMMAS: Final = re.compile(r",(?![^(]*\))")  # but for those between brackets
_EXCEPT: Final = re.compile(r":not\([^()]*\)")
_NAMES: Final = re.compile(r"(?:^|(?<=[\s>+~(]))[a-z][a-z0-9]*|\.[A-Za-z_][\w-]*|\[[^\]]+\]")
_WORN: Final = """() => [...document.querySelectorAll('*')].flatMap(one => [
  one.localName, ...[...one.classList].map(name => '.' + name),
  ...[...one.attributes].flatMap(({name, value}) => ['[' + name + ']', '[' + name + '=' + value + ']']),
])"""


def worn_on(page: Page) -> set[str]:
    """Give what stands on a page, after its scripts, as a style sheet names it: `td`, `.btn`, `[dir=rtl]`."""
    return set(page.evaluate(_WORN))


def lost(worn: set[str]) -> list[str]:
    """Give the rules for what is worn that a sheet has as its makers ship it, and not as pages load it."""
    return sorted(
        f"{sheet}: {rule}"
        for sheet in VENDORED
        if sheet.endswith(".css")
        for rule in _rules((MODULES / VENDORED[sheet]).read_text("utf-8")) - _rules((VENDOR / sheet).read_text("utf-8"))
        if _names(rule) <= worn and rule != ":host"  # there are no shadow trees
    )


def _rules(sheet: str) -> set[str]:
    found = [part for part, end in _PARTS.findall(sheet) if end == "{" and not part.startswith("@")]
    return {one.strip() for each in found for one in _COMMAS.split(each)}


def _names(rule: str) -> set[str]:
    return {name.replace('"', "") for name in _NAMES.findall(_EXCEPT.sub("", rule))}
