"""An ordinary body, read by one pattern over its bytes: what matches is valid; what doesn't, the models judge.

The models make an object for every part of a record, with a value for every field that is absent. Judging a great many
bodies needs neither: a pattern made from the model's schema says that the text has its form, canonical form included,
and a plain parser makes the record. A pattern that is too strict costs time only; none is more lenient than its model.
"""

import re
from collections.abc import Callable
from functools import cached_property
from typing import Any, Final

import orjson

from schemas.body_pattern import LONGEST, BodyPattern, Core, Rule, Unlike

FEW: Final = 500
_Pattern = tuple[Callable[[bytes], Any], list[Rule]]
_C1 = re.compile(rb"\xc2[\x80-\x9f]")
_BACKSLASH, _DELETE, _BEFORE_C1 = 0x5C, 0x7F, 0xC2  # single bytes are found in a tenth of the time


class QuickReader:
    """Reads the bodies of one kind, if they are many: compiling a pattern takes as long as the models on so many."""

    def __init__(self, schema: Core, *, few: int = FEW) -> None:
        """Take a model's schema, in pydantic-core's form; the first `few` bodies are left to the models."""
        self._schema = schema
        self._few = few

    def read(self, body: bytes) -> dict[str, Any] | None:
        """What a body says whose form is proven: valid and canonical. None if the models have to look at it."""
        if self._few:
            self._few -= 1
            return None
        pattern = self._escaped if _BACKSLASH in body else self._plain
        if pattern is None or _DELETE in body or (_BEFORE_C1 in body and _C1.search(body)):
            return None
        matches, rules = pattern
        if len(body) > LONGEST or not matches(body):
            return None
        try:
            value: dict[str, Any] = orjson.loads(body)
            for member, rule in rules:
                rule(value if member is None else value[member])
        except (ValueError, AssertionError, LookupError):
            return None
        return value

    @cached_property
    def _plain(self) -> _Pattern | None:
        return _compiled(self._schema, escapes=False)

    @cached_property
    def _escaped(self) -> _Pattern | None:
        return _compiled(self._schema, escapes=True)


def _compiled(schema: Core, *, escapes: bool) -> _Pattern | None:
    """None where there is no pattern, as with a pydantic that describes its models in another way."""
    try:
        made = BodyPattern(schema, escapes=escapes)
    except Unlike:
        return None
    return re.compile(made.text.encode()).fullmatch, made.rules
