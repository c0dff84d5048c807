"""The node's database: its migrations give exactly its tables, and the relay's side of it is bounded and repeatable."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from node import tables
from node.log_fold import ChainEnd
from node.store import Judged, LogStore, Promise, Tree, Writing, create_store, open_store
from node.store.next_log import NextLog, go_over
from node.store.opening import MIGRATIONS, NoDatabase
from tests.migrated import migrate_to
from tests.node.nodes import joined_node, put
from tests.signed_network import key_of
from wire.database import newest_version, open_database, sqlite_url
from wire.merkle import Frontier
from wire.notes import VerifierKey

AT = "2026-11-23T12:00:00.000Z"


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return sqlite_url(tmp_path / "node.sqlite")
    return str(request.getfixturevalue("postgres_url"))


def judged(sequence: int, severity: str) -> Judged:
    return Judged(sequence, severity, "schema-invalid", "x", "y", "[]", "2026-11-24T00:00:00.000Z")


def test_the_migrations_give_the_tables(url: str) -> None:
    engine = open_store(url)
    with engine.connect() as connection:
        # No description of ours has the table of search words: each database makes it in its own way.
        options = {"include_name": lambda name, _sort, _parents: not str(name).startswith("record_search")}
        assert compare_metadata(MigrationContext.configure(connection, opts=options), tables.metadata) == []
    engine.dispose()


@pytest.mark.parametrize("name", ["split-view", "stranger"])
def test_alarms_of_before_they_could_be_settled_stand_with_a_number(url: str, name: str) -> None:
    engine = open_database(url)
    with engine.begin() as connection:
        migrate_to(connection, MIGRATIONS, "0004")
        connection.execute(text("UPDATE log_position SET size = 12, own = 3"))
        connection.execute(
            text(
                "INSERT INTO alarms (digest, name, text, size, evidence, at) VALUES (:digest, :name, 'x', 9, :e, 'at')"
            ),
            {"digest": bytes(32), "name": name, "e": b"{}"},
        )
    engine.dispose()
    engine = open_store(url)
    log = LogStore(engine)
    assert [(each.number, each.finding.name, each.settled) for each in log.alarms()] == [(1, name, None)]
    log.settle([1], "It was looked at.", "2026-11-24T12:00:00.000Z")
    # Where chains end in the log was not noted then: it is read again.
    assert (log.position().size, log.go_back()) == (0, None)
    engine.dispose()


def test_the_version_is_that_of_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_current_head() == newest_version(MIGRATIONS)


def test_a_database_holds_one_node(url: str) -> None:
    create_store(url, "xa-centre").dispose()
    with pytest.raises(NoDatabase, match="already holds the node of xa-centre"):
        create_store(url, "xb-other")


@pytest.mark.parametrize("bad", ["nonsense", "sqlite:////nowhere/at/all.sqlite", "postgresql://127.0.0.1:1/x"])
def test_a_database_that_cannot_be_had_is_told_without_its_password(bad: str) -> None:
    with pytest.raises(NoDatabase) as told:
        open_store(bad.replace("//127", "//me:hidden-word@127"))
    assert "hidden-word" not in str(told.value)


def test_what_a_receipt_says_stays_in_the_outbox_and_what_is_proven_leaves_it_until_the_hub_has_lost_it(
    tmp_path: Path, url: str
) -> None:
    node = joined_node(tmp_path / "node", url)
    list(node.editor.apply_many(put(f"c{number}") for number in range(9)))
    promise = Promise(7, 107, b"receipt")
    node.outbox.logged(promise, [(number, number + 100) for number in range(1, 8)], [], {"logged": 7})
    assert node.reading.counts().outbox == 10
    assert node.log.position()[-3:] == (7, 107, b"receipt")
    assert node.log.deliver(7) == 7
    assert [each.sequence for each in node.outbox.after(0, 10, 10**9)] == [8, 9, 10]
    assert node.outbox.reopen(5) == 3
    assert node.outbox.reopen(5) == 0
    assert [each.sequence for each in node.outbox.after(4, 3, 10**9)] == [5, 6, 7]
    stood = node.reading.record("contact", "c0")
    assert stood is not None
    assert (stood.place, stood.logged, stood.witnessed) == (None, True, True), "the place is what was read"
    assert node.log.mine([2])[2].promised == 102
    node.engine.dispose()


def test_a_refusal_is_forgotten_once_the_event_is_logged_and_an_exclusion_is_not(tmp_path: Path, url: str) -> None:
    node = joined_node(tmp_path / "node", url)
    list(node.editor.apply_many(put(f"c{number}") for number in range(3)))
    node.outbox.logged(Promise(1, 1, b""), [], [judged(2, "error"), judged(3, "error")], {"logged": 1})
    node.outbox.logged(Promise(3, 3, b""), [], [judged(3, "warning")], {"logged": 3})
    assert [(each.sequence, each.severity) for each in node.reading.judgements()] == [(3, "warning")]
    node.engine.dispose()


def test_with_the_next_log_everything_is_offered_again_and_nothing_of_the_lost_one_counts(
    tmp_path: Path, url: str
) -> None:
    node = joined_node(tmp_path / "node", url)
    node.editor.apply([put("n1"), put("n2")])
    log, outbox = node.log, node.outbox
    outbox.logged(Promise(3, 9, b"receipt"), [(1, 5), (2, 7), (3, 9)], [], {"logged": 3, "logged_index": 9, "sent": 3})
    log.take(
        Frontier(12, [bytes(32), bytes(32)]), 3, [], [(1, 5)], [], AT, ends={"xa-centre": ChainEnd(3, bytes(32), 9)}
    )
    log.note_seen(12, bytes(32), b"note")
    log.cosign(Tree(12, bytes(32), b"note", AT))
    log.deliver(3)
    assert (outbox.waiting()[0], outbox.relay().witnessed) == (0, 3)
    assert log.chain_ends() == {"xa-centre": ChainEnd(3, bytes(32), 9)}
    trust = node.admission().trust  # type: ignore[union-attr]
    key = VerifierKey(f"{trust.network}/log/2", key_of("log 2").public)
    with Writing.begin(node.engine) as writing:
        go_over(writing.connection, NextLog(str(key), b"token", b"body", b"note"), AT)
    assert (log.on(trust).log_verifier, log.lost(trust)) == (key, (trust.first_log,))
    assert log.position()[:4] == (0, b"", 0, 0)
    assert (log.position().promised, log.position().promised_index) == (0, -1)
    assert (log.cosigned(), log.largest(), log.chain_ends(), log.mine([1])[1].promised) == (None, None, {}, None)
    assert outbox.waiting()[0] == 3
    relay = outbox.relay()
    assert (relay.sent, relay.logged, relay.logged_index, relay.witnessed) == (0, 0, -1, 0)
    assert [each.cosigned for each in log.next_logs()] == [b"note"]
    node.engine.dispose()
