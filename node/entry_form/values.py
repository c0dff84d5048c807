"""A record's values as the controls of a form show them: texts, codes and lists of both; `reading` turns them back."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import orjson

from node.entry_form.controls import Control

MARK = "|"  # between a code and what it carries beside itself, such as a share


def shown_value(control: Control, value: Any) -> Any:
    """Give what a control shows of a value: text, a list of texts, texts by language, or values by name for a group."""
    if value is None:
        return _EMPTY.get(control.sort, "")
    if control.sort == "group":
        return shown_group(control, value)
    if control.sort == "groups":
        return [shown_group(control, each) for each in _list(value)]
    return _SHOWN.get(control.sort, str)(value)


def shown_group(control: Control, value: Any) -> dict[str, Any]:
    """Give what the controls of a group show."""
    given = value if isinstance(value, Mapping) else {}
    return {inner.name: shown_value(inner, given.get(inner.name)) for inner in control.inner}


def coded_text(value: Any) -> str:
    """Write `{scheme, code}` as scheme:code, with its share behind a mark."""
    if not isinstance(value, Mapping):
        return str(value)
    share = value.get("percentage")
    return f"{value.get('scheme', '')}:{value.get('code', '')}" + (f"{MARK}{share}" if share else "")


def place_text(value: Any) -> str:
    """Write a place as its code, with subdivision and share behind marks."""
    if not isinstance(value, Mapping):
        return str(value)
    extras = (str(value.get("subdivision") or ""), str(value.get("percentage") or ""))
    code = str(value.get("country") or value.get("region") or "")
    return MARK.join((code, *extras)).rstrip(MARK)


def org_text(value: Any) -> str:
    """Write an organization as its id, or scheme:id for one outside the network."""
    return f"{value.get('scheme', '')}:{value.get('id', '')}" if isinstance(value, Mapping) else str(value)


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _texts(value: Any) -> dict[str, str]:
    return dict(value) if isinstance(value, Mapping) else {}


def _each(show: Callable[[Any], str]) -> Callable[[Any], list[str]]:
    return lambda value: [show(each) for each in _list(value)]


def _lines(show: Callable[[Any], str]) -> Callable[[Any], str]:
    return lambda value: "\n".join(map(show, _list(value)))


_EMPTY: Final[Mapping[str, Any]] = {
    "texts": {}, "long-texts": {}, "codes": [], "places": [], "choices": [], "place-codes": [], "group": {},
    "groups": [],
}  # fmt: skip
_SHOWN: Final[Mapping[str, Callable[[Any], Any]]] = {
    "texts": _texts,
    "long-texts": _texts,
    "code": coded_text,
    "codes": _each(coded_text),
    "placed": place_text,
    "places": lambda value: ["global"] if value == "global" else _each(place_text)(value),
    "choices": _each(str),
    "place-codes": _each(str),
    "org": org_text,
    "orgs": _lines(org_text),
    "lines": _lines(str),
    "yesno": lambda value: {True: "yes", False: "no"}.get(value, ""),
    "json": lambda value: orjson.dumps(value, option=orjson.OPT_INDENT_2).decode(),
}
