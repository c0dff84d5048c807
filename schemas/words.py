"""Text folded into search words, the same way for what is stored and for what is asked, in every script."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

MAX_WORD: Final = 60
_WORD: Final = re.compile(r"[^\W_]+")
_HAN: Final = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")
_ARABIC: Final = re.compile(r"[\u0621-\u064a]+")
# Letters that writers use for one another: forms of alef, ya and kaf; ta marbuta as ha; no tatweel.
_UNIFIED: Final = str.maketrans(
    {"ٱ": "ا", "ى": "ي", "ی": "ي", "ې": "ي", "ک": "ك", "ة": "ه", "ـ": None, "\u200c": None, "\u200d": None}
)
# "the", "and", "by", "like", "for" and their joints are written together with the word that follows.
_ARTICLES: Final = ("وال", "بال", "كال", "فال", "ولل", "لل", "ال")
_PARTICLES: Final = ("و", "ف", "ب", "ك", "ل")
_STEM: Final = 2  # fewer letters are no word any more


class _Folded(dict[int, int | str | None]):
    """What becomes of each letter, found out when it first comes."""

    def __missing__(self, letter: int) -> int | str | None:
        self[letter] = None if unicodedata.category(chr(letter)) == "Mn" else letter
        return self[letter]


_FOLDED: Final = _Folded(_UNIFIED)


def fold(text: str) -> str:
    """Fold case, accents, vowel signs and widths away."""
    if text.isascii():
        return text.casefold()
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return plain.translate(_FOLDED)


def index_words(text: str) -> list[str]:
    """Give the words under which a text is found, each once, in the order in which they first come."""
    found: dict[str, None] = {}
    for part, is_han in _parts(text):
        # The last character begins no pair, and must be found alone as well.
        for word in [*_pairs(part), part[-1]] if is_han else _with_stems(part, particles=True):
            found[word[:MAX_WORD]] = None
    return list(found)


def asked_words(text: str) -> list[list[tuple[str, bool]]]:
    """Give what a query asks for: all of the groups, any one of a group; True where a word may go on."""
    asked: dict[str, list[tuple[str, bool]]] = {}
    for part, is_han in _parts(text):
        if is_han:
            asked.update({pair: [(pair, len(pair) == 1)] for pair in _pairs(part) or [part]})
        else:
            asked[part] = [(word[:MAX_WORD], True) for word in _with_stems(part, particles=False)]
    return list(asked.values())


def _parts(text: str) -> Iterator[tuple[str, bool]]:
    for word in _WORD.findall(fold(text)):
        if word.isascii():
            yield word, False
            continue
        place = 0
        for run in _HAN.finditer(word):
            if run.start() > place:
                yield word[place : run.start()], False
            yield run.group(), True
            place = run.end()
        if place < len(word):
            yield word[place:], False


def _pairs(run: str) -> list[str]:
    """Give a run of Han characters, which are written without spaces, as overlapping pairs."""
    return [run[place : place + 2] for place in range(len(run) - 1)]


def _with_stems(word: str, *, particles: bool) -> Iterator[str]:
    yield word
    if not _ARABIC.fullmatch(word):
        return
    stems = [word]
    for prefix in _ARTICLES:
        if word.startswith(prefix) and len(word) - len(prefix) >= _STEM:
            stems.append(word[len(prefix) :])
            yield stems[-1]
            break
    if particles and word[0] in _PARTICLES and len(word) > _STEM + 1:
        yield word[1:]
