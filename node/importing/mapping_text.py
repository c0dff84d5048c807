"""Writes a mapping as the TOML file that it could have been read from."""

import re
from collections.abc import Mapping as Table
from typing import Any

from node.importing.mapping import Mapping

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_TABLES = ("constants", "fields", "aliases")


def document_of(mapping: Mapping) -> dict[str, Any]:
    """Give the keys of a mapping that say something."""
    found: dict[str, Any] = mapping.model_dump(by_alias=True, exclude_defaults=True, mode="json")
    return found


def as_toml(document: Table[str, Any]) -> str:
    """Give the text; `tomllib` reads the same document from it."""
    lines = [f"{_key(name)} = {_value(value)}" for name, value in document.items() if name not in _TABLES]
    for name in _TABLES:
        if document.get(name):
            lines += ["", f"[{name}]", *(f"{_key(key)} = {_value(value)}" for key, value in document[name].items())]
    return "\n".join(lines) + "\n"


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _text(name)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, Table):
        inner = ", ".join(f"{_key(key)} = {_value(each)}" for key, each in value.items() if each is not None)
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(_value(each) for each in value)}]"
    return _text(str(value))


def _text(text: str) -> str:
    return (
        '"'
        + "".join(_ESCAPES.get(c) or (f"\\u{ord(c):04X}" if ord(c) < 32 or ord(c) == 127 else c) for c in text)
        + '"'
    )
