"""A record as a row of a sheet and back, by the controls of the forms: what a form keeps, a sheet keeps.

A column's key is a form's name of the value: `unit`, `name.en`, `emails.0.address`; of a choice of several one column
for each, `themes#1`. Cells hold codes, alone or behind their label: "Kenya (KEN)".
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Any, Final

from node.entry_form import Control, controls_of, read_form, shown_value
from node.entry_form.values import MARK
from node.importing.rows import Values
from schemas.codelists import SCHEMES, codes, country_from, labels

FIRST: Final = ("kind", "id", "marking", "recipients")
SEVERAL: Final = frozenset({"codes", "places", "choices", "place-codes"})
TEXTS: Final = frozenset({"texts", "long-texts"})
_LISTS: Final = SEVERAL | {"lines", "orgs", "groups"}
_BRACKETS: Final = re.compile(r"\(([^()]+)\)\s*$")
_PLACES: Final = frozenset({"place", "place-codes", "placed", "places"})
Label = Callable[[str, str], str]


def cells_of(kind: str, entry: Mapping[str, Any]) -> dict[str, str]:
    """Give the cells of a record by key; codes stand alone."""
    first = {"kind": kind, "id": str(entry["id"]), "marking": str(entry["marking"])}
    named = {"recipients": " ".join(entry["recipients"])} if entry.get("recipients") else {}
    return first | named | dict(_cells(controls_of(kind), entry, ""))


def _cells(controls: Iterable[Control], record: Mapping[str, Any], before: str) -> Iterator[tuple[str, str]]:
    for control in controls:
        value, key = record.get(control.name), f"{before}{control.name}"
        if value is None:
            continue
        if control.sort == "group":
            yield from _cells(control.inner, value, f"{key}.")
        elif control.sort == "groups":
            for place, each in enumerate(value):
                yield from _cells(control.inner, each, f"{key}.{place}.")
        elif control.sort in TEXTS:
            yield from ((f"{key}.{language}", text) for language, text in value.items())
        elif control.sort in SEVERAL:
            yield from ((f"{key}#{place}", text) for place, text in enumerate(shown_value(control, value), start=1))
        else:
            yield key, str(shown_value(control, value))


def template_keys(kind: str, languages: Iterable[str], *, several: int = 3) -> list[str]:
    """Give the keys of an empty sheet's columns, in the order of the form."""
    tags = list(languages)

    def keys(controls: Iterable[Control], before: str) -> Iterator[str]:
        for control in controls:
            key = f"{before}{control.name}"
            if control.sort in {"group", "groups"}:
                yield from keys(control.inner, f"{key}." if control.sort == "group" else f"{key}.0.")
            elif control.sort in TEXTS:
                yield from (f"{key}.{tag}" for tag in tags)
            elif control.sort in SEVERAL:
                yield from (f"{key}#{number}" for number in range(1, several + 1))
            else:
                yield key

    return [*FIRST, *keys(controls_of(kind), "")]


def in_order(kind: str, keys: Iterable[str]) -> list[str]:
    """Sort keys as the form has its fields."""
    top = {name: place for place, name in enumerate((*FIRST, *(control.name for control in controls_of(kind))))}

    def place(key: str) -> tuple[Any, ...]:
        name, *rest = re.split(r"[.#]", key)
        control = control_at(kind, key)
        inner = [(0, int(each), "") if each.isdigit() else (1, 0, each) for each in rest]
        return top.get(name, len(top)), control is None, inner

    return sorted(keys, key=place)


@cache
def control_at(kind: str, key: str) -> Control | None:
    """Give the control that a column's key belongs to; None if there is none."""
    controls: Iterable[Control] = controls_of(kind)
    parts = key.partition("#")[0].split(".")
    while parts:
        control = next((each for each in controls if each.name == parts[0]), None)
        if control is None:
            return None
        parts = parts[1:]
        if control.sort == "groups":
            if not (parts and parts[0].isascii() and parts[0].isdigit()):
                return None
            parts = parts[1:]
        if control.sort not in {"group", "groups"}:
            is_text = control.sort in TEXTS
            return (
                control if len(parts) == (1 if is_text else 0) and ("#" in key) == (control.sort in SEVERAL) else None
            )
        controls = control.inner
    return None


def is_key(kind: str, key: str) -> bool:
    """Whether a sheet of this kind may have such a column."""
    return key in FIRST or control_at(kind, key) is not None


def record_of(kind: str, cells: Values) -> dict[str, Any]:
    """Give what a row says, as `parse_entry` takes it; nothing is judged here."""
    sent: dict[str, list[str]] = {}
    for key in sorted(cells, key=_number):
        control = control_at(kind, key)
        text = _text(cells[key])
        if control is not None and text:
            sent.setdefault(key.partition("#")[0], []).append(_code_in(control, text))
    record = read_form(controls_of(kind), sent)
    for control in controls_of(kind):
        if control.required and control.sort in _LISTS:
            record.setdefault(control.name, [])  # a list that must be there may be empty: that says something
    recipients = _text(cells.get("recipients")).replace(",", " ").split()
    named = {"id": _text(cells.get("id")), "marking": _text(cells.get("marking")), "recipients": recipients}
    return {**record, **{name: value for name, value in named.items() if value}}


def _number(key: str) -> tuple[str, int]:
    name, _, number = key.partition("#")
    return name, int(number) if number.isdigit() else 0


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value).strip()


def _code_in(control: Control, text: str) -> str:
    """Take the code out of "label (code)"; a label that is known stands for its code; else the text stays."""
    if control.sort == "yesno":
        return {"true": "yes", "false": "no"}.get(text.lower(), _bracketed(text, {"yes", "no"}))
    if not (control.schemes or control.sort in _PLACES):
        return text
    known = _known(control.schemes or ("country", "region"), control.sort in {"code", "codes"})
    if control.sort in {"placed", "places"} and text.lower() == "global":
        return "global"
    found = _bracketed(text, known)
    code, mark, rest = found.partition(MARK)
    if code in known:
        return found
    place = country_from(code) if control.sort in _PLACES else None
    return (place or _by_label(control).get(code.casefold(), code)) + mark + rest


def _bracketed(text: str, known: Iterable[str]) -> str:
    found = _BRACKETS.search(text)
    return found[1] if found and found[1].partition(MARK)[0] in known else text


@cache
def _known(schemes: tuple[str, ...], named: bool) -> frozenset[str]:
    known = [scheme for scheme in schemes if scheme in SCHEMES]
    words = {each for each in schemes if each not in SCHEMES}  # a choice of plain words
    return frozenset({f"{scheme}:{code}" if named else code for scheme in known for code in codes(scheme)} | words)


@cache
def _by_label(control: Control) -> Mapping[str, str]:
    named = control.sort in {"code", "codes"}
    return {
        words.casefold(): f"{scheme}:{code}" if named else code
        for scheme in control.schemes if scheme in SCHEMES
        for code, words in labels(scheme).items()
    }  # fmt: skip


def labelled(control: Control, text: str, label: Label) -> str:
    """Put the label of a code before it, in the words that `label(scheme, code)` gives."""
    code = text.partition(MARK)[0]
    if control.sort in {"code", "codes"}:
        scheme, _, bare = code.partition(":")
        words = label(scheme, bare) if scheme in SCHEMES else bare
    else:
        schemes = control.schemes or (("country", "region") if control.sort in _PLACES else ())
        bare = code
        words = next((label(each, code) for each in schemes if each in SCHEMES and code in codes(each)), code)
    return text if words in {bare, code} or "(" in text else f"{words} ({text})"


def choices_of(control: Control) -> list[str]:
    """Give the codes of a drop-down: what a cell of this control may hold; empty where that is free."""
    if control.sort == "yesno":
        return ["yes", "no"]
    schemes = control.schemes or (("country", "region") if control.sort in _PLACES else ())
    if control.sort == "literal":
        return list(schemes)
    named = control.sort in {"code", "codes"}
    return [f"{scheme}:{code}" if named else code for scheme in schemes for code in codes(scheme)]


def key_of_problem(column: str, keys: Iterable[str]) -> str:
    """Give the column in which a problem stands that was found at a place of the record."""
    known = list(keys)
    parts = column.split(".")
    if len(parts) > 1 and parts[1].isdigit() and f"{parts[0]}#{int(parts[1]) + 1}" in known:
        return f"{parts[0]}#{int(parts[1]) + 1}"
    for length in range(len(parts), 0, -1):
        head = ".".join(parts[:length])
        found = next((key for key in known if key == head or key.startswith((f"{head}.", f"{head}#"))), None)
        if found is not None:
            return found
    return column
