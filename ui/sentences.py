"""English sentences with values in them, as databases and hubs hold them, in the language of a page."""

import re
from collections.abc import Iterator, Mapping
from enum import Enum, auto
from functools import lru_cache
from typing import Final, NamedTuple

from markupsafe import Markup

from ui.languages import DEFAULT

MAX_LENGTH: Final = 4_000  # what is longer is nobody's sentence
MAX_DEPTH: Final = 4
_PLACE: Final = re.compile(r"\{(\w+)\}")
_END: Final = re.compile(r"(?<=[.!?]) (?=[A-Z\"])")
_LABEL: Final = re.compile(r"([^\s:]{1,200}): (.+)", re.DOTALL)


class Sort(Enum):
    """What a part of a sentence is: words of the page's language, a value, or English that is not translated."""

    WORDS = auto()
    VALUE = auto()
    ENGLISH = auto()


Parts = tuple[tuple[Sort, str], ...]
# Values that are sentences themselves, and what they are where their words are not known.
_SAID: Final = {
    "cause": Sort.ENGLISH, "must": Sort.ENGLISH, "means": Sort.ENGLISH, "found": Sort.VALUE, "place": Sort.VALUE,
}  # fmt: skip


class _Message(NamedTuple):
    """A message with places for values: the words around them, their names, and the translation."""

    words: tuple[str, ...]
    names: tuple[str, ...]
    translation: str

    def weight(self) -> int:
        return sum(map(len, self.words))

    def values(self, text: str) -> dict[str, str] | None:
        """Give the values with which the message is this text; looks for the words from left to right, once."""
        first, *middle, last = self.words
        place, end = len(first), len(text) - len(last)
        if end <= place or not text.startswith(first) or not text.endswith(last):
            return None
        found: list[str] = []
        for words in middle:
            at = text.find(words, place + 1, end)
            if at < 0:
                return None
            found.append(text[place:at])
            place = at + len(words)
        return dict(zip(self.names, [*found, text[place:end]], strict=True)) if place < end else None


class Sentences:
    """The sentences of one language, by their English; `{name}` stands where a value comes."""

    def __init__(self, language: str, translated: Mapping[str, str]) -> None:
        self._language = language
        self._translated = translated
        found = (_message(english, words) for english, words in translated.items() if _PLACE.search(english))
        # The one with the most words of its own says most about a text.
        self._messages = sorted(found, key=_Message.weight, reverse=True)
        self._parts = lru_cache(maxsize=4_096)(self._parts_of)

    def said(self, english: str) -> Markup:
        """Give a sentence for a page: values in their own direction, English marked as such; Markup as it is."""
        if isinstance(english, Markup) or self._language == DEFAULT:
            return Markup("{}").format(english)
        return Markup("").join(_FORMS[sort].format(text) for sort, text in self._parts(english))

    def plain(self, english: str) -> str:
        """Give a sentence for a file or a title."""
        return english if self._language == DEFAULT else "".join(text for _, text in self._parts(english))

    def _parts_of(self, english: str) -> Parts:
        return self._known(english, 0) or ((Sort.ENGLISH, english),) if english else ()

    def _known(self, text: str, depth: int) -> Parts | None:
        """Give the parts of a text whose words are known, at least some of them."""
        if depth > MAX_DEPTH or not 0 < len(text) <= MAX_LENGTH:
            return None
        return self._whole(text, depth) or self._one_by_one(text, depth) or self._labelled(text, depth)

    def _whole(self, text: str, depth: int) -> Parts | None:
        if text in self._translated:
            return ((Sort.WORDS, self._translated[text]),)
        found = ((message, message.values(text)) for message in self._messages)
        filled = (tuple(self._filled(each, values, depth)) for each, values in found if values is not None)
        # The message with the most words comes first; a better one leaves less of the text in English.
        return min(filled, key=_english, default=None)

    def _filled(self, message: _Message, values: Mapping[str, str], depth: int) -> Iterator[tuple[Sort, str]]:
        for number, text in enumerate(_PLACE.split(message.translation)):
            if number % 2 == 0:
                yield Sort.WORDS, text
                continue
            known = self._known(values[text], depth + 1) if text in _SAID else None
            yield from known or ((_SAID.get(text, Sort.VALUE), values[text]),)

    def _labelled(self, text: str, depth: int) -> Parts | None:
        """What a sentence is about may stand before it: a record, a file, a field."""
        labelled = _LABEL.fullmatch(text)
        known = self._known(labelled[2], depth + 1) if labelled else None
        if labelled is None or known is None or known[0][0] is Sort.ENGLISH:
            return None
        label = self._translated.get(labelled[1])  # a state, such as live
        return ((Sort.VALUE, labelled[1]) if label is None else (Sort.WORDS, label), (Sort.WORDS, ": "), *known)

    def _one_by_one(self, text: str, depth: int) -> Parts | None:
        """Several sentences in one text; those that are not known stay English."""
        rest, found, some = _END.split(text), list[tuple[Sort, str]](), False
        while len(rest) > (0 if found else 1):
            begun = ((count, " ".join(rest[:count])) for count in range(min(len(rest), 4), 0, -1))
            tried = ((count, self._whole(text, depth) or self._labelled(text, depth)) for count, text in begun)
            count, known = next(((count, each) for count, each in tried if each), (1, None))
            found += [*([(Sort.WORDS, " ")] if found else []), *(known or [(Sort.ENGLISH, rest[0])])]
            some, rest = some or known is not None, rest[count:]
        return tuple(found) if some else None


def _english(parts: Parts) -> int:
    return sum(len(text) for sort, text in parts if sort is Sort.ENGLISH)


def _message(english: str, translation: str) -> _Message:
    parts = _PLACE.split(english)
    return _Message(tuple(parts[::2]), tuple(parts[1::2]), translation)


_FORMS: Final = {
    Sort.WORDS: Markup("{}"),
    Sort.VALUE: Markup("<bdi>{}</bdi>"),
    Sort.ENGLISH: Markup('<span class="li-untranslated" lang="en" dir="ltr">{}</span>'),
}
