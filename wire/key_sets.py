"""The five keys that an enrolment names, as files; later sets lie beside the first, in folders with numbers."""

from pathlib import Path
from typing import Any

from wire.durable_file import replace_durably, sync_folder
from wire.enrolment import make_enrolment
from wire.keys import SigningKey, save_encryption_key, write_secret
from wire.nkeys import generate_nkey

ENROLMENT_FILE = "enrolment.json"


def key_set(directory: Path, number: int) -> Path:
    """Name the folder of a set of keys: the first is DIR/keys, each later one lies in a folder of its own below."""
    return directory / "keys" if number == 1 else directory / "keys" / str(number)


def key_sets(directory: Path) -> list[int]:
    """Give the numbers of all sets that were made, the first first."""
    later = [int(path.name) for path in (directory / "keys").glob("*/") if path.name.isdecimal()]
    return [1, *sorted(later)]


def make_key_set(place: Path) -> tuple[SigningKey, dict[str, Any]]:
    """Make the five keys of an enrolment in a folder; gives the signing key and the public parts."""
    signing, following, witness = (SigningKey.generate() for _ in range(3))
    seed, bus_public = generate_nkey()
    for name, key in (("signing", signing), ("next", following), ("witness", witness)):
        key.save(place / f"{name}.pem")
    encryption_key = save_encryption_key(place / "encryption.pem")
    write_secret(place / "bus.nk", seed)
    return signing, {
        "signing_key": signing.public.jwk,
        "next_key": following.public.thumbprint,
        "witness_key": witness.public.jwk,
        "encryption_key": encryption_key,
        "bus": bus_public,
    }


def prepare_key_set(directory: Path, in_use: int, *, organization: str, name: str) -> Path:
    """Make the set after the one in use, once, and write DIR/enrolment.json, which asks the roots to register it.

    Needs none of the old keys. Gives the enrolment's path.
    """
    newest = key_sets(directory)[-1]
    if newest == in_use:
        newest += 1
        partial = directory / "keys" / f"making-{newest}"
        _clear(partial)
        signing, members = make_key_set(partial)
        enrolment = make_enrolment({"organization": organization, "name": name, **members}, signing)
        (partial / ENROLMENT_FILE).write_bytes(enrolment)
        partial.rename(key_set(directory, newest))
        sync_folder(directory / "keys")  # before anybody registers the enrolment: its keys can no longer be lost
    # Also where the set was made before: whoever was interrupted then has its enrolment now.
    path = directory / ENROLMENT_FILE
    replace_durably(path, (key_set(directory, newest) / ENROLMENT_FILE).read_bytes())
    return path


def _clear(folder: Path) -> None:
    if folder.exists():
        for path in folder.iterdir():
            path.unlink()
        folder.rmdir()
