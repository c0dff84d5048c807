"""How a command starts and ends quickly: what its imports make stays, so garbage collection need not search it."""

import gc
from collections.abc import Callable


def run_command(load: Callable[[], Callable[[], None]]) -> None:
    """Run what `load` gives after its imports. Searched again and again, these would cost two fifths of a short run."""
    gc.disable()
    command = load()
    gc.freeze()
    gc.enable()
    try:
        command()
    finally:
        gc.freeze()  # nor is anything to be searched at the end: the process's memory goes back as a whole
