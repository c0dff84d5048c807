"""A regular expression for one word of a list, letter by letter, so that a long list costs no more than a short one."""

import re
from collections.abc import Iterable


def one_of(words: Iterable[str]) -> str:
    """Match exactly one of the words where something that is no part of a word follows; ValueError without any."""
    known = sorted(set(words))
    if not known:
        raise ValueError("a list without words matches nothing")
    return _endings(known)


def _endings(words: list[str]) -> str:
    by_letter: dict[str, list[str]] = {}
    for word in words:
        by_letter.setdefault(word[:1], []).append(word[1:])
    ends = by_letter.pop("", None) is not None
    last = [re.escape(letter) for letter, rest in by_letter.items() if rest == [""]]
    ways = [re.escape(letter) + _endings(rest) for letter, rest in by_letter.items() if rest != [""]]
    if last:
        ways.append(f"[{''.join(last)}]" if len(last) > 1 else last[0])
    if len(ways) < 2 and not ends:
        return "".join(ways)
    # Every way begins with a letter of its own, so there is nothing to try again (atomic groups, Python 3.11).
    return f"(?>{'|'.join(ways)}{'|' if ends else ''})"
