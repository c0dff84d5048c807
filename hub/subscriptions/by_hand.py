"""How often an owner may send by hand: counted when it begins, so that many at once are no more than one by one."""

from collections import deque
from datetime import datetime, timedelta
from typing import Final

MAX_BY_HAND: Final = 10  # tests and single events sent again, a minute
MINUTE: Final = timedelta(minutes=1)


class ByHand:
    """Counts for each subscription of this process; a restart forgets, and that does no harm."""

    def __init__(self) -> None:
        self._begun: dict[str, deque[datetime]] = {}

    def begin(self, subscription: str, now: datetime) -> bool:
        """Count one more; false if there were enough in the last minute."""
        lately = now - MINUTE
        self._begun = {each: begun for each, begun in self._begun.items() if begun[-1] >= lately}
        begun = self._begun.setdefault(subscription, deque(maxlen=MAX_BY_HAND))
        if len(begun) == MAX_BY_HAND and begun[0] >= lately:
            return False
        begun.append(now)
        return True
