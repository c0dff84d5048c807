"""Work that may hang is not waited for."""

import threading

import pytest

from wire.patience import within


def test_it_gives_what_the_work_gives_or_raises() -> None:
    assert within(5, lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        within(5, lambda: 1 // 0)


def test_work_that_hangs_is_left_behind() -> None:
    released = threading.Event()
    with pytest.raises(TimeoutError, match="within"):
        within(0.05, lambda: released.wait(30))
    released.set()
