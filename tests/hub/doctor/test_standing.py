"""The log and what was signed of it, keys and registry, witnesses, clock: by the hub's own database."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from hub import checkpoints, tables
from hub.doctor.standing import check_clock, check_keys, check_log, check_registered, check_witnesses
from hub.history import load_state
from hub.keyring import load_keys
from hub.last_checkpoint import LastCheckpoint
from hub.schema import open_store
from hub.settings import read_settings
from tests.hub.operating.operators import head
from tests.hub.published import Published
from tests.signed_network import NETWORK, TRUST, key_of, need
from wire.checkpoint import Checkpoint, sign_checkpoint
from wire.examination import Check, Result
from wire.keys import SigningKey
from wire.notes import Signature
from wire.seal import timestamp

NOW = datetime.now(UTC)


def log_of(directory: Path) -> Check:
    engine = open_store(read_settings(directory))
    try:
        with engine.connect() as connection:
            return check_log(directory, connection, load_keys(directory).trust, regional=False)[1]
    finally:
        engine.dispose()


def test_a_log_that_is_older_than_what_was_signed_is_not_well(directory: Path) -> None:
    assert log_of(directory).result is Result.PASS
    keyring = load_keys(directory)
    signed = sign_checkpoint(Checkpoint(keyring.trust.origin, 7, bytes(32)), keyring.log)
    LastCheckpoint(directory, keyring.trust).write(signed)
    found = log_of(directory)
    assert found.result is Result.FAIL
    assert "its last checkpoint says 7" in found.detail


def test_a_lost_key_is_told(directory: Path) -> None:
    assert check_keys(directory)[1].result is Result.PASS
    (directory / "keys" / "signing.pem").unlink()
    trust, check = check_keys(directory)
    assert (trust, check.result) == (None, Result.FAIL)
    assert "signing.pem" in check.detail


@pytest.mark.parametrize(
    ("name", "words"), [("signing", "with which the hub signs"), ("log", "is not the key of the log")]
)
def test_a_key_that_is_not_the_one_of_the_registry_is_told(directory: Path, name: str, words: str) -> None:
    engine = open_store(read_settings(directory))
    with engine.connect() as connection:
        registry = load_state(connection, load_keys(directory).trust).registry
    engine.dispose()
    assert check_registered(directory, registry).result is Result.PASS
    (directory / "keys" / f"{name}.pem").unlink()
    SigningKey.generate().save(directory / "keys" / f"{name}.pem")
    found = check_registered(directory, registry)
    assert found.result is Result.FAIL
    assert words in found.cause + found.detail


def witnesses(network: Published, now: datetime = NOW) -> Check:
    with network.engine.connect() as connection:
        return check_witnesses(connection, load_state(connection, TRUST), NETWORK, now)


def test_too_few_witnesses_are_told_once_what_is_logged_has_waited(network: Published) -> None:
    assert witnesses(network).result is Result.WARNING  # nobody to witness
    network.publish("need", need())
    assert witnesses(network).result is Result.FAIL
    with network.engine.begin() as connection:
        tree = load_state(connection, TRUST).tree
        checkpoint = Checkpoint(TRUST.origin, tree.size, tree.root())
        witness = Signature(f"{NETWORK}/witness/xa-centre", bytes(4), bytes(72))
        note = sign_checkpoint(checkpoint, key_of("log")) + witness.line.encode()
        checkpoints.keep(connection, checkpoint, note, timestamp(NOW), quorum=True)
    found = witnesses(network)
    assert found.result is Result.PASS
    assert "Witnesses that have cosigned: 1 of 1; needed: 1" in found.cause
    network.publish("need", need(), id="r2")
    assert witnesses(network, NOW + timedelta(minutes=1)).result is Result.PASS
    assert witnesses(network, NOW + timedelta(minutes=20)).result is Result.FAIL


def clock(network: Published, now: datetime = NOW) -> Check:
    with network.engine.connect() as connection:
        return check_clock(connection, now)


def test_a_clock_that_has_gone_back_or_stands_alone_is_told(network: Published) -> None:
    for org in ("xa-centre", "xb-office"):
        network.publish("need", need(), org=org)
    with network.engine.begin() as connection:
        connection.execute(update(tables.organizations).values(last_at=timestamp(NOW)))
    assert clock(network).result is Result.NOT_CHECKED
    assert clock(network, NOW - timedelta(hours=1)).result is Result.FAIL
    head(network, 1, NOW, "xa-centre", skew=2)
    assert clock(network).result is Result.PASS
    for org in ("xa-centre", "xb-office"):
        head(network, 1, NOW, org, skew=-300)
    assert clock(network).result is Result.FAIL
