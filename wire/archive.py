"""A backup as one file: a tar of plain files and, last, a manifest with their hashes; read back only if all fits."""

import hashlib
import io
import os
import tarfile
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Any, NamedTuple

import orjson

from schemas.sentences import sentence
from wire.durable_file import sync_folder

FORMAT = "liaison-backup-1"
MANIFEST = "manifest.json"
MAX_MANIFEST = 16 * 1024 * 1024  # bytes
MAX_FILES = 100_000
MOVED_ASIDE = ".moved"  # ends the name of a SQLite database that was moved to another one
_CHUNK = 1024 * 1024


class BadArchive(ValueError):
    """The file is no whole backup; the message says what was found and what to do."""


class Manifest(NamedTuple):
    """What a backup holds: `about` as whoever made it says; `files` by name, with size in bytes and SHA-256 in hex."""

    about: Mapping[str, str]
    files: Mapping[str, tuple[int, str]]

    @property
    def size(self) -> int:
        """All files together, in bytes."""
        return sum(size for size, _ in self.files.values())


def write_archive(target: Path, about: Mapping[str, str], files: Iterable[tuple[str, Path]]) -> Manifest:
    """Write files, each under a relative name, into a new file of mode 0600 that is on the disk when this returns.

    FileExistsError rather than losing what is there; after any failure there is no file.
    """
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            manifest = _write(file, about, files)
            file.flush()
            os.fsync(file.fileno())
        sync_folder(target.parent)
    except BaseException:
        target.unlink()
        raise
    return manifest


def _write(file: IO[bytes], about: Mapping[str, str], files: Iterable[tuple[str, Path]]) -> Manifest:
    written: dict[str, tuple[int, str]] = {}
    with tarfile.open(fileobj=file, mode="w|", format=tarfile.PAX_FORMAT) as tar:
        for name, path in files:
            with path.open("rb") as source:
                size, hashed = os.fstat(source.fileno()).st_size, _Hashing(source)
                tar.addfile(_member(name, size), hashed)  # type: ignore[arg-type]
            written[name] = (size, hashed.digest)
        document = {
            "format": FORMAT, "about": dict(about),
            "files": {name: {"size": size, "sha256": digest} for name, (size, digest) in written.items()},
        }  # fmt: skip
        content = orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)
        tar.addfile(_member(MANIFEST, len(content)), io.BytesIO(content))
    return Manifest(about, written)


def files_of(directory: Path, left_out: Collection[str], database: Path | None = None) -> Iterator[tuple[str, Path]]:
    """Give the files of a state directory by name, without what lies directly in it under a name of `left_out`.

    Nor what is half written (hidden, or `making-…`), nor a SQLite database with its side files, which is copied apart,
    nor one that was moved to another: what is erased since is still in it.
    """
    apart = set[Path]()
    if database is not None:
        base = database.resolve()
        apart = {base.with_name(base.name + ending) for ending in ("", "-wal", "-shm", "-journal")}
    for path in sorted(directory.resolve().rglob("*")):
        parts = path.relative_to(directory.resolve()).parts
        unfinished = any(part.startswith((".", "making-")) for part in parts)
        moved = path.name.removesuffix("-wal").removesuffix("-shm").endswith(MOVED_ASIDE)
        if parts[0] not in left_out and not (unfinished or moved) and path not in apart and path.is_file():
            yield "/".join(parts), path


def unpack(archive: Path, into: Path) -> Manifest:
    """Write what a backup holds into an empty folder, files of mode 0600, and check every one; BadArchive otherwise.

    Names lead nowhere but into the folder, and nothing there is overwritten; what was written before a failure stays,
    so it is a folder that is thrown away then.
    """
    with _opened(archive) as tar:
        return _unpacked(tar, into)


def unpack_of(service: str, schema: str, archive: Path, into: Path) -> Manifest:
    """Unpack the backup of this service, made by software with a schema (`schema`) that is not newer; BadArchive."""
    manifest = unpack(archive, into)
    found, known = manifest.about.get("service", "something else")[:40], manifest.about.get("schema", "")
    if found != service:
        raise BadArchive(
            sentence("{file} is a backup of {found}, not of {service}", file=archive, found=found, service=service)
        )
    if known > schema:
        raise BadArchive(
            sentence(
                "the backup was made by newer software (schema {schema}, here {known}); install that first",
                schema=known[:10],
                known=schema,
            )
        )
    return manifest


def read_manifest(archive: Path) -> Manifest:
    """Read what a backup says that it holds; its files are not checked."""
    with _opened(archive) as tar:
        for member in tar:
            if member.name == MANIFEST:
                return _manifest(tar, member)
    raise BadArchive("there is no manifest at its end: it was not written whole; take another backup")


@contextmanager
def _opened(archive: Path) -> Iterator[tarfile.TarFile]:
    if archive.is_dir():
        raise BadArchive(f"{archive} is a directory; name the file of a backup")
    try:
        with tarfile.open(archive, mode="r|") as tar:
            yield tar
    except (tarfile.TarError, EOFError) as error:
        raise BadArchive(f"{archive} is no backup, or not whole: {error}; take another one") from None


def _unpacked(tar: tarfile.TarFile, into: Path) -> Manifest:
    found: dict[str, tuple[int, str]] = {}
    for member in tar:
        if member.name == MANIFEST:
            manifest = _manifest(tar, member)
            if dict(manifest.files) != found:
                names = {name for name, _ in manifest.files.items() ^ found.items()}
                raise BadArchive(f"{min(names)} is not as the manifest says; take another backup")
            return manifest
        source = tar.extractfile(member) if member.isreg() and _is_plain(member.name) else None
        if source is None or len(found) >= MAX_FILES:
            raise BadArchive(f"{member.name[:200]!r} cannot be in a backup; it was changed")
        path = into / member.name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        found[member.name] = (member.size, _copy(source, path))
    raise BadArchive("there is no manifest at its end: it was not written whole; take another backup")


def _manifest(tar: tarfile.TarFile, member: tarfile.TarInfo) -> Manifest:
    source = tar.extractfile(member) if member.isreg() and member.size <= MAX_MANIFEST else None
    try:
        document: Any = orjson.loads(source.read() if source else b"")
        if document["format"] != FORMAT:
            raise BadArchive(f"it is of the format {str(document['format'])[:40]!r}; this software reads {FORMAT}")
        about = {str(name): str(value) for name, value in document["about"].items()}
        files = {str(name): (int(each["size"]), str(each["sha256"])) for name, each in document["files"].items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        if isinstance(error, BadArchive):
            raise
        raise BadArchive("its manifest cannot be read; take another backup") from None
    return Manifest(about, files)


def _copy(source: IO[bytes], path: Path) -> str:
    digest = hashlib.sha256()
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    except FileExistsError:
        raise BadArchive(f"{path.name[:200]!r} is in it twice; it was changed") from None
    with os.fdopen(descriptor, "wb") as file:
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()


def _is_plain(name: str) -> bool:
    path = PurePosixPath(name)
    return bool(path.parts) and not path.is_absolute() and ".." not in path.parts and "\x00" not in name


def _member(name: str, size: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o600
    return member


class _Hashing:
    """A file that is hashed while it is read."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        self._digest = hashlib.sha256()

    def read(self, size: int) -> bytes:
        """Read at most so many bytes."""
        chunk = self._source.read(size)
        self._digest.update(chunk)
        return chunk

    @property
    def digest(self) -> str:
        """SHA-256 of what was read, in hex."""
        return self._digest.hexdigest()
