"""Tests of schemas/whole.py: numbers in addresses are digits, and nothing else that Python reads as a number."""

from typing import Annotated

import pytest
from pydantic import Field, TypeAdapter, ValidationError

from schemas.whole import DIGITS

NUMBER = TypeAdapter[int](Annotated[int, Field(ge=-1, le=50), DIGITS])
READ = NUMBER.validate_python


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("40", 40), ("-1", -1), (7, 7)])
def test_digits_are_a_number(text: object, number: int) -> None:
    assert READ(text) == number


@pytest.mark.parametrize("text", ["4_0", "+4", " 4", "4 ", "4.0", "0x4", "٤", "", "-", "1e3", "9" * 21])
def test_what_python_alone_reads_as_a_number_is_refused(text: str) -> None:
    with pytest.raises(ValidationError, match="valid integer"):
        READ(text)


def test_schemas_tell_the_bounds() -> None:
    assert NUMBER.json_schema() == {"type": "integer", "minimum": -1, "maximum": 50}
