"""The configuration of the embedded nats-server, judged by nats-server itself."""

import re
from pathlib import Path

import pytest

from hub.bus_config import BusAccount, BusSettings, render
from hub.bus_process import check_config
from wire.nkeys import generate_nkey

EXAMPLE = Path(__file__).resolve().parents[2] / "deploy" / "nats" / "one-machine.conf"


def settings(directory: Path) -> BusSettings:
    return BusSettings(directory, "127.0.0.1", 4222, 8222, generate_nkey()[1])


def account(org: str) -> BusAccount:
    return BusAccount(org, generate_nkey()[1])


@pytest.mark.parametrize("orgs", [[], ["ke-nctc"], ["123", "true", "null", "sys", "public", "a-b-c", "include"]])
def test_nats_server_accepts_what_is_rendered_whatever_organizations_are_called(
    tmp_path: Path, orgs: list[str]
) -> None:
    config = tmp_path / "nats.conf"
    config.write_text(render(settings(tmp_path), [account(org) for org in orgs]))
    check_config(config)


@pytest.mark.parametrize("reserved", ["hub", "registry"])
def test_hub_and_registry_never_get_an_account(tmp_path: Path, reserved: str) -> None:
    with pytest.raises(ValueError, match=reserved):
        render(settings(tmp_path), [account(reserved)])


def test_two_organizations_cannot_share_a_key_nor_take_the_hub_s(tmp_path: Path) -> None:
    place = settings(tmp_path)
    for accounts in (
        [BusAccount("un-a", "UA"), BusAccount("un-b", "UA")],
        [BusAccount("un-a", place.hub_nkey_public)],
        [account("un-a"), account("un-a")],
    ):
        with pytest.raises(ValueError, match="un-a"):
            render(place, accounts)


def test_messages_are_on_the_disk_before_they_are_acknowledged(tmp_path: Path) -> None:
    assert "sync_interval: always" in render(settings(tmp_path), [])


def test_the_example_for_a_bus_of_its_own_is_accepted_and_has_the_same_accounts_as_what_is_rendered() -> None:
    example = EXAMPLE.read_text()
    check_config(EXAMPLE)
    keys = re.findall(r'nkey: "(U\w+)"', example)
    place = BusSettings(Path("/var/lib/nats"), "0.0.0.0", 4222, 8222, keys[0])  # noqa: S104 - only rendered
    rendered = render(place, [BusAccount("ke-nctc", keys[1]), BusAccount("unodc", keys[2])])
    start = "jetstream {"
    assert example[example.index(start) :] == rendered[rendered.index(start) :]
