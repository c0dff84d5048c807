"""One value of a settings file changes, and nothing else in it."""

import tomllib
from pathlib import Path

import pytest

from hub.settings import write_settings
from wire.settings_line import with_value


def test_one_line_changes_and_all_others_stay() -> None:
    before = b'# mine\r\nname = "X"\r\ndatabase = ""  # none\r\n\r\n[openid]\r\ndatabase = "other"\r\n'
    after = with_value(before, "database", 'postgresql://u:p"\\é@h/n')
    assert after == before.replace(b'database = ""  # none', 'database = "postgresql://u:p\\"\\\\é@h/n"'.encode())
    assert with_value(after, "database", "").replace(b'database = ""', b'database = ""  # none', 1) == before


@pytest.mark.parametrize("before", [b"", b'name = "X"', b'\xef\xbb\xbfname = "X"\n', b'a = [\n1]\n[t]\nb = "c"\n'])
def test_a_value_that_is_not_there_is_added_before_the_first_table(before: bytes) -> None:
    after = with_value(before, "database", "x")
    assert tomllib.loads(after.decode("utf-8-sig")) == {**tomllib.loads(before.decode("utf-8-sig")), "database": "x"}


@pytest.mark.parametrize(
    "before", [b'"database" = "x"\n', b'a = """\ndatabase = "y"\n"""\n', b'database = """\nx"""\n']
)
def test_what_cannot_be_changed_as_a_line_is_refused(before: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - of the parser, or of what it read
        with_value(before, "database", "x")


def test_it_changes_what_init_has_written(tmp_path: Path) -> None:
    write_settings(tmp_path, database="", bus="nats://x")
    before = (tmp_path / "hub.toml").read_bytes()
    assert with_value(before, "database", "u") == before.replace(b'database = ""', b'database = "u"')
