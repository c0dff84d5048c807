"""What the choices of a form's controls are, in the words of a language."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from node.entry_form.controls import Control
from node.entry_form.values import shown_value
from schemas.codelists import SCHEMES, codes, labels
from ui.formats import language_name
from ui.labels import Labels


def form_words(found: Labels, gettext: Callable[[str], str]) -> Mapping[str, Any]:
    """Give what the templates of forms ask for: choices of a code list, its title, names of languages."""

    @cache
    def scheme_choices(scheme: str) -> list[tuple[str, str]]:
        named = [(code, gettext(words)) for code, words in labels(scheme).items()]
        # Numbers are known to who works with a list, as R.32; what is a word itself says nothing more.
        numbered = any(any(map(str.isdigit, code)) and code == code.upper() for code, _ in named)
        return [(code, f"{code} {words}" if numbered and code != words else words) for code, words in named]

    @cache
    def untranslated(scheme: str) -> frozenset[str]:
        """Give the codes whose words stay English, as those of the long technical lists do."""
        return frozenset(code for code, words in labels(scheme).items() if gettext(words) == words)

    def known_values(schemes: tuple[str, ...], bare: bool) -> set[str]:
        return {code if bare else f"{scheme}:{code}" for scheme in schemes for code in codes(scheme)}

    return {
        "scheme_choices": scheme_choices,
        "untranslated": untranslated,
        "known_values": known_values,
        "scheme_title": lambda scheme: gettext(SCHEMES[scheme].title),
        "language_name": lambda tag: language_name(tag) or tag,
        "empty_value": _empty,
        "help_text": found.words,
    }


def _empty(control: Control) -> Any:
    return shown_value(control, None)
