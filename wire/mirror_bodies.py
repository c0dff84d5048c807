"""The bodies of a mirror: those that statements name, that may be read, and that no order of erasure names."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from schemas.release import CLEAR, GREEN
from schemas.statement import CONTROL
from wire.audit.entries import Named, named_by
from wire.encoding import b64url, from_b64url
from wire.log_source import DirectoryLog, LogSource, has_hash
from wire.merkle import HASH_SIZE
from wire.mirror_files import BadMirror, write_file
from wire.tiles import WIDTH, width_in

ERASED: Final = "erased"
_CONTROL: Final = CONTROL.encode()
_SHOWN: Final = frozenset({CLEAR, GREEN})


class MirrorBodies:
    """Gets bodies, and knows which are not to be there. `check`: what lies there is read, else only looked for."""

    def __init__(self, source: LogSource, here: DirectoryLog, *, check: bool) -> None:
        self._source = source
        self._here = here
        self._check = check
        self.listed = self._list()  # what DIR/erased says
        self.erased = self.listed
        self.copied = 0
        self._missing = set[bytes]()

    @property
    def absent(self) -> int:
        """How many could be asked for and were not there."""
        return len(self._missing - self.erased)

    @property
    def lost(self) -> bool:
        """Whether there are none at all."""
        return not (self._here.directory / "bodies").is_dir()

    def look_over(self, size: int) -> None:
        """Get what is missing of the first `size` entries, which were copied before, or is damaged."""
        for named in self._named(0, size):
            wanted = [each for each in named if each[1] in _SHOWN]  # no hub gives what is encrypted: ask for it once
            self._get([each for each in wanted if each[2] == _CONTROL or each[0] not in self.erased], check=self._check)

    def of_no_record(self, entries: Sequence[bytes]) -> None:
        """Get the bodies of new entries that say who may order what."""
        self._get([each for each in map(named_by, entries) if each and each[2] == _CONTROL], check=True)

    def of_records(self, begin: int, end: int, *, named_again: bool) -> Iterator[int]:
        """Get the bodies of records in new entries, but for the erased ones; gives how far it has come.

        `named_again`: no order is about these entries, so what they name is wanted, whatever was erased before.
        """
        done = begin
        for named in self._named(begin, end):
            wanted = [each for each in named if each[2] != _CONTROL]
            if named_again:
                self.erased = self.erased - {each[0] for each in wanted}
            self._get([each for each in wanted if each[0] not in self.erased], check=True)
            done = min(end, (done // WIDTH + 1) * WIDTH)
            yield done

    def note_erased(self) -> None:
        """Write DIR/erased anew, if it is not the same, so that the bodies go even if this run is killed."""
        if self.erased != self.listed:
            lines = "".join(f"{b64url(each)}\n" for each in sorted(self.erased))
            write_file(self._here.directory / ERASED, lines.encode())
            self.listed = self.erased

    def destroy(self) -> None:
        """Destroy the bodies that are not to be there."""
        for datahash in self.erased:
            self._path(datahash).unlink(missing_ok=True)

    def _named(self, begin: int, end: int) -> Iterator[list[Named]]:
        """Give what the entries from `begin` to before `end` name, bundle by bundle."""
        for number in range(begin // WIDTH, -(-end // WIDTH)):
            entries = self._here.entries(number, width_in(0, number, end))[max(0, begin - number * WIDTH) :]
            yield [each for each in map(named_by, entries) if each]

    def _get(self, named: Sequence[Named], *, check: bool) -> None:
        wanted = [each[0] for each in named if self._source.may_read(each[1])]
        missing = [each for each in wanted if not _lies_there(self._path(each), each, check=check)]
        for datahash, body in zip(missing, self._source.bodies(missing), strict=True):
            if body is None or not has_hash(body, datahash):
                self._missing.add(datahash)
                continue
            write_file(self._path(datahash), body, durable=False)
            self.copied += 1

    def _path(self, datahash: bytes) -> Path:
        return self._here.directory / "bodies" / b64url(datahash)

    def _list(self) -> set[bytes]:
        path = self._here.directory / ERASED
        try:
            return {from_b64url(each, size=HASH_SIZE) for each in path.read_text("ascii").split()}
        except FileNotFoundError:
            return set()
        except ValueError as error:
            raise BadMirror(f"{path} is damaged: {error}. Begin a new mirror beside it") from None


def _lies_there(path: Path, datahash: bytes, *, check: bool) -> bool:
    """Whether the body is there: with `check` it is read, else a file with something in it is believed."""
    try:
        return has_hash(path.read_bytes(), datahash) if check else path.stat().st_size > 0
    except FileNotFoundError:
        return False
