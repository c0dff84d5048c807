"""The node's settings: from node.toml, with the environment before it, and errors that say what to do."""

from pathlib import Path

import pytest

from node.settings import BadSettings, read_settings, write_settings


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    write_settings(tmp_path, organization="xa-centre", name='The "Centre"', database="")
    return tmp_path


def test_what_init_wrote_is_read_again(directory: Path) -> None:
    settings = read_settings(directory, {})
    assert (settings.organization, settings.name, settings.bus) == ("xa-centre", 'The "Centre"', "")
    assert settings.database == f"sqlite:///{directory.resolve()}/node.sqlite"


def test_the_environment_comes_first(directory: Path) -> None:
    settings = read_settings(directory, {"LIAISON_NODE_DATABASE": "postgresql://u:pw@h/d", "LIAISON_NODE_BUS": "x:1"})
    assert (settings.database, settings.bus) == ("postgresql://u:pw@h/d", "x:1")
    assert "pw" not in repr(settings)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("organization = ", "cannot be read"),
        ('organization = "xa-centre"\ncolour = "red"', "colour"),
        ("organization = 5", "must be text"),
        ('name = "x"', "organization not empty"),
    ],
)
def test_settings_that_cannot_be_meant_are_named(directory: Path, text: str, words: str) -> None:
    (directory / "node.toml").write_text(text)
    with pytest.raises(BadSettings, match=words):
        read_settings(directory, {})


def test_an_organization_never_changes(directory: Path) -> None:
    with pytest.raises(BadSettings, match="never changes"):
        read_settings(directory, {"LIAISON_NODE_ORGANIZATION": "xb-other"})


def test_a_directory_without_a_node_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="liaison-node init"):
        read_settings(tmp_path, {})


def test_proxies_are_addresses_or_networks(tmp_path: Path) -> None:
    write_settings(tmp_path, organization="xa-centre", name="Centre", database="")
    assert read_settings(tmp_path, {}).proxies == "", "nobody's word on addresses is believed"
    said = {"LIAISON_NODE_PROXIES": " 127.0.0.1, 10.0.0.0/8,"}
    assert read_settings(tmp_path, said).proxies == "127.0.0.1,10.0.0.0/8"
    with pytest.raises(BadSettings, match="proxies"):
        read_settings(tmp_path, {"LIAISON_NODE_PROXIES": "*"})


def test_a_provider_of_log_ins_is_read_with_its_faults_named(tmp_path: Path) -> None:
    write_settings(tmp_path, organization="xa-centre", name="Centre", database="")
    assert read_settings(tmp_path, {}).openid is None
    with (tmp_path / "node.toml").open("a") as file:
        file.write('[openid]\nissuer = "http://login.example"\n')
    with pytest.raises(BadSettings, match=r"node\.toml: openid\.client"):
        read_settings(tmp_path, {})
