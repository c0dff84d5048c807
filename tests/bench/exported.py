"""What a whole export costs: ms to the first byte, seconds to the last, and how much memory it takes meanwhile."""

import asyncio
import time
from pathlib import Path
from typing import Any, Final

from tests.bench.filled import say

FORMATS: Final = ("csv", "jsonl")
_NOTHING: Final = {"type": "http.request", "body": b"", "more_body": False}


def measure_exports(app: Any, records: int) -> dict[str, dict[str, float]]:
    """Give for each format ms to the first byte, seconds in all, lines, bytes, and MiB that the process grew by.

    `later_MiB` is by how much the second half of the parts needed more than the first: near to none if memory is flat.
    """
    found = {}
    for suffix in FORMATS:
        found[suffix] = asyncio.run(_read(app, f"/api/v1/records.{suffix}"))
        say(f"export {suffix:37} " + "   ".join(f"{name} {value:,.1f}" for name, value in found[suffix].items()))
        if found[suffix]["lines"] < 0.7 * records:  # cells of a CSV file may have lines of their own
            raise SystemExit(f"{suffix} has {found[suffix]['lines']} lines of {records} records: they mean nothing")
    return found


async def _read(app: Any, path: str) -> dict[str, float]:
    """Ask the application as a server does, and throw away what comes: a test client would keep it."""
    first = lines = size = 0.0
    before, held = _memory(), list[float]()
    asked = False
    begun = time.perf_counter()

    async def receive() -> dict[str, Any]:
        nonlocal asked
        if asked:  # nobody hangs up
            await asyncio.Event().wait()
        asked = True
        return _NOTHING

    async def send(message: dict[str, Any]) -> None:
        nonlocal first, lines, size
        if message["type"] == "http.response.start" and message["status"] != 200:
            raise SystemExit(f"{path} answers {message['status']}, so the figures mean nothing")
        part = message.get("body", b"")
        if part and not first:
            first = time.perf_counter() - begun
        lines += part.count(b"\n")
        size += len(part)
        held.append(_memory())

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
        "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "", "headers": [(b"host", b"hub")],
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80), "state": {},
    }  # fmt: skip
    await app(scope, receive, send)
    took = time.perf_counter() - begun
    half = max(held[: len(held) // 2 + 1])
    figures = {
        "first_ms": first * 1000, "seconds": took, "lines": lines, "MB": size / 1e6, "grown_MiB": max(held) - before,
        "later_MiB": max(held) - half,
    }  # fmt: skip
    return {name: round(value, 1) for name, value in figures.items()}


def _memory() -> float:
    """MiB that the process holds in memory (Linux; 0 elsewhere)."""
    status = Path("/proc/self/status")
    if not status.exists():
        return 0.0
    line = next(each for each in status.read_text().splitlines() if each.startswith("VmRSS"))
    return int(line.split()[1]) / 1024
