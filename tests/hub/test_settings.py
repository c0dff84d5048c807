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


@pytest.mark.parametrize("text", ['proxys = "127.0.0.1"', "[smtp]", 'adress = "https://hub.example"'])
def test_a_misspelled_setting_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / SETTINGS_FILE).write_text(f"{text}\n")
    with pytest.raises(BadSettings, match="which no hub knows; it may have address, bus"):
        read_settings(tmp_path)


def test_proxies_are_addresses_or_networks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_settings(tmp_path, database="", bus="")
    assert read_settings(tmp_path).proxies == "", "nobody's word on addresses is believed"
    monkeypatch.setenv("LIAISON_HUB_PROXIES", " 127.0.0.1, 10.0.0.0/8,")
    assert read_settings(tmp_path).proxies == "127.0.0.1,10.0.0.0/8"
    monkeypatch.setenv("LIAISON_HUB_PROXIES", "*")
    with pytest.raises(BadSettings, match="'\\*'"):
        read_settings(tmp_path)


def test_mail_is_sent_where_a_server_is_named_with_the_port_that_is_usual(tmp_path: Path) -> None:
    write_settings(tmp_path, database="", bus="")
    assert read_settings(tmp_path).smtp is None
    said = 'address = "https://hub.example/"\nsmtp_host = "mail.example"\nsmtp_user = "hub"\n'
    said += 'smtp_password_file = "mail-password"\nsmtp_from = "Hub <hub@hub.example>"\n'
    said += 'webhook_private_hosts = ["Intranet"]\n'
    (tmp_path / SETTINGS_FILE).write_text(said)
    found = read_settings(tmp_path)
    assert found.smtp is not None
    assert (found.address, found.webhook_private_hosts) == ("https://hub.example", ("intranet",))
    assert (found.smtp.port, found.smtp.security) == (587, "starttls")
    assert found.smtp.password_file == tmp_path / "mail-password"


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("SMTP_SECURITY", "ssl", "starttls"),
        ("SMTP_PORT", "many", "port"),
        ("SMTP_FROM", "nobody", "smtp_from"),
        ("SMTP_USER", "hub", "smtp_password_file"),
        ("ADDRESS", "hub.example", "https://hub.example"),
        ("ADDRESS", "https://hub.example/path", "without a path"),
    ],
)
def test_what_is_wrong_about_mail_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, told: str
) -> None:
    write_settings(tmp_path, database="", bus="")
    monkeypatch.setenv("LIAISON_HUB_SMTP_HOST", "mail.example")
    monkeypatch.setenv("LIAISON_HUB_SMTP_FROM", "hub@hub.example")
    monkeypatch.setenv(f"LIAISON_HUB_{name}", value)
    with pytest.raises(BadSettings, match=told):
        read_settings(tmp_path)
