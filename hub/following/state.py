"""How a regional hub stands to the hub that it follows: a word, why, and as of when; for `/readyz` and pages."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from hub.following.choice import Choice
from wire.seal import timestamp

STALE_AFTER: Final = timedelta(seconds=60)


class Word(StrEnum):
    """`following`: all that the other hub shows under a quorum is here; `behind`: it is being taken.

    `away`: nothing usable was heard for a minute, or since the start; `refused`: what it showed cannot be true.
    """

    FOLLOWING = "following"
    BEHIND = "behind"
    AWAY = "away"
    REFUSED = "refused"


@dataclass
class State:
    """Changed by the part that follows, on the event loop; read by the API's threads.

    `size` is that of the newest checkpoint taken, `target` of the newest seen; `awaited` counts bodies to come.
    """

    hub: str
    choice: Choice
    now: Callable[[], datetime]
    size: int = 0
    target: int = 0
    awaited: int = 0
    heard: datetime | None = None
    trouble: str = ""
    refusal: str = ""

    @property
    def word(self) -> Word:
        """The word; never a good one when what it says is old."""
        if self.refusal:
            return Word.REFUSED
        if self.heard is None or self.now() - self.heard > STALE_AFTER:
            return Word.AWAY
        return Word.FOLLOWING if self.size >= self.target else Word.BEHIND

    @property
    def reason(self) -> str:
        """The word in a sentence."""
        match self.word:
            case Word.REFUSED:
                return f"What it showed was refused, and nothing was taken of it: {self.refusal}."
            case Word.AWAY:
                return self.trouble or "It has not answered yet."
            case Word.BEHIND:
                return f"{self.target - self.size} entries are still to be verified. {self.trouble}".rstrip()
        missing = f" {self.awaited} bodies that are to be held here are still to come." if self.awaited else ""
        return f"All that it shows under a quorum is verified and here.{missing}"

    def document(self) -> dict[str, Any]:
        """Give it as JSON values."""
        return {
            "hub": self.hub,
            "state": str(self.word),
            "reason": self.reason,
            "log_size": self.size,
            "target_size": self.target,
            "bodies_awaited": self.awaited,
            "holds": {
                "place": list(self.choice.places),
                "kind": list(self.choice.kinds),
                "org": list(self.choice.organizations),
            },
            "heard_at": None if self.heard is None else timestamp(self.heard),
        }
