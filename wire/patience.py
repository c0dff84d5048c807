"""Waits for work that may hang, and goes on without it: no check holds up the others."""

import threading
from collections.abc import Callable
from typing import TypeVar

_T = TypeVar("_T")


def within(seconds: float, work: Callable[[], _T]) -> _T:
    """Give what `work` gives, or raise what it raises; TimeoutError after so long.

    The work may go on in a thread that nobody waits for, not even the end of the process.
    """
    done: list[_T] = []
    wrong: list[BaseException] = []

    def run() -> None:
        try:
            done.append(work())
        except BaseException as error:  # noqa: BLE001 - handed to whoever waits
            wrong.append(error)

    thread = threading.Thread(target=run, daemon=True, name="doctor")
    thread.start()
    thread.join(seconds)
    if wrong:
        raise wrong[0]
    if not done:
        raise TimeoutError(f"no answer within {seconds:g} s")
    return done[0]
