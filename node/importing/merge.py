"""Merges what several rows say about one record, and remembers which row and column each value came from."""

from dataclasses import dataclass, field
from typing import Any

from node.importing.mapping import Mapping
from node.importing.parts import Item, MappingConflictError, Part, nest
from node.importing.rows import BadRow, shorten
from schemas.sentences import sentence


@dataclass(slots=True)
class Merged:
    """A record not yet judged; `origins` leads from a path into its lists to the row and column of the value there."""

    key: str
    rows: tuple[int, ...]
    record: dict[str, Any]
    origins: dict[tuple[str, ...], tuple[int, str]] = field(default_factory=dict)
    bad: list[BadRow] = field(default_factory=list)


def merge(parts: list[Part], mapping: Mapping) -> Merged:
    """Return the record of rows in their order; a row that contradicts an earlier one is bad, and named so."""
    rows = tuple(part.row for part in parts)
    if mapping.whole:
        return Merged(parts[0].key, rows, dict(parts[0].fields))
    bad = _contradictions(parts)
    if bad:
        return Merged(parts[0].key, rows, {}, bad=bad)
    fields = {target: value for part in reversed(parts) for target, value in part.fields.items()}
    try:
        record = nest({**mapping.constants, **fields})
    except MappingConflictError as error:
        return Merged(
            parts[0].key,
            rows,
            {},
            bad=[BadRow(row, "", "", sentence("the mapping: {cause}", cause=error)) for row in rows],
        )
    merged = Merged(parts[0].key, rows, record)
    if len(parts) == 1:
        merged.origins.update({tuple(name.split(".")): (rows[0], column) for name, column in parts[0].columns.items()})
    _add_items(parts, merged, in_order=not mapping.grouped)
    return merged


def _contradictions(parts: list[Part]) -> list[BadRow]:
    bad: list[BadRow] = []
    said: dict[str, tuple[int, Any]] = {}
    for part in parts:
        items = [((item.target, item.key), item.value, next(iter(item.columns.values()))) for item in part.items]
        fields = [((target, ""), value, part.columns[target]) for target, value in part.fields.items()]
        for (target, item_key), value, column in [*fields, *items]:
            row, first = said.setdefault(f"{target}\0{item_key}", (part.row, value))
            if first != value:
                reason = sentence(
                    "says something else for {target} than row {row} of the same record, which counts",
                    target=target,
                    row=row,
                )
                bad.append(BadRow(part.row, column, shorten(_what(value)), reason))
    return bad


def _what(value: Any) -> Any:
    return ", ".join(str(part) for part in value.values()) if isinstance(value, dict) else value


def _add_items(parts: list[Part], merged: Merged, *, in_order: bool) -> None:
    """Append the rows' items, each once; grouped rows' items are sorted, so that the rows' order says nothing."""
    once: dict[tuple[str, str], tuple[int, Item]] = {}
    for part in parts:
        for item in part.items:
            once.setdefault((item.target, item.key), (part.row, item))
    for (target, _), (row, item) in once.items() if in_order else sorted(once.items()):
        items = _list_at(merged.record, target.split("."))
        path = (*target.split("."), str(len(items)))
        merged.origins[path] = (row, next(iter(item.columns.values())))
        merged.origins.update(
            {(*path, *name.split(".")): (row, column) for name, column in item.columns.items() if name}
        )
        items.append(nest(item.value) if isinstance(item.value, dict) else item.value)


def _list_at(record: dict[str, Any], names: list[str]) -> list[Any]:
    for name in names[:-1]:
        record = record.setdefault(name, {})
    found: list[Any] = record.setdefault(names[-1], [])
    return found
