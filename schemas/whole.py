"""Whole numbers as they stand in addresses, of hub and node: what Python alone reads as a number is none."""

import re
from typing import Any, Final

from pydantic import BeforeValidator
from pydantic_core import PydanticKnownError

_WRITTEN: Final = re.compile("-?[0-9]{1,20}")


def _in_digits(value: Any) -> Any:
    if isinstance(value, str) and _WRITTEN.fullmatch(value) is None:
        raise PydanticKnownError("int_parsing")
    return value


# Refuses 4_0 or +4: a cursor is never taken for another one. It stands behind the bounds, or schemas lose them.
DIGITS: Final = BeforeValidator(_in_digits)
