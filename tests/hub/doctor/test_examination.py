"""A stopped hub is examined whole; each check that cannot be made says why, and nothing is changed."""

from pathlib import Path

import pytest

from hub.doctor import Examination, examine
from hub.doctor.results import TITLES
from wire.examination import Result


def results(found: Examination) -> dict[str, Result]:
    return {each.name: each.result for each in found.checks}


def test_a_stopped_hub_is_examined_whole_and_left_as_it_is(directory: Path) -> None:
    before = {path.name for path in directory.iterdir()}
    found = examine(directory)
    assert [each.name for each in found.checks] == list(TITLES)
    assert found.network == "exercise.example"
    assert results(found) == {
        **dict.fromkeys(("settings", "files", "database", "keys", "log", "registered"), Result.PASS),
        "disk": results(found)["disk"],  # the machine's own
        **dict.fromkeys(("served", "witnesses", "backup"), Result.WARNING),
        **dict.fromkeys(("port", "tls", "bus", "streams", "intake", "clock"), Result.NOT_CHECKED),
    }
    assert {path.name for path in directory.iterdir()} - before <= {"hub.sqlite-wal", "hub.sqlite-shm"}


def test_what_needs_the_settings_or_the_database_is_not_checked_without(directory: Path) -> None:
    for path in directory.glob("hub.sqlite*"):
        path.unlink()
    found = results(examine(directory))
    assert (found["database"], found["log"], found["keys"]) == (Result.FAIL, Result.NOT_CHECKED, Result.PASS)
    (directory / "hub.toml").write_text("not = [toml")
    found = results(examine(directory))
    assert found.pop("settings") is Result.FAIL
    assert set(found.values()) == {Result.NOT_CHECKED}


def test_mails_that_link_to_an_address_without_tls_are_a_warning(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIAISON_HUB_ADDRESS", "http://hub.example")
    assert results(examine(directory))["tls"] is Result.NOT_CHECKED
    monkeypatch.setenv("LIAISON_HUB_SMTP_HOST", "mail.example")
    monkeypatch.setenv("LIAISON_HUB_SMTP_FROM", "hub@hub.example")
    assert results(examine(directory))["tls"] is Result.WARNING


def test_of_a_regional_hub_only_what_it_has_is_checked(directory: Path) -> None:
    (directory / "following.toml").write_text('hub = "http://127.0.0.1:1"\n')
    found = results(examine(directory))
    assert (found["log"], found["disk"] is Result.NOT_CHECKED) == (Result.PASS, False)
    assert {found[name] for name in ("keys", "registered", "bus", "intake", "witnesses")} == {Result.NOT_CHECKED}
