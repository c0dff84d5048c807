"""How often visitors of one network subscribe without a log-in in a day: nobody uses up alone what all share.

Counted when it begins, so that many at once are no more than one by one. Who it was cannot be read here: networks are
hashed with a key that ends with this process. A restart forgets, and that does no harm.
"""

import hashlib
import secrets
from collections import deque
from datetime import datetime, timedelta
from typing import Final

from people.back_off import network_of

MAX_OF_NETWORK: Final = 20
DAY: Final = timedelta(days=1)


class SignUps:
    """Counts for this process."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(hashlib.blake2b.MAX_KEY_SIZE)
        self._begun: dict[bytes, deque[datetime]] = {}

    def begin(self, address: str, now: datetime) -> int:
        """Count one more; or give the seconds to wait, if there were enough in the last day."""
        self._begun = {each: begun for each, begun in self._begun.items() if begun and begun[-1] > now - DAY}
        begun = self._begun.setdefault(self._network(address), deque(maxlen=MAX_OF_NETWORK))
        if len(begun) == MAX_OF_NETWORK and (wait := (begun[0] + DAY - now).total_seconds()) > 0:
            return max(1, round(wait))
        begun.append(now)
        return 0

    def take_back(self, address: str) -> None:
        """Do not count the newest one: nothing came of it."""
        if begun := self._begun.get(self._network(address)):
            begun.pop()

    def _network(self, address: str) -> bytes:
        return hashlib.blake2b(network_of(address).encode("utf-8", "surrogatepass"), key=self._key).digest()
