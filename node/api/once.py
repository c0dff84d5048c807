"""Does once what a request with an idempotency key asks, where that is not one change in the records' chain.

The key is taken before, and what came of it is noted after. Secrets are never noted: a repeated answer is without them.
"""

import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from fastapi import Request

from node.api.conditions import key_of, keys_refused
from node.node import Node
from node.store.answered import Answered


class Once(NamedTuple):
    """What was done, as numbers and words; `again` if it was done for the same key before."""

    done: list[Any]
    again: bool

    @property
    def headers(self) -> dict[str, str]:
        """Say in the answer that nothing was done now, if so."""
        return {"Idempotency-Replayed": "true"} if self.again else {}


def once(node: Node, request: Request, body: bytes, work: Callable[[], Sequence[Any]]) -> Once:
    """Do the work, whose result names what was made; what fails leaves the key free.

    Refusal if the key came with another request, or the first one has not ended.
    """
    key = key_of(request, body)
    if key is None:
        return Once(list(work()), again=False)
    answered = Answered(node.engine)
    with keys_refused():
        known = answered.take(key, int(time.time()))
    if known is not None:
        return Once(known, again=True)
    try:
        done = list(work())
    except BaseException:
        answered.leave(key)
        raise
    answered.note(key, done)
    return Once(done, again=False)
