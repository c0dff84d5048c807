"""Every setting is documented, in the environment and in the files, and every documented one exists."""

import re
import tomllib
from pathlib import Path

import pytest

from hub import settings as hub_settings
from node import settings as node_settings
from tests.docs.project import ROOT, files, text

NAME = re.compile(r"\bLIAISON_[A-Z][A-Z_]*[A-Z]\b")
# node.settings reads these by the names of its keys.
KEYS = ("ORGANIZATION", "NAME", "DATABASE", "BUS", "HUB", "HUB_TOKEN_FILE", "FOUR_EYES")
BY_KEY = {f"LIAISON_NODE_{key}" for key in KEYS}


def documented() -> str:
    return text("docs/settings.md")


def used() -> set[str]:
    code = [path for path in files() if "docs" not in path.relative_to(ROOT).parts and path.suffix != ".md"]
    return {name for path in code for name in NAME.findall(path.read_text(encoding="utf-8", errors="ignore"))}


def test_every_variable_in_the_code_is_documented_and_every_documented_one_is_in_the_code() -> None:
    assert (used() | BY_KEY) - set(NAME.findall(documented())) == set()
    assert set(NAME.findall(documented())) - used() - BY_KEY == set()


def test_every_key_that_init_writes_is_documented(tmp_path: Path) -> None:
    hub_settings.write_settings(tmp_path, database="", bus="")
    node_settings.write_settings(tmp_path, organization="xa-office", name="Office", database="")
    for name, heading in (("hub.toml", "## hub.toml"), ("node.toml", "## node.toml")):
        section = documented().partition(heading)[2].partition("\n## ")[0]
        keys = tomllib.loads((tmp_path / name).read_text(encoding="utf-8"))
        assert set(keys) == {line.split("`")[1] for line in section.splitlines() if line.startswith("| `")}


def test_the_environment_comes_before_the_file_for_every_key_of_a_node(tmp_path: Path) -> None:
    node_settings.write_settings(tmp_path, organization="xa-office", name="Office", database="")
    said = {"LIAISON_NODE_NAME": "Other", "LIAISON_NODE_DATABASE": "postgresql://db/x", "LIAISON_NODE_BUS": "nats://h"}
    more = {"LIAISON_NODE_HUB": "https://hub.example", "LIAISON_NODE_FOUR_EYES": "true"}
    read = node_settings.read_settings(tmp_path, {**said, **more, "LIAISON_NODE_ORGANIZATION": "xa-office"})
    assert (read.name, read.database, read.bus) == ("Other", "postgresql://db/x", "nats://h")
    assert (read.hub, read.four_eyes) == ("https://hub.example", True)
    with pytest.raises(node_settings.BadSettings, match="four_eyes"):
        node_settings.read_settings(tmp_path, {"LIAISON_NODE_FOUR_EYES": "perhaps"})


def test_every_documented_variable_of_hub_and_node_is_known_and_no_other() -> None:
    for settings in (hub_settings, node_settings):
        named = {name for name in NAME.findall(documented()) if name.startswith(settings.PREFIX)}
        assert named == settings.VARIABLES
