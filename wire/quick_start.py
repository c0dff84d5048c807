"""How a command starts and ends quickly: what its imports make stays, so garbage collection need not search it."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def unsearched() -> Iterator[None]:
    """Import what stays: garbage collection rests, and leaves what there is alone from then on."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def run_command(load: Callable[[], Callable[[], None]]) -> None:
    """Run what `load` gives after its imports. Searched again and again, these would cost two fifths of a short run."""
    with unsearched():
        command = load()
    try:
        command()
    finally:
        gc.freeze()  # nor is anything to be searched at the end: the process's memory goes back as a whole
