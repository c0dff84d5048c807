"""Sentences for people, marked for translation where they are made; they are English, with their values filled in."""

import re
from typing import Final

_PLACE: Final = re.compile(r"\{(\w+)\}")


def sentence(message: str, **values: object) -> str:
    """Fill values into `{name}`; pages find the message again by its words (ui/sentences.py), so it must have some.

    A value that is a sentence itself is called cause, must or means; found and place may be one.
    """
    return _PLACE.sub(lambda place: str(values[place[1]]), message)


def gettext_noop(text: str) -> str:
    """Mark a text without values for translation."""
    return text
