"""Takes one row apart by the mapping: its key, its single fields and its list items, each with its column."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from node.importing.cells import CellError, as_text, holds, look_up, value_of
from node.importing.mapping import ListRule, Mapping, Rule
from node.importing.rows import BadRow, Row, Values
from schemas.sentences import gettext_noop as N_

Flat = dict[str, Any]
"""Dotted target → value, such as {"name.en": "Legal Unit", "places.0.country": "KEN"}."""


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a list field: `value` is Flat where items are tables; items with one `key` must be equal."""

    target: str
    key: str
    value: Any
    columns: dict[str, str]


@dataclass(frozen=True, slots=True)
class Part:
    """What one row says about the record of its key."""

    row: int
    key: str
    fields: Flat
    columns: dict[str, str]
    items: tuple[Item, ...]


def key_of(row: Row, mapping: Mapping) -> str:
    """Return the source's key of a row: the one column's text, or the JSON list of several."""
    found = [look_up(row.values, column) for column in mapping.key]
    texts = ["" if isinstance(value, dict | list) else as_text(value) for value in found]
    if not any(texts):
        raise CellError(", ".join(mapping.key), found[0], N_("is empty, but it is the key that tells records apart"))
    return texts[0] if len(texts) == 1 else json.dumps(texts, ensure_ascii=False, separators=(",", ":"))


def take_apart(row: Row, key: str, mapping: Mapping) -> Part | list[BadRow]:
    """Return what a row says, or every reason why it cannot be said."""
    bad: list[BadRow] = []
    fields: Flat = {}
    for target, rule in mapping.fields.items():
        value = _value_or_report(rule, row, key, mapping, bad)
        if value is not None:
            fields[target] = value
    items: list[Item] = []
    for entry in mapping.lists:
        items.extend(_items(entry, row, key, mapping, bad))
    columns = {target: next(iter(rule.columns()), "") for target, rule in mapping.fields.items()}
    return bad or Part(row.number, key, fields, columns, tuple(items))


def _value_or_report(rule: Rule, row: Row, key: str, mapping: Mapping, bad: list[BadRow]) -> Any:
    try:
        return value_of(rule, row.values, mapping)
    except CellError as error:
        bad.append(BadRow(row.number, error.column, error.found, error.reason, key))
        return None


def _items(entry: ListRule, row: Row, key: str, mapping: Mapping, bad: list[BadRow]) -> Iterator[Item]:
    try:
        elements = list(_elements(entry, row.values))
    except CellError as error:
        bad.append(BadRow(row.number, error.column, error.found, error.reason, key))
        return
    seen: Counter[str] = Counter()
    for values in elements:
        element = Row(row.number, values)
        if entry.item is not None:
            value = _value_or_report(entry.item, element, key, mapping, bad)
            if value is not None:
                yield Item(entry.target, as_text(value), value, {"": _first(entry)})
            continue
        found = {name: _value_or_report(rule, element, key, mapping, bad) for name, rule in entry.fields.items()}
        # An item in which the source fills nothing is not an item, whatever its constants say.
        if any(found[name] is not None and rule.value is None for name, rule in entry.fields.items()):
            flat = {**entry.constants, **{name: value for name, value in found.items() if value is not None}}
            columns = {name: next(iter(rule.columns()), _first(entry)) for name, rule in entry.fields.items()}
            item_key = _item_key(entry, flat)
            seen[item_key] += 1
            # Two equal payments in one row are two payments; the same payment in two rows of a record is one.
            number = "" if entry.key else f"#{seen[item_key]}"
            yield Item(entry.target, item_key + number, flat, columns)


def _first(entry: ListRule) -> str:
    return next(iter(entry.columns()), "")


def _item_key(entry: ListRule, flat: Flat) -> str:
    named = {name: flat.get(name) for name in entry.key} if entry.key else flat
    return json.dumps(named, sort_keys=True, ensure_ascii=False)


def _elements(entry: ListRule, values: Values) -> Iterator[Values]:
    """Yield the row once per element of `each`, which the item's rules then find under the name `each`."""
    if not holds(entry.when, values):
        return
    if entry.each is None:
        yield values
        return
    found = look_up(values, entry.each)
    if found in (None, ""):
        return
    if entry.split is not None and isinstance(found, str):
        found = found.split(entry.split)
    if not isinstance(found, list):
        found = [found]
    for element in found:
        if element not in (None, "") and holds(entry.each_when, {**values, "each": element}):
            yield {**values, "each": element}


class MappingConflictError(ValueError):
    """Two targets of a mapping cannot both be; caught where rows are merged."""


def nest(flat: Flat) -> dict[str, Any]:
    """Return the record of dotted targets; numbers in targets are places in a list, of which absent ones close up.

    Raises MappingConflictError when one target lies inside the single value of another.
    """
    record: dict[str, Any] = {}
    for target, value in flat.items():
        names = target.split(".")
        place = record
        for name in names[:-1]:
            place = place.setdefault(name, {})
            if not isinstance(place, dict):
                raise MappingConflictError(f"{target} lies inside {name}, which is a single value")
        place[names[-1]] = dict(value) if isinstance(value, dict) else value
    return {name: _lists(value) for name, value in record.items()}


def _lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if value and all(name.isdigit() for name in value):
        return [_lists(value[name]) for name in sorted(value, key=int)]
    return {name: _lists(inner) for name, inner in value.items()}
