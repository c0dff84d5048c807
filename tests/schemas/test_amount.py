"""One record, two records."""

import pytest

from schemas.amount import amount


@pytest.mark.parametrize(("number", "expected"), [(0, "0 records"), (1, "1 record"), (2, "2 records")])
def test_only_one_is_singular(number: int, expected: str) -> None:
    assert amount(number, "record") == expected


def test_a_noun_or_verb_of_its_own_follows_and_thousands_are_apart() -> None:
    assert amount(1, "entry is here", "entries are here") == "1 entry is here"
    assert amount(12_345, "entry is here", "entries are here") == "12,345 entries are here"
