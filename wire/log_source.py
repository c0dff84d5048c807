"""Where an auditor reads a log from: a hub over HTTP, or a mirror directory with the paths of C2SP tlog-tiles."""

import hashlib
import re
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar

from schemas.body import MAX_BYTES as MAX_BODY
from wire.client import HubAway, HubClient, HubRefused
from wire.encoding import b64url
from wire.log_parts import LogAway, LogError, PartMissing, cut_bundle, cut_tile, sizes_in
from wire.merkle import HASH_SIZE
from wire.notes import MAX_NOTE
from wire.tiles import MAX_ENTRY, WIDTH, tile_path

__all__ = [
    "DirectoryLog",
    "HubLog",
    "LogAway",
    "LogError",
    "LogSource",
    "PartMissing",
    "has_hash",
    "open_log",
]  # fmt: skip

MAX_TRUST: Final = 1_000_000
MAX_BUNDLE: Final = WIDTH * (2 + MAX_ENTRY)
TRIES: Final = 5
FIRST_WAIT: Final = 0.5
BODIES_AT_ONCE: Final = 8
_CLEAR: Final = frozenset({"TLP:CLEAR"})
_SIZE: Final = re.compile(r"[1-9][0-9]{0,18}")

Answer = TypeVar("Answer")


class LogSource(Protocol):
    """One log to be read. Nothing that it gives has been verified."""

    name: str

    def trust(self) -> bytes:
        """Give trust.json as it lies there."""

    def checkpoint(self) -> bytes:
        """Give the newest checkpoint, a signed note."""

    def checkpoint_at(self, size: int) -> bytes | None:
        """Give the kept checkpoint of this size; None if none is kept."""

    def checkpoint_sizes(self, after: int = 0) -> Iterator[int]:
        """Give the sizes above `after` of which a checkpoint is kept, in order."""

    def tile(self, level: int, number: int, width: int) -> bytes:
        """Give the first `width` hashes of a tile, 32 bytes each."""

    def entries(self, number: int, width: int) -> list[bytes]:
        """Give the first `width` entries of a bundle."""

    def may_read(self, marking: str) -> bool:
        """Whether bodies of this marking can be asked for here."""

    def bodies(self, datahashes: Sequence[bytes]) -> list[bytes | None]:
        """Give bodies by their SHA-256, None for each that is not there; their hashes are for the reader to check."""


class HubLog:
    """The log of a hub over HTTP, asked again and again for a while before it is given up."""

    def __init__(
        self, address: str, token: str | None = None, say: Callable[[str], None] | None = None, *, tries: int = TRIES
    ) -> None:
        self.name = address
        self._arguments = (address, token)
        self._say = say
        self._tries = tries
        self._client = HubClient(address, token)

    def __getstate__(self) -> dict[str, Any]:
        """What another process needs to read the same log."""
        return {"address": self._arguments[0], "token": self._arguments[1], "tries": self._tries}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(state["address"], state["token"], tries=state["tries"])  # type: ignore[misc]

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def trust(self) -> bytes:
        """Give trust.json as the hub serves it."""
        return self._file("/trust.json", MAX_TRUST)

    def checkpoint(self) -> bytes:
        """Give the newest checkpoint with a quorum, or the newest where there are no witnesses."""
        return self._file("/log/checkpoint", MAX_NOTE)

    def checkpoint_at(self, size: int) -> bytes | None:
        """Give a kept checkpoint."""
        return self._fetch(f"/log/checkpoints/{size}", MAX_NOTE)

    def checkpoint_sizes(self, after: int = 0) -> Iterator[int]:
        """Give the sizes of the checkpoints that the hub says it keeps with a quorum."""
        while True:
            page = self._asked(
                lambda client, after=after: client.get("/log/checkpoints", {"after": after, "limit": 500})  # type: ignore[misc]
            )
            sizes, following = sizes_in(page), page.get("next")
            if sizes is None or sizes != sorted({size for size in sizes if size > after}):
                raise PartMissing(f"{self.name}/log/checkpoints does not list sizes above {after} in their order")
            yield from sizes
            if following is None:
                return
            if (
                not sizes or type(following) is not int or following != sizes[-1]
            ):  # else a list could go on for ever and say nothing
                raise PartMissing(
                    f"{self.name}/log/checkpoints goes on after {following!s:.20} without having come there"
                )
            after = sizes[-1]

    def tile(self, level: int, number: int, width: int) -> bytes:
        """Give a tile's first hashes; where the partial tile has gone, those of the full one."""
        return cut_tile(self._part(f"/log/tile/{level}", number, width, WIDTH * HASH_SIZE), level, number, width)

    def entries(self, number: int, width: int) -> list[bytes]:
        """Give a bundle's first entries."""
        return cut_bundle(self._part("/log/tile/entries", number, width, MAX_BUNDLE), number, width)

    def may_read(self, marking: str) -> bool:
        """Whoever has a token asks for everything, and the hub decides."""
        return self._arguments[1] is not None or marking in _CLEAR

    def bodies(self, datahashes: Sequence[bytes]) -> list[bytes | None]:
        """Ask for several bodies at once."""
        if len(datahashes) < 2:
            return [self._body(datahash) for datahash in datahashes]
        with ThreadPoolExecutor(BODIES_AT_ONCE) as threads:
            return list(threads.map(self._body, datahashes))

    def _body(self, datahash: bytes) -> bytes | None:
        return self._fetch(f"/api/v1/bodies/{b64url(datahash)}", MAX_BODY)

    def _part(self, folder: str, number: int, width: int, most: int) -> bytes:
        for path in dict.fromkeys((tile_path(number, width), tile_path(number))):
            found = self._fetch(f"{folder}/{path}", most)
            if found is not None:
                return found
        raise PartMissing(f"{self.name}{folder}/{tile_path(number, width)} is not there, which this log must have")

    def _file(self, path: str, most: int) -> bytes:
        found = self._fetch(path, most)
        if found is None:
            raise PartMissing(f"{self.name}{path} is not there; is this the address of a hub, and has it begun?")
        return found

    def _fetch(self, path: str, most: int) -> bytes | None:
        return self._asked(lambda client: client.fetch(path, most))

    def _asked(self, ask: Callable[[HubClient], Answer]) -> Answer:
        try:
            return self.ask(ask)
        except HubRefused as error:
            raise PartMissing(f"{self.name}: {error}") from None

    def ask(self, ask: Callable[[HubClient], Answer]) -> Answer:
        """Ask the hub anything, with the same patience; HubRefused for an answer that is no."""
        wait = FIRST_WAIT
        for attempt in range(1, self._tries + 1):
            try:
                return ask(self._client)
            except HubAway as error:
                if attempt == self._tries:
                    raise LogAway(f"{error} ({attempt} tries). Try again later") from None
                if self._say is not None:
                    self._say(f"{error}; next try in {wait:g} s")
                time.sleep(wait)
                wait *= 2
        raise AssertionError("unreachable")


class DirectoryLog:
    """The log in a mirror directory: paths as in C2SP tlog-tiles, `checkpoints/`, `bodies/` and `trust.json`."""

    def __init__(self, directory: Path) -> None:
        self.name = str(directory)
        self.directory = directory

    def trust(self) -> bytes:
        """Give DIR/trust.json."""
        return self._file("trust.json", MAX_TRUST)

    def checkpoint(self) -> bytes:
        """Give DIR/checkpoint: up to there the mirror is whole."""
        return self._file("checkpoint", MAX_NOTE)

    def checkpoint_at(self, size: int) -> bytes | None:
        """Give a kept checkpoint."""
        return self._read(self.directory / "checkpoints" / str(size), MAX_NOTE)

    def checkpoint_sizes(self, after: int = 0) -> Iterator[int]:
        """Give the sizes that are named in DIR/checkpoints."""
        folder = self.directory / "checkpoints"
        names = [path.name for path in folder.iterdir()] if folder.is_dir() else []
        yield from sorted(size for name in names if _SIZE.fullmatch(name) and (size := int(name)) > after)

    def tile(self, level: int, number: int, width: int) -> bytes:
        """Give a tile's first hashes."""
        data = self._part(f"tile/{level}", number, width, WIDTH * HASH_SIZE)
        with self._named(f"tile/{level}", number, width):
            return cut_tile(data, level, number, width)

    def entries(self, number: int, width: int) -> list[bytes]:
        """Give a bundle's first entries."""
        data = self._part("tile/entries", number, width, MAX_BUNDLE)
        with self._named("tile/entries", number, width):
            return cut_bundle(data, number, width)

    def may_read(self, marking: str) -> bool:  # noqa: ARG002 - of the port
        """Everything that lies there may be read."""
        return True

    def bodies(self, datahashes: Sequence[bytes]) -> list[bytes | None]:
        """Read bodies one after the other."""
        return [self._read(f"{self.directory}/bodies/{b64url(each)}", MAX_BODY) for each in datahashes]

    def _part(self, folder: str, number: int, width: int, most: int) -> bytes:
        exact = self.directory / folder / tile_path(number, width)
        full = self.directory / folder / tile_path(number)
        for path in dict.fromkeys((exact, full)):
            found = self._read(path, most)
            if found is not None:
                return found
        # A mirror that goes on meanwhile has replaced a partial tile by a wider one.
        partial = full.with_name(f"{full.name}.p")
        names = [path.name for path in partial.iterdir()] if partial.is_dir() else []
        wider = sorted(int(name) for name in names if _SIZE.fullmatch(name) and int(name) > width)
        found = self._read(partial / str(wider[0]), most) if wider else None
        if found is None:
            raise PartMissing(f"{exact} is not there, which this log must have; run liaison mirror again")
        return found

    @contextmanager
    def _named(self, folder: str, number: int, width: int) -> Iterator[None]:
        """Say which file is damaged, and what mends it."""
        try:
            yield
        except PartMissing as error:
            path = self.directory / folder / tile_path(number, width)
            raise PartMissing(f"{path} is damaged: {error}; liaison mirror with --check mends it") from None

    def _file(self, name: str, most: int) -> bytes:
        found = self._read(self.directory / name, most)
        if found is None:
            raise PartMissing(f"{self.directory / name} is not there; liaison mirror HUB DIR makes such a directory")
        return found

    def _read(self, path: Path | str, most: int) -> bytes | None:
        try:
            with open(path, "rb") as file:  # noqa: PTH123 - once for each body: a Path costs as much as the reading
                content = file.read(most + 1)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise LogAway(f"{path} cannot be read: {error.strerror or error}") from None
        if len(content) > most:
            raise PartMissing(f"{path} has more than {most} bytes; that is no file of a log")
        return content


def open_log(place: str, token: str | None = None, say: Callable[[str], None] | None = None) -> HubLog | DirectoryLog:
    """Open HUB or DIR: what begins with http:// or https:// is a hub; BadAddress for an address that cannot be used."""
    if place.lower().startswith(("http://", "https://")):  # a scheme has no upper and lower case
        return HubLog(place, token, say)
    return DirectoryLog(Path(place))


def has_hash(body: bytes, datahash: bytes) -> bool:
    """Whether this is the body that a statement names."""
    return hashlib.sha256(body).digest() == datahash
