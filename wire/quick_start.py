"""How a command starts and ends quickly: what its imports make stays, so garbage collection need not search it."""

import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

INTERRUPTED = 130  # the exit status of what Ctrl-C ends


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
    """Run what `load` gives after its imports. Searched again and again, these would cost two fifths of a short run.

    Ctrl-C ends it quietly from the first import on; data that could not be written out is told at the end.
    """
    status: object = 0
    try:
        with unsearched():
            command = load()
        command()
    except SystemExit as ended:
        status = ended.code
    except KeyboardInterrupt:
        status = INTERRUPTED
    finally:
        gc.freeze()  # nor is anything to be searched at the end: the process's memory goes back as a whole
    if status := _written_out(status):
        sys.exit(status)  # type: ignore[arg-type]


def _written_out(status: object) -> object:
    from wire.system_errors import in_words, output_left  # noqa: PLC0415 - nothing before the handlers above

    left = output_left()
    if left is None or status:  # else it is told already why it ended
        return status
    if isinstance(left, BrokenPipeError):
        return 1  # the reader has seen enough
    sys.stderr.write(f"Error: {in_words(left)}\n")
    return 1
