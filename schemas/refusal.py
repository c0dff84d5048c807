"""How a rule between several fields says no: with the field it points at, what it found and what it allows."""

from pydantic_core import PydanticCustomError

RULE = "liaison_rule"


def refusal(at: tuple[str | int, ...], found: str, allowed: str) -> PydanticCustomError:
    """The error to raise in a validator; `at` leads from its object to the field, `allowed` follows “must”."""
    return PydanticCustomError(RULE, "{found}; {allowed}", {"at": at, "found": found, "allowed": allowed})
