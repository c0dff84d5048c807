"""Tests of hub/operating/health.py: what makes a hub blind, what is only wrong, and since when."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from hub import checkpoints
from hub.damage import EVIDENCE_FILE
from hub.operating.health import Senses
from tests.hub.operating.operators import head
from tests.hub.published import Published
from tests.signed_network import need
from wire.checkpoint import Checkpoint
from wire.seal import timestamp

NOW = datetime.now(UTC)


def at_noon(**known: Any) -> Senses:
    """A hub's senses at one moment, however long the tests run."""
    return Senses(**{"now": lambda: NOW, **known})


def troubles(network: Published, senses: Senses) -> list[tuple[str, bool]]:
    with network.engine.connect() as connection:
        return [(each.name, each.blind) for each in senses.troubles(connection)]


def witnessed(network: Published, size: int, at: datetime) -> None:
    with network.engine.begin() as connection:
        checkpoints.keep(connection, Checkpoint("x/log", size, bytes(32)), b"note", timestamp(at), quorum=True)


@pytest.fixture
def network(small_network: Published) -> Published:
    small_network.publish("need", need())
    witnessed(small_network, small_network.tail.size, NOW)
    return small_network


def test_a_hub_that_sees_has_no_trouble(network: Published, tmp_path: Path) -> None:
    assert troubles(network, at_noon(intake_at=lambda: NOW, directory=None)) == []


def test_without_bus_or_intake_the_hub_is_blind_since_then(network: Published) -> None:
    since = NOW - timedelta(minutes=5)
    senses = at_noon(bus=lambda: False, bus_since=lambda: since, intake_at=lambda: NOW - timedelta(minutes=2))
    assert troubles(network, senses) == [("bus", True), ("intake", True)]
    with network.engine.connect() as connection:
        assert senses.blind_since(senses.troubles(connection)) == timestamp(since)


def test_a_log_that_is_not_witnessed_or_damaged_is_wrong_but_not_blind(network: Published, tmp_path: Path) -> None:
    network.publish("need", need(), id="r2")
    later = at_noon(now=lambda: NOW + timedelta(minutes=20))
    assert troubles(network, later) == [("checkpoint", False)]
    with network.engine.connect() as connection:
        assert later.blind_since(later.troubles(connection)) is None
    (tmp_path / EVIDENCE_FILE).write_text("{}")
    assert ("log", False) in troubles(network, at_noon(directory=tmp_path))


def test_a_log_without_any_checkpoint_is_told(small_network: Published) -> None:
    assert troubles(small_network, at_noon()) == [("checkpoint", False)]


def test_where_most_nodes_have_another_time_the_hub_s_own_clock_is_suspected(network: Published) -> None:
    for org, skew in (("xa-centre", 300), ("xb-office", 310), ("xc-office", 0)):
        network.admit(org)
        head(network, 1, NOW, org, skew)
    witnessed(network, network.tail.size, NOW)
    assert troubles(network, at_noon()) == [("clock", False)]
    head(network, 1, NOW, "xb-office", -310)
    assert troubles(network, at_noon()) == []


def test_a_disk_that_is_nearly_full_is_told(
    network: Published, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = shutil._ntuple_diskusage(1000, 990, 10)  # type: ignore[attr-defined]
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: full)
    assert troubles(network, at_noon(directory=tmp_path)) == [("disk", False)]
