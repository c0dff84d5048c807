"""What a form sends, read back into the fields of a record; nothing is judged here, parse_entry does that.

Names: `field`, `field.en` for a text by language, `field.inner` in a group, `field.0.inner` in the first of several.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

import orjson

from node.entry_form.controls import Control
from node.entry_form.values import MARK

_UNORDERED: Final = frozenset({"choices", "codes", "places", "place-codes"})
MAX_GROUPS: Final = 200  # of one field in one form
Sent = Mapping[str, Sequence[str]]


def read_form(
    controls: Iterable[Control], sent: Sent, before: str = "", known: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Give the fields that a form names: what is empty is left out, what cannot be read stays as it was typed.

    `known` is the record that the form was opened with: what was chosen then keeps its order, as a choice of several
    has none of its own.
    """
    found: dict[str, Any] = {}
    for control in controls:
        value = _value(control, sent, f"{before}{control.name}", (known or {}).get(control.name))
        if value not in (None, "", [], {}):
            found[control.name] = value
    return found


def _value(control: Control, sent: Sent, name: str, known: Any) -> Any:
    if control.sort == "group":
        return read_form(control.inner, sent, f"{name}.", known if isinstance(known, Mapping) else None)
    if control.sort == "groups":
        return _groups(control, sent, name, known if isinstance(known, list) else [])
    value = _READ.get(control.sort, _one)(sent, name)
    if control.sort in _UNORDERED and isinstance(value, list) and isinstance(known, list):
        return [each for each in known if each in value] + [each for each in value if each not in known]
    return value


def _groups(control: Control, sent: Sent, name: str, known: list[Any]) -> list[dict[str, Any]]:
    numbers = {
        int(part)
        for key in sent
        if key.startswith(f"{name}.") and (part := key[len(name) + 1 :].partition(".")[0]).isascii() and part.isdigit()
        and len(part) < 5
    }  # fmt: skip
    read = (
        read_form(control.inner, sent, f"{name}.{number}.", known[number] if number < len(known) else None)
        for number in sorted(numbers)[:MAX_GROUPS]
    )
    return [each for each in read if each]


def _texts(sent: Sent, name: str) -> dict[str, str]:
    texts = {key[len(name) + 1 :]: _one(sent, key) for key in sent if key.startswith(f"{name}.")}
    return {language: text for language, text in texts.items() if text and "." not in language}


def _coded(text: str) -> Any:
    code, _, share = text.partition(MARK)
    scheme, colon, code = code.partition(":")
    if not text or not colon:
        return text
    return {"scheme": scheme, "code": code} | ({"percentage": share} if share else {})


def _place(text: str) -> Any:
    code, _, extras = text.partition(MARK)
    subdivision, _, share = extras.partition(MARK)
    if not code:
        return text
    place = {"region": code} if code.isdigit() else {"country": code}
    return place | ({"subdivision": subdivision} if subdivision else {}) | ({"percentage": share} if share else {})


def _org(text: str) -> Any:
    scheme, colon, outside = text.partition(":")
    return {"scheme": scheme.strip(), "id": outside.strip()} if colon else text


def _json(text: str) -> Any:
    try:
        return orjson.loads(text) if text else None
    except orjson.JSONDecodeError:
        return text


def _lines(sent: Sent, name: str) -> list[str]:
    return [line.strip() for line in _one(sent, name).splitlines() if line.strip()]


def _all(sent: Sent, name: str) -> list[str]:
    return list(dict.fromkeys(each.strip() for each in sent.get(name, ()) if each.strip()))


def _one(sent: Sent, name: str) -> str:
    return next((each.strip() for each in reversed(sent.get(name, ())) if each.strip()), "")


def _number(sent: Sent, name: str) -> int | str:
    text = _one(sent, name)
    return int(text) if text.isascii() and text.lstrip("-").isdigit() and len(text) < 17 else text


def _places(sent: Sent, name: str) -> Any:
    places = _all(sent, name)
    return "global" if places == ["global"] else [_place(each) for each in places]


_READ: Final[Mapping[str, Callable[[Sent, str], Any]]] = {
    "texts": _texts,
    "long-texts": _texts,
    "code": lambda sent, name: _coded(_one(sent, name)),
    "codes": lambda sent, name: [_coded(each) for each in _all(sent, name)],
    "placed": lambda sent, name: _place(_one(sent, name)),
    "places": _places,
    "choices": _all,
    "place-codes": _all,
    "org": lambda sent, name: _org(_one(sent, name)),
    "orgs": lambda sent, name: [_org(each) for each in _lines(sent, name)],
    "lines": _lines,
    "yesno": lambda sent, name: {"yes": True, "no": False}.get(_one(sent, name)),
    "number": _number,
    "json": lambda sent, name: _json(_one(sent, name)),
}
