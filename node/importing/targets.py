"""What a column of a foreign file can become, which it probably is, and the mapping that a person's choices make."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import cache
from typing import Any, Final, NamedTuple

from node.entry_form import Control, controls_of, read_form
from node.importing.sheets import SEVERAL, TEXTS
from schemas.words import fold

LANGUAGES: Final = ("en", "fr", "ar", "es", "ru", "zh")
SPLIT: Final = ";"
_CODE: Final = r"^(?:.*\()?(?:[a-z_0-9]+:)?([^()|]*?)\)?\s*$"  # a code alone, behind its list, or in brackets
_AS: Final = {"number": "integer", "yesno": "boolean", "place": "country"}
_KEYS: Final = ("id", "key", "code", "reference", "number", "no", "ref")
# What headers call fields beside the fields' own names.
_ALSO: Final = {
    "email": "emails.address", "mail": "emails.address", "phone": "phones.number", "telephone": "phones.number",
    "tel": "phones.number", "country": "places", "countries": "places", "state": "places", "theme": "themes",
    "website": "website", "address": "addresses.full", "department": "unit", "description": "description.en",
    "title": "title.en", "name": "name.en", "role": "roles", "mode": "assistance_modes", "status": "need_status",
}  # fmt: skip


class Target(NamedTuple):
    """A place in the record: its dotted name, the control that it belongs to, and the code list of its codes."""

    name: str
    control: Control
    scheme: str = ""
    group: str = ""  # the list whose items it is in


@cache
def targets_of(kind: str) -> tuple[Target, ...]:
    """Give all that a column can become, in the order of the form."""
    return tuple(_targets(controls_of(kind), "", ""))


def _targets(controls: Iterable[Control], before: str, group: str) -> Iterator[Target]:
    for control in controls:
        name = f"{before}{control.name}"
        if control.sort in {"group", "groups"}:
            if not (control.sort == "groups" and group):
                yield from _targets(control.inner, f"{name}.", name if control.sort == "groups" else group)
        elif control.sort in TEXTS:
            yield from (Target(f"{name}.{language}", control, "", group) for language in LANGUAGES)
        elif control.sort in {"code", "codes"}:
            for scheme in control.schemes:
                yield Target(name if len(control.schemes) == 1 else f"{name}.{scheme}", control, scheme, group)
        elif control.sort not in {"json", "orgs"} and not (group and control.sort in SEVERAL | {"lines"}):
            yield Target(name, control, "", group)


def guessed(kind: str, header: Sequence[str]) -> dict[str, str]:
    """Give for each column the target that its name means, "" for none; no target twice."""
    known = {target.name for target in targets_of(kind)}
    by_words = {fold(name.replace(".", " ").replace("_", " ")): name for name in known}
    by_words |= {fold(target.control.label): target.name for target in reversed(targets_of(kind))}
    by_words |= {fold(word): name for word, name in _ALSO.items() if name in known}
    by_words |= {fold(word): f"{name}.theme_1373" for word, name in _ALSO.items() if f"{name}.theme_1373" in known}
    found: dict[str, str] = {}
    for column in header:
        words = fold(re.sub(r"[_.\-/()\s]+", " ", column)).strip()
        near = get_close_matches(words, by_words, 1, 0.85)
        name = by_words.get(words) or (by_words[near[0]] if near else "")
        found[column] = "" if name in found.values() else name
    return found


def guessed_key(header: Sequence[str]) -> str:
    """Give the column that probably tells rows apart."""
    words = {fold(column).strip(): column for column in reversed(header)}
    ends = (column for column in header if re.search(r"(?i)[ _-](id|key|code|no|ref)$", column))
    return next((words[each] for each in _KEYS if each in words), None) or next(ends, header[0])


def source_of(name: str) -> str:
    """Make the name of a source from that of a file."""
    plain = re.sub(r"[^a-z0-9]+", "-", fold(name.rpartition(".")[0] or name)).strip("-")[:64].strip("-")
    return plain or "file"


def made_mapping(
    kind: str, chosen: Mapping[str, str], constants: Mapping[str, Any], beside: Mapping[str, Any]
) -> dict[str, Any]:
    """Give a mapping's document: `chosen` is column → target, `constants` the same for all rows, `beside` the rest.

    ValueError names a target that is none, or one that two columns would fill.
    """
    known = {target.name: target for target in targets_of(kind)}
    fields: dict[str, Any] = {}
    lists: list[dict[str, Any]] = []
    groups: dict[str, dict[str, Any]] = {}
    for column, name in chosen.items():
        target = known.get(name)
        if target is None:
            raise ValueError(f"{name[:80]!r} is no field of this kind")
        if target.group:
            inner = target.name.removeprefix(f"{target.group}.")
            items = groups.setdefault(target.group, {})
            _put(items, _rules(target, inner, column), column, name)
        elif target.control.sort in SEVERAL | {"lines"}:
            lists.append(_list(target, column))
        else:
            _put(fields, _rules(target, target.name, column), column, name)
    lists += [{"target": group, "fields": items} for group, items in groups.items()]
    document: dict[str, Any] = {"kind": kind, **beside}
    taken = {target.split(".")[0] for target in chosen.values()}
    kept = {name: value for name, value in constants.items() if name not in taken}
    return document | {
        name: value for name, value in (("constants", kept), ("fields", fields), ("list", lists)) if value
    }  # fmt: skip


def _put(fields: dict[str, Any], rules: dict[str, Any], column: str, name: str) -> None:
    for target, rule in rules.items():
        if target in fields and fields[target] != rule:
            raise ValueError(f"{name!r} is filled by two columns; choose another field for {column!r}")
        fields[target] = rule


def _rules(target: Target, name: str, column: str) -> dict[str, Any]:
    control = target.control
    if control.sort == "code":
        bare = name.removesuffix(f".{target.scheme}") if len(control.schemes) > 1 else name
        return {
            f"{bare}.code": {"column": column, "match": _CODE, "otherwise": "keep"},
            f"{bare}.scheme": {"value": target.scheme, "when": {"column": column, "empty": False}},
        }
    if control.sort == "placed":
        return {f"{name}.country": {"column": column, "as": "country"}}
    if control.sort in {"choice", "literal"}:
        return {name: {"column": column, "match": _CODE, "otherwise": "keep"}}
    return {name: {"column": column, "as": _AS[control.sort]} if control.sort in _AS else column}


def _list(target: Target, column: str) -> dict[str, Any]:
    control, name = target.control, target.name
    found: dict[str, Any] = {"target": name, "each": column, "split": SPLIT}
    if control.sort == "codes":
        found["target"] = name.removesuffix(f".{target.scheme}") if len(control.schemes) > 1 else name
        code = {"column": "each", "match": _CODE, "otherwise": "keep"}
        return found | {"constants": {"scheme": target.scheme}, "fields": {"code": code}}
    if control.sort == "places":
        return found | {"fields": {"country": {"column": "each", "as": "country"}}}
    if control.sort == "place-codes":
        return found | {"item": {"column": "each", "as": "country"}}
    return found | {"item": {"column": "each", "match": _CODE, "otherwise": "keep"} if control.schemes else "each"}


def constants_asked(kind: str, taken: Iterable[str]) -> list[Control]:
    """Give the fields that each record needs and no column fills: they are asked for once, for all rows."""
    filled = {name.split(".")[0] for name in taken}
    return [each for each in controls_of(kind) if each.required and each.name not in filled and each.sort != "groups"]


def read_constants(kind: str, sent: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Give what was typed for all rows."""
    return read_form(controls_of(kind), sent)
