"""Whether members have seen the log that this hub keeps: what their statements say of it is compared with it.

A statement names the newest checkpoint that its node has cosigned. Another root there than this log's shows that the
log's key signed two histories, or that the member says what is not so: both are kept as evidence, neither is refused.
"""

import asyncio
from pathlib import Path

import orjson
import structlog
from sqlalchemy import Engine, select

from hub import checkpoints, tables
from hub.tree import tree_in
from hub.writer import Committed
from wire.durable_file import replace_durably
from wire.encoding import b64url, from_b64url
from wire.merkle import tree_root

FOLDER = "evidence"
MAX_KNOWN = 10_000
_NAME = "split-view"

_log = structlog.get_logger()


class SplitViews:
    """`committed` is told of each batch; `run` compares, once for each checkpoint that is named. `found` counts."""

    def __init__(self, engine: Engine, directory: Path) -> None:
        self._engine = engine
        self._folder = directory / FOLDER
        self.found = len(list(self._folder.glob(f"{_NAME}-*.json")))
        self._known: dict[str, None] = {}
        self._new: asyncio.Queue[tuple[str, int]] = asyncio.Queue()

    def committed(self, committed: Committed) -> None:
        """Take note of what a batch says to have seen."""
        for seen, index in committed.outcome.seen.items():
            if seen not in self._known:
                self._known[seen] = None
                self._new.put_nowait((seen, index))
        for old in list(self._known)[:-MAX_KNOWN]:
            del self._known[old]

    async def run(self) -> None:
        """Compare until cancelled."""
        while True:
            await asyncio.to_thread(self.compare, *await self._new.get())

    def compare(self, seen: str, index: int) -> bool:
        """Whether the log had this root at this size; if not, the statement at `index` is kept as evidence."""
        size, root = int(seen.partition(":")[0]), from_b64url(seen.partition(":")[2], size=32)
        log = tables.log
        with self._engine.connect() as connection:
            ours = tree_root(size, tree_in(connection, size))
            if ours == root:
                return True
            token = bytes(connection.scalar(select(log.c.token).where(log.c.index == index)) or b"")
            signed = checkpoints.of_size(connection, size)
        evidence = {
            "what": "a statement says to have cosigned another root of this log than the hub has at that size",
            "index": index, "size": size, "root_seen": b64url(root), "root_here": b64url(ours),
            "token": token.decode(), "checkpoint_here": signed.note.decode() if signed else None,
        }  # fmt: skip
        self._folder.mkdir(mode=0o700, exist_ok=True)
        path = self._folder / f"{_NAME}-{index}.json"
        self.found += not path.exists()
        replace_durably(path, orjson.dumps(evidence, option=orjson.OPT_INDENT_2) + b"\n")
        _log.error("split_view.found", index=index, size=size, evidence=str(path))
        return False
