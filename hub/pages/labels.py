"""The words of the hub's pages: code lists, fields and places of schemas, given to the shared labels."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from people.vocabulary import VOCABULARY
from ui import labels
from ui.labels import KINDS, Labels
from wire.reasons import EXPLANATIONS

__all__ = ["KINDS", "VOCABULARY", "labels_of", "words"]

# What reasons to refuse an event, or to leave it out of the view, mean: by their code word, for translation.
MEANINGS: Final = {str(reason): explained.meaning for reason, explained in EXPLANATIONS.items()}


def labels_of(language: str, gettext: Callable[[str], str]) -> Labels:
    """Give the words of a language, for mail and other texts that are no page."""
    return Labels(VOCABULARY, language, gettext)


def words(language: str, gettext: Callable[[str], str]) -> Mapping[str, Any]:
    """Give templates the words of a language."""
    return {**labels.words(VOCABULARY, language, gettext), "meanings": MEANINGS}
