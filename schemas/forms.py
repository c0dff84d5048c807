"""What each pattern means in words, so that nobody has to read a regular expression to correct a field."""

from typing import Final

FORMS: Final[dict[str, str]] = {}


def form(pattern: str, words: str) -> str:
    """The pattern, remembered with the words that follow “must” when a text does not match it."""
    FORMS[pattern] = words
    return pattern
