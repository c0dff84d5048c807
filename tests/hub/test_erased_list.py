"""DIR/erased: what is written there outlasts every database, and a torn line hides nothing."""

from pathlib import Path

import pytest

from hub.erased_list import ErasedList, Gone
from hub.log_checks import LogDamaged

ONE, TWO = Gone(b"1" * 32, 7, b"a.b.c"), Gone(b"2" * 32, 9, b"d.e.f")


def test_what_was_added_is_there_for_the_next_process(tmp_path: Path) -> None:
    path = tmp_path / "erased"
    ErasedList(path).add([ONE])
    ErasedList(path).add([ONE, TWO])
    found = ErasedList(path)
    assert found.hashes == {ONE.hash, TWO.hash}
    assert ONE.hash in found
    assert bytes(32) not in found
    assert (found.token_at(9), found.token_at(8)) == (b"d.e.f", None)
    assert len(path.read_bytes().splitlines()) == 2
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_torn_last_line_was_never_committed_and_spoils_nothing(tmp_path: Path) -> None:
    path = tmp_path / "erased"
    ErasedList(path).add([ONE])
    path.write_bytes(path.read_bytes() + b"AAAA")
    ErasedList(path).add([TWO])
    assert ErasedList(path).hashes == {ONE.hash, TWO.hash}


def test_a_damaged_list_stops_the_hub_rather_than_serve_what_was_erased(tmp_path: Path) -> None:
    path = tmp_path / "erased"
    ErasedList(path).add([ONE, TWO])
    path.write_bytes(b"?" + path.read_bytes()[1:])
    with pytest.raises(LogDamaged, match="line 1"):
        ErasedList(path)


def test_without_a_path_it_is_kept_in_memory() -> None:
    found = ErasedList()
    found.add([ONE])
    assert ONE.hash in found
