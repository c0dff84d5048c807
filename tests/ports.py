"""Ports for tests: each process of a parallel run has its own, or two could find the same one free and both take it."""

import os

_ALL = range(20_000, 32_768)  # those of hub.bus_process; above, the system lends them to any connection
_ROWS = 4  # one in so many lies in rows: nobody takes one out of a row that is free as a whole


def _own() -> range:
    """Give the part of this process among those of pytest-xdist; all without it."""
    count = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    place = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % count  # one that crashed has a heir
    width = len(_ALL) // count
    return _ALL[place * width : (place + 1) * width]


OWN = _own()
ROWS = OWN[: len(OWN) // _ROWS]
SINGLE = OWN[len(ROWS) :]


def keep_to_own_ports() -> None:
    """Let this process, and the hubs and demonstrations that it starts, choose among its own."""
    os.environ["LIAISON_HUB_PORTS"] = f"{SINGLE[0]}-{SINGLE[-1]}"
