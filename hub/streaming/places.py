"""How many may read live at once, in all and from one address, so that nobody takes the places of all others."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final

from starlette.types import Scope

from hub.problem_details import Refusal

MOST: Final = 1500
MOST_PER_ADDRESS: Final = 100
RETRY_SECONDS: Final = 30


class Places:
    """Lives on the event loop. `per_address` 0 sets no limit there."""

    def __init__(self, most: int = MOST, per_address: int = MOST_PER_ADDRESS) -> None:
        self.dropped = 0  # readers that were let go because they did not read
        self._most = most
        self._per_address = per_address
        self._taken: Counter[str] = Counter()

    @property
    def taken(self) -> int:
        """How many read now."""
        return self._taken.total()

    @contextmanager
    def take(self, address: str) -> Iterator[None]:
        """Hold a place while the block runs; Refusal if there is none."""
        retry = {"Retry-After": str(RETRY_SECONDS)}
        if self.taken >= self._most:
            detail = f"{self._most} readers follow this hub already. Try again later, or follow the bus."
            raise Refusal(HTTPStatus.SERVICE_UNAVAILABLE, "too-many-streams", detail, headers=retry)
        if self._per_address and self._taken[address] >= self._per_address:
            detail = f"{self._per_address} streams are open from {address} already. Close some, or read one for all."
            raise Refusal(HTTPStatus.TOO_MANY_REQUESTS, "too-many-streams-from-here", detail, headers=retry)
        self._taken[address] += 1
        try:
            yield
        finally:
            self._taken[address] -= 1
            if not self._taken[address]:
                del self._taken[address]


def reader_address(scope: Scope) -> str:
    """Give whom a stream is counted for: an address, for IPv6 its /64, which one reader has to itself.

    Behind a proxy that the settings name, the client is whom that proxy saw.
    """
    peer = (scope.get("client") or ("unknown",))[0]
    address = _parsed(peer)
    if isinstance(address, IPv6Address):
        return f"{IPv6Address(int(address) >> 64 << 64)}/64"
    return str(address or peer)


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
