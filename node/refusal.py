"""The answer to a change that is not made."""

from schemas.problems import Problem


class Refusal(ValueError):
    """The change is not made. `reason` is a word of the contract, or of this node; `problems` name the fields."""

    def __init__(self, reason: str, message: str, problems: tuple[Problem, ...] = ()) -> None:
        super().__init__(message)
        self.reason = reason
        self.problems = problems
