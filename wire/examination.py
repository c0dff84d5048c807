"""What a check of a service gives: its result, the plain cause, what to do, and detail for who is asked to help."""

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Any, Final, NamedTuple

from schemas.readable import readable_line


class Result(StrEnum):
    """How a check ended; `not-checked` where something before it has failed, or where nobody can tell."""

    PASS = "pass"  # noqa: S105 - a word for people
    WARNING = "warning"
    FAIL = "fail"
    NOT_CHECKED = "not-checked"


# From the worst on; what was not checked is no finding.
_GRAVITY: Final = (Result.FAIL, Result.WARNING)
_WORDS: Final = {Result.PASS: "ok", Result.WARNING: "WARNING", Result.FAIL: "FAILED", Result.NOT_CHECKED: "not checked"}


class Check(NamedTuple):
    """One line; `what_to_do` is empty unless something is wrong, `detail` is technical text without secrets.

    `title` says what was checked, in English words that templates translate.
    """

    name: str
    title: str
    result: Result
    cause: str
    what_to_do: str = ""
    detail: str = ""

    def form(self) -> dict[str, str]:
        """Give it as APIs and commands write it."""
        return {
            "name": self.name, "title": self.title, "result": self.result.value, "cause": self.cause,
            "what_to_do": self.what_to_do, "detail": self.detail,
        }  # fmt: skip

    def lines(self) -> Iterator[str]:
        """Give it as a terminal shows it."""
        yield readable_line(f"{_WORDS[self.result]:<12} {self.title}: {self.cause}")
        if self.what_to_do:
            yield readable_line(f"{'':<12} what to do: {self.what_to_do}")
        yield from (readable_line(f"{'':<12} {line}") for line in self.detail.splitlines())


class Checks:
    """Makes the checks of one service, each under its title; `titles` stand in the order in which they are made."""

    def __init__(self, titles: Mapping[str, str]) -> None:
        self._titles = titles

    def passed(self, name: str, cause: str, detail: str = "") -> Check:
        """Say that all is well."""
        return Check(name, self._titles[name], Result.PASS, cause, "", detail)

    def warned(self, name: str, cause: str, what_to_do: str, detail: str = "") -> Check:
        """Say what works, but not as it should."""
        return Check(name, self._titles[name], Result.WARNING, cause, what_to_do, detail)

    def failed(self, name: str, cause: str, what_to_do: str, detail: str = "") -> Check:
        """Say what is wrong, and what to do."""
        return Check(name, self._titles[name], Result.FAIL, cause, what_to_do, detail)

    def skipped(self, names: Iterable[str], cause: str, detail: str = "") -> list[Check]:
        """Say why these were not checked."""
        return [Check(name, self._titles[name], Result.NOT_CHECKED, cause, "", detail) for name in names]

    def in_order(self, checks: Iterable[Check]) -> tuple[Check, ...]:
        """Put them into the order of the titles."""
        order = list(self._titles)
        return tuple(sorted(checks, key=lambda each: order.index(each.name)))


def worst(checks: Iterable[Check]) -> Result:
    """Give the gravest result: fail, warning, else pass."""
    found = {each.result for each in checks}
    return next((result for result in _GRAVITY if result in found), Result.PASS)


def forms(checks: Iterable[Check]) -> list[dict[str, Any]]:
    """Give them as APIs and commands write them."""
    return [dict(each.form()) for each in checks]
