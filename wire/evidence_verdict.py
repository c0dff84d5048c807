"""What a verification says: separate checks, each with one sentence, and one sentence on what they prove together."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from schemas.sentences import gettext_noop as N_

NOTHING = N_("This is no evidence.")


class Result(StrEnum):
    """How a check ended."""

    PASS = "pass"  # noqa: S105 - no password
    FAIL = "fail"
    NOT_CHECKED = "not checked"


@dataclass(frozen=True, slots=True)
class Check:
    """One check: its name, how it ended, and one sentence on what that means."""

    name: str
    result: Result
    means: str


@dataclass
class Verdict:
    """All checks of one piece of evidence, and what they prove in words."""

    checks: list[Check] = field(default_factory=list)
    says: str = NOTHING

    @property
    def failed(self) -> list[str]:
        """Names of the checks that failed."""
        return [check.name for check in self.checks if check.result is Result.FAIL]

    def passes(self, name: str, means: str) -> None:
        """Note a check that passed."""
        self.checks.append(Check(name, Result.PASS, means))

    def fails(self, name: str, means: str) -> None:
        """Note a check that failed."""
        self.checks.append(Check(name, Result.FAIL, means))

    def leaves(self, name: str, means: str) -> None:
        """Note what was not checked."""
        self.checks.append(Check(name, Result.NOT_CHECKED, means))

    def document(self) -> dict[str, Any]:
        """Give it as JSON values."""
        checks = [{"check": each.name, "result": str(each.result), "means": each.means} for each in self.checks]
        return {"result": "fail" if self.failed else "pass", "says": self.says, "checks": checks}

    def text(self) -> str:
        """Give it for a person."""
        width = max((len(each.name) for each in self.checks), default=0)
        rows = [f"  {each.name:<{width}}  {each.result:<12} {each.means}" for each in self.checks]
        return "\n".join([self.says, "", *rows, ""])
