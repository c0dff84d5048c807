"""How a node stands, as its own database tells: keys in the registry, outbox, alarms, version."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from node.alarms import Finding, Name
from node.doctor.results import Check, Result
from node.doctor.standing import check_alarms, check_outbox, check_registered, check_version
from node.lock import sole_server
from node.node import build_unchanged
from node.restore_notice import mark_restored
from tests.node.logs import Watched
from tests.node.nodes import put
from wire.keys import SigningKey


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    found = Watched(tmp_path)
    yield found
    found.close()


def registered(watched: Watched) -> Check:
    admission = watched.node.admission()
    assert admission is not None
    return check_registered(watched.node, admission)


def test_keys_are_compared_with_the_registry_once_it_was_read(watched: Watched) -> None:
    assert registered(watched).result is Result.NOT_CHECKED
    watched.consider()
    found = registered(watched)
    assert found.result is Result.PASS
    assert watched.node.keyring.signing.public.thumbprint in found.detail
    path = watched.directory / "keys" / "witness.pem"
    path.unlink()
    SigningKey.generate().save(path)
    found = registered(watched)
    assert found.result is Result.FAIL
    assert "another witness key" in found.cause


def test_a_revoked_key_is_named_as_such_with_the_way_to_new_ones(watched: Watched) -> None:
    watched.revoke()
    found = registered(watched)
    assert found.result is Result.FAIL
    assert "have revoked the signing key" in found.cause
    assert "liaison-node keys replace DIR" in found.what_to_do


def test_an_outbox_fails_when_nobody_sends_or_an_event_is_old(watched: Watched) -> None:
    node, now = watched.node, datetime.now(UTC)
    assert "not served" in check_outbox(node, now).cause
    with sole_server(watched.directory):
        assert check_outbox(node, now).result is Result.PASS
        late = check_outbox(node, now + timedelta(minutes=10))
        assert late.result is Result.FAIL
        assert "Events that wait: 1," in late.cause
    node.log.deliver(1)
    assert "Nothing waits" in check_outbox(node, now).cause


def test_an_alarm_is_named_with_its_way_out_until_it_is_settled(watched: Watched) -> None:
    node = watched.node
    node.editor.apply([put("a")])
    assert check_alarms(node).result is Result.PASS
    node.log.sound(Finding(Name.ROLLED_BACK, "It went back.", 9, {}), "2026-11-24T12:00:00.000Z")
    found = check_alarms(node)
    assert (found.result, found.detail) == (Result.FAIL, "It went back.")
    assert "whether the hub was restored" in found.what_to_do
    node.log.settle([1], "It is explained.", "2026-11-24T13:00:00.000Z")
    assert check_alarms(node).result is Result.PASS


def test_a_database_that_may_be_older_than_what_was_published_is_told_and_no_alarm_is_sounded(watched: Watched) -> None:
    mark_restored(watched.directory, "2026-11-24T12:00:00.000Z")
    looked = build_unchanged(watched.node.settings)
    found = check_alarms(looked)
    assert found.result is Result.FAIL
    assert "restored from the backup of 2026-11-24" in found.detail
    assert looked.reading.chain().alarm is None
    looked.engine.dispose()


def test_the_hubs_version_is_asked_for_only_where_the_settings_name_it(watched: Watched) -> None:
    found = check_version(watched.node.settings)
    assert found.result is Result.NOT_CHECKED
    assert "This is version" in found.cause
