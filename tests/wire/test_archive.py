"""A backup as one file: written once, for its owner only, and read back only if every file is as it was."""

import io
import tarfile
from collections.abc import Mapping
from pathlib import Path

import orjson
import pytest

from tests.on_disk import note_synced
from wire.archive import FORMAT, MANIFEST, BadArchive, files_of, read_manifest, unpack, unpack_of, write_archive

ABOUT = {"service": "liaison-node", "at": "2026-11-26T12:00:00.000Z"}


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """An archive of two files, one in a folder."""
    for name, content in (("a.txt", b"a" * 3000), ("b.txt", b"")):
        (tmp_path / name).write_bytes(content)
    write_archive(tmp_path / "it", ABOUT, [("a", tmp_path / "a.txt"), ("keys/b", tmp_path / "b.txt")])
    return tmp_path / "it"


def made(path: Path, members: Mapping[str, bytes], manifest: object = None, *, link: bool = False) -> Path:
    """An archive that somebody made by hand."""
    with tarfile.open(path, "w") as tar:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            if link:
                member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
            member.size = 0 if link else len(content)
            tar.addfile(member, None if link else io.BytesIO(content))
        if manifest is not None:
            content = orjson.dumps(manifest)
            member = tarfile.TarInfo(MANIFEST)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return path


def test_a_power_cut_cannot_take_an_archive_that_was_said_to_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced = note_synced(monkeypatch)
    write_archive(tmp_path / "it", ABOUT, [])
    assert synced == ["it", f"{tmp_path.name}: it"]


def test_it_is_read_back_as_it_was_by_its_owner_only(archive: Path, tmp_path: Path) -> None:
    into = tmp_path / "into"
    into.mkdir()
    manifest = unpack(archive, into)
    assert archive.stat().st_mode & 0o777 == 0o600
    assert {path.stat().st_mode & 0o777 for path in (into / "a", into / "keys" / "b")} == {0o600}
    assert (into / "keys").stat().st_mode & 0o777 == 0o700
    assert ((into / "a").read_bytes(), (into / "keys" / "b").read_bytes()) == (b"a" * 3000, b"")
    assert (manifest.about, manifest.size, set(manifest.files)) == (ABOUT, 3000, {"a", "keys/b"})
    assert read_manifest(archive) == manifest


def test_nothing_is_overwritten_and_a_failure_leaves_no_file(archive: Path, tmp_path: Path) -> None:
    before = archive.read_bytes()
    with pytest.raises(FileExistsError):
        write_archive(archive, ABOUT, [])
    assert archive.read_bytes() == before
    with pytest.raises(FileNotFoundError):
        write_archive(tmp_path / "other", ABOUT, [("x", tmp_path / "not-there")])
    assert not (tmp_path / "other").exists()


def test_a_changed_byte_and_a_missing_end_are_found(archive: Path, tmp_path: Path) -> None:
    whole = archive.read_bytes()
    for number, content in enumerate((whole.replace(b"aaaa", b"aaab", 1), whole[:4000], b"", b"x" * 600)):
        into = tmp_path / f"into{number}"
        into.mkdir()
        archive.write_bytes(content)
        with pytest.raises(BadArchive):
            unpack(archive, into)


@pytest.mark.parametrize("name", ["../out", "/out/of/here", "a/../../out", ""])
def test_no_name_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    into = tmp_path / "in" / "to"
    into.mkdir(parents=True)
    with pytest.raises(BadArchive):
        unpack(made(tmp_path / "it", {name: b"x"}), into)
    assert list((tmp_path / "in").rglob("*")) == [into]


def test_the_files_of_a_directory_are_those_that_are_whole_and_wanted(tmp_path: Path) -> None:
    for name in (
        "a",
        "keys/b",
        "db",
        "db-wal",
        "lock",
        "backups/c",
        ".a.new",
        "keys/making-2/d",
        "x.moved",
        "x.moved-wal",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    found = dict(files_of(tmp_path, ("lock", "backups"), tmp_path / "db"))
    assert found == {"a": tmp_path / "a", "keys/b": tmp_path / "keys" / "b"}


def test_links_are_refused(tmp_path: Path) -> None:
    into = tmp_path / "into"
    into.mkdir()
    with pytest.raises(BadArchive, match="cannot be in a backup"):
        unpack(made(tmp_path / "it", {"a": b""}, link=True), into)
    assert list(into.iterdir()) == []


@pytest.mark.parametrize(
    "manifest", [[], {}, {"format": "other"}, {"format": FORMAT, "about": {}, "files": {"a": 7}}, {"format": FORMAT}]
)
def test_a_manifest_of_another_form_is_refused(tmp_path: Path, manifest: object) -> None:
    with pytest.raises(BadArchive):
        read_manifest(made(tmp_path / "it", {}, manifest))


def test_only_the_backup_of_this_service_by_software_that_is_known_is_taken(tmp_path: Path) -> None:
    write_archive(tmp_path / "it", {**ABOUT, "schema": "0007"}, [])
    for place, (service, schema) in enumerate([("liaison-node", "0007"), ("liaison-node", "0008")]):
        (tmp_path / str(place)).mkdir()
        assert unpack_of(service, schema, tmp_path / "it", tmp_path / str(place)).about["schema"] == "0007"
    with pytest.raises(BadArchive, match="is a backup of liaison-node, not of liaison-hub"):
        unpack_of("liaison-hub", "0007", tmp_path / "it", tmp_path)
    with pytest.raises(BadArchive, match="newer software \\(schema 0007, here 0006\\); install that first"):
        unpack_of("liaison-node", "0006", tmp_path / "it", tmp_path)
