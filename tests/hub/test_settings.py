"""hub.toml and the environment: what is set, what is assumed, and what is told of a mistake."""

from pathlib import Path

import pytest

from hub.settings import SETTINGS_FILE, BadSettings, read_settings, write_settings


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE", "BUS", "WORKERS", "PROXIES"):
        monkeypatch.delenv(f"LIAISON_HUB_{name}", raising=False)


def test_what_was_written_is_read_and_kept_to_its_owner(tmp_path: Path) -> None:
    url = "postgresql://hub:pass%22word@127.0.0.1/hub"
    write_settings(tmp_path, database=url, bus="nats://127.0.0.1:4222")
    found = read_settings(tmp_path)
    assert (found.database, found.bus, found.workers) == (url, "nats://127.0.0.1:4222", 0)
    assert (tmp_path / SETTINGS_FILE).stat().st_mode & 0o777 == 0o600


def test_without_a_database_the_hub_keeps_its_own_in_its_directory(tmp_path: Path) -> None:
    write_settings(tmp_path, database="", bus="")
    assert read_settings(tmp_path).database == f"sqlite:///{tmp_path}/hub.sqlite"


def test_the_environment_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_settings(tmp_path, database="sqlite:///a", bus="nats://a:1")
    monkeypatch.setenv("LIAISON_HUB_DATABASE", "sqlite:///b")
    monkeypatch.setenv("LIAISON_HUB_BUS", "nats://b:1")
    monkeypatch.setenv("LIAISON_HUB_WORKERS", "3")
    found = read_settings(tmp_path)
    assert (found.database, found.bus, found.workers) == ("sqlite:///b", "nats://b:1", 3)


def test_a_directory_without_a_hub_a_broken_file_and_a_wrong_number_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(BadSettings, match="liaison-hub init"):
        read_settings(tmp_path)
    (tmp_path / SETTINGS_FILE).write_text("database = ")
    with pytest.raises(BadSettings, match="cannot be read"):
        read_settings(tmp_path)
    write_settings(tmp_path, database="", bus="")
    monkeypatch.setenv("LIAISON_HUB_WORKERS", "many")
    with pytest.raises(BadSettings, match="'many'"):
        read_settings(tmp_path)


def test_proxies_are_addresses_or_networks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_settings(tmp_path, database="", bus="")
    assert read_settings(tmp_path).proxies == "", "nobody's word on addresses is believed"
    monkeypatch.setenv("LIAISON_HUB_PROXIES", " 127.0.0.1, 10.0.0.0/8,")
    assert read_settings(tmp_path).proxies == "127.0.0.1,10.0.0.0/8"
    monkeypatch.setenv("LIAISON_HUB_PROXIES", "*")
    with pytest.raises(BadSettings, match="'\\*'"):
        read_settings(tmp_path)
