"""How subscriptions stand, as the worker last saw them: for metrics and for operators, without asking the tables."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Figures:
    """What metrics and operators are told: subscriptions by state, and since when the oldest failing one fails."""

    states: Counter[str] = field(default_factory=Counter)
    failing_since: str | None = None
    positions: dict[int, int] = field(default_factory=dict)  # by number of the target
