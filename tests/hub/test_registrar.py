"""Registry commands reach the one writer, whether a hub is running on the directory or not."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from hub import tables
from hub.author import Author
from hub.backup import DATABASE_FILE
from hub.keyring import Keyring, create_keys, load_keys, load_roots
from hub.registrar import HubBusy, act, perform_waiting, sole_owner, submit
from hub.schema import MIGRATIONS, open_store
from hub.settings import read_settings, write_settings
from hub.writer import Committed, Writer
from tests.hub.batches import rows
from tests.migrated import migrated_file
from tests.signed_network import NETWORK, Organization, enrolled, key_of, message_of
from wire.actions import Action, Admitted, BadAction, Reinstated, Retired, Suspended, sign_action
from wire.registry import Standing


class Hub:
    """A hub's state directory with its first entry."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        write_settings(directory, database="", bus="")
        trust, first = create_keys(directory, NETWORK)
        migrated_file(directory / DATABASE_FILE, MIGRATIONS)
        self.engine: Engine = open_store(read_settings(directory))
        self.keyring: Keyring = load_keys(directory)
        self.writer().register(sign_action(first, load_roots(directory)))
        assert self.keyring.trust == trust

    def writer(self) -> Writer:
        return Writer(self.engine, self.keyring.trust, Author(self.keyring.signing))

    def act(self, make: Callable[[str, str], Action]) -> int:
        return act(self.directory, self.engine, self.keyring, make)

    def admit(self, name: str) -> int:
        return self.act(
            lambda sequence, previous: Admitted(network=NETWORK, sequence=sequence, previous=previous, **enrolled(name))
        )

    def suspend(self, name: str, reason: str = "A leak.") -> int:
        return self.act(
            lambda sequence, previous: Suspended(
                network=NETWORK, sequence=sequence, previous=previous, organization=name, reason=reason
            )
        )

    def standing(self, name: str) -> Standing:
        return self.writer().state.registry.members[name].standing


@contextmanager
def running(hub: Hub) -> Iterator[list[Committed]]:
    """A hub's own part, done by another thread as `serve` does it; gives what it committed."""
    stop, ready, done = threading.Event(), threading.Event(), list[Committed]()

    def serve() -> None:
        with sole_owner(hub.directory):
            writer = hub.writer()
            ready.set()
            while not stop.wait(0.01):
                done.extend(perform_waiting(writer, hub.engine, hub.keyring.trust))

    thread = threading.Thread(target=serve)
    thread.start()
    assert ready.wait(60)
    try:
        yield done
    finally:
        stop.set()
        thread.join(60)


@pytest.fixture(params=[False, True], ids=["stopped", "running"])
def hub(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Hub]:
    """The commands' hub, once with a running writer and once without."""
    found = Hub(tmp_path)
    if not request.param:
        yield found
        return
    with running(found):
        yield found


def test_an_admission_gets_the_next_place_in_the_log(hub: Hub) -> None:
    assert hub.admit("ke-nctc") == 1
    assert hub.admit("fr-office") == 2
    assert hub.standing("ke-nctc") is Standing.ACTIVE


def test_a_suspension_is_in_force_at_once(hub: Hub) -> None:
    hub.admit("ke-nctc")
    assert hub.suspend("ke-nctc") == 2
    assert hub.standing("ke-nctc") is Standing.SUSPENDED


def test_what_must_not_be_done_is_told_and_nothing_is_logged(hub: Hub) -> None:
    hub.admit("ke-nctc")
    with pytest.raises(BadAction, match="never reused"):
        hub.admit("ke-nctc")
    with pytest.raises(BadAction, match="not in the registry"):
        hub.suspend("fr-office")
    assert hub.writer().state.size == 2
    assert rows(hub.engine, tables.submissions) == []


@pytest.mark.parametrize(("name", "reason"), [("X!", "A leak."), ("ke-nctc", ""), ("ke-nctc", "x" * 501)])
def test_an_action_that_cannot_be_written_down_is_told_in_words(hub: Hub, name: str, reason: str) -> None:
    with pytest.raises(BadAction, match="must"):
        hub.suspend(name, reason)


def test_an_action_without_the_roots_is_refused(hub: Hub) -> None:
    for path in (hub.directory / "root").iterdir():
        path.unlink()
    with pytest.raises(BadAction, match="root: 0; needed: 1"):
        hub.admit("ke-nctc")


@pytest.mark.parametrize("body", [b"", b"{}", b'{"payload":"!","signatures":[]}', b"\x00\xff"])
def test_bytes_that_are_no_action_do_not_stop_the_hub(hub: Hub, body: bytes) -> None:
    with pytest.raises(BadAction):
        submit(hub.directory, hub.engine, hub.keyring, "action", body)
    assert hub.admit("ke-nctc") == 1


def refused_event(hub: Hub) -> Organization:
    """An event of an organization before its admission, in quarantine as number 1."""
    author = Organization("ke-nctc", bytes(32), key_of("ke-nctc"))
    from tests.hub.batches import commit

    commit(hub.writer(), message_of(author.say()))
    return author


def reinstate(hub: Hub) -> None:
    hub.act(
        lambda sequence, previous: Reinstated(
            network=NETWORK, sequence=sequence, previous=previous, organization="ke-nctc", reason="Mended."
        )
    )


def test_a_refused_message_can_be_judged_again(tmp_path: Path) -> None:
    hub = Hub(tmp_path)
    refused_event(hub)
    answer = submit(hub.directory, hub.engine, hub.keyring, "retry", b"1")
    assert answer.startswith("refused again: unknown-organization")
    with hub.engine.begin() as connection:
        assert connection.execute(select(tables.quarantine.c.times)).scalar_one() == 2
    hub.admit("ke-nctc")
    with running(hub):
        answer = submit(hub.directory, hub.engine, hub.keyring, "retry", b"1")
    assert answer.startswith("refused again: it does not follow what is logged")
    with hub.engine.begin() as connection:
        assert list(connection.execute(select(tables.quarantine.c.reason)).scalars()) == ["unknown-organization"]


def test_to_judge_again_what_its_author_has_signed_anew_is_no_fork(tmp_path: Path) -> None:
    from tests.hub.batches import commit

    hub = Hub(tmp_path)
    hub.admit("ke-nctc")
    author = Organization("ke-nctc", hub.writer().state.registry.members["ke-nctc"].admitted_by, key_of("ke-nctc"))
    anew = author.twin()
    hub.suspend("ke-nctc")
    commit(hub.writer(), message_of(author.say()))
    reinstate(hub)
    commit(hub.writer(), message_of(anew.say(id="n2")))
    assert "signed anew" in submit(hub.directory, hub.engine, hub.keyring, "retry", b"1")
    assert not hub.writer().state.speakers["ke-nctc"].forked
    with hub.engine.begin() as connection:
        assert list(connection.execute(select(tables.quarantine.c.reason)).scalars()) == ["suspended"]
    commit(hub.writer(), message_of(anew.say(id="n3")))
    assert hub.writer().state.speakers["ke-nctc"].sequence == 2


def test_a_message_whose_cause_was_put_right_is_accepted_and_leaves_the_quarantine(tmp_path: Path) -> None:
    from tests.hub.batches import commit

    hub = Hub(tmp_path)
    hub.admit("ke-nctc")
    hub.suspend("ke-nctc")
    admitted_by = hub.writer().state.registry.members["ke-nctc"].admitted_by
    author = Organization("ke-nctc", admitted_by, key_of("ke-nctc"))
    commit(hub.writer(), message_of(author.say()))
    reinstate(hub)
    assert submit(hub.directory, hub.engine, hub.keyring, "retry", b"1") == "accepted"
    assert rows(hub.engine, tables.quarantine) == []


def test_a_message_that_is_not_there_is_told_so(hub: Hub) -> None:
    with pytest.raises(BadAction, match="no message 7 in quarantine"):
        submit(hub.directory, hub.engine, hub.keyring, "retry", b"7")


def test_a_number_that_no_database_holds_does_not_stop_the_hub_nor_its_next_start(tmp_path: Path) -> None:
    hub = Hub(tmp_path)
    with running(hub), pytest.raises(BadAction, match="no message"):
        submit(hub.directory, hub.engine, hub.keyring, "retry", b"9" * 20)
    assert rows(hub.engine, tables.submissions) == []
    with running(hub):
        assert hub.admit("ke-nctc") == 1


def test_only_one_process_holds_the_directory(tmp_path: Path) -> None:
    with sole_owner(tmp_path), pytest.raises(HubBusy, match="stop it first"), sole_owner(tmp_path):
        pass
    with sole_owner(tmp_path):
        pass


def test_a_retired_organization_keeps_its_id_for_ever(hub: Hub) -> None:
    hub.admit("ke-nctc")
    hub.act(
        lambda sequence, previous: Retired(
            network=NETWORK, sequence=sequence, previous=previous, organization="ke-nctc", reason="Merged."
        )
    )
    with pytest.raises(BadAction, match=r"retired.*never reused"):
        hub.admit("ke-nctc")
