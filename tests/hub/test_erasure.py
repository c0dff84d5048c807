"""Erasure as attackers and readers meet it: whose statements, what is destroyed, and that it stays destroyed."""

from pathlib import Path

import orjson
import pytest
from sqlalchemy import delete, func, select

from hub import tables
from hub.filters import Live
from hub.live import LiveLog, Question
from hub.rebuild import rebuild
from tests.hub.batches import commit, restarted, rows, view_of_all
from tests.hub.erasing import ADDRESS, NAME, SECRET, HubFolder, answers, client, order, say, secret_need
from tests.hub.published import Published
from tests.signed_network import contact, need
from wire.actions import Reinstated, Suspended
from wire.encoding import b64url


def bodies(network: Published) -> int:
    """How many bodies of records there are."""
    log, kept = tables.log, tables.bodies
    query = select(func.count()).select_from(kept).join(log, log.c.index == kept.c.index).where(log.c.kind != "control")
    with network.engine.begin() as connection:
        return connection.scalar(query) or 0


def excluded(network: Published) -> list[tuple[int, str, str]]:
    """What was left out: index, reason, and where the first problem is."""
    table = tables.exclusions.c
    with network.engine.begin() as connection:
        rows = connection.execute(select(table.index, table.reason, table.problems)).all()
    return [(index, reason, orjson.loads(problems)[0]["pointer"]) for index, reason, problems in rows]


def hash_at(network: Published, index: int) -> bytes:
    with network.engine.begin() as connection:
        return bytes(connection.scalars(select(tables.log.c.hash).where(tables.log.c.index == index)).one())


def test_an_erased_record_leaves_the_view_and_says_that_it_was_erased(network: Published) -> None:
    first = say(network)
    say(network, "n2", record=need("Other"))
    second = say(network, action="revised")
    index = order(network, first, second)
    reader = client(network)
    assert [item["id"] for item in reader.get("/api/v1/records").json()["items"]] == ["n2"]
    assert reader.get("/api/v1/records", params={"q": SECRET}).json()["items"] == []
    [erased] = reader.get("/api/v1/records", params={"status": "erased"}).json()["items"]
    assert erased == {
        "kind": "need", "org": NAME, "id": "n1", "statement": b64url(second.hash), "index": index - 1,
        "status": "erased", "ordered_at": index,
    }  # fmt: skip
    gone = reader.get(f"/api/v1/records/{ADDRESS}")
    assert gone.status_code == 410
    assert gone.json()["type"].endswith("/problems/erased")
    assert gone.json()["ordered_at"] == index
    assert "erased" in gone.json()["detail"]
    history = reader.get(f"/api/v1/records/{ADDRESS}/history").json()["items"]
    assert [(item["statement"], item["erased"]) for item in history] == [
        (b64url(first.hash), {"ordered_at": index}), (b64url(second.hash), {"ordered_at": index}),
    ]  # fmt: skip
    assert not any("record" in item for item in history)
    assert bodies(network) == 1
    assert SECRET.encode() not in answers(network)


def test_erasing_an_older_version_keeps_the_record_shown(network: Published) -> None:
    first = say(network)
    say(network, record=need("Clean"), action="revised")
    order(network, first)
    shown = client(network).get(f"/api/v1/records/{ADDRESS}").json()
    assert (shown["record"]["title"], shown["status"]) == ({"en": "Clean"}, "current")
    assert SECRET.encode() not in answers(network)


def test_a_later_revision_makes_the_record_current_again(network: Published) -> None:
    order(network, say(network))
    say(network, record=need("Anew"), action="revised")
    reader = client(network)
    assert reader.get(f"/api/v1/records/{ADDRESS}").json()["status"] == "current"
    assert len(reader.get("/api/v1/records", params={"q": "anew"}).json()["items"]) == 1
    assert reader.get("/api/v1/records", params={"status": "erased"}).json()["items"] == []


def test_a_withdrawn_record_can_be_erased_with_the_reason_of_its_withdrawal(network: Published) -> None:
    first = say(network)
    ending = network.admit(NAME).say(action="withdrawn")
    network.deliver(ending)
    order(network, first, ending)
    reader = client(network)
    assert reader.get("/api/v1/records", params={"status": "withdrawn"}).json()["items"] == []
    assert len(reader.get("/api/v1/records", params={"status": "erased"}).json()["items"]) == 1
    assert b"It ended." not in answers(network)


def test_the_view_after_a_rebuild_is_the_view_that_was(network: Published) -> None:
    order(network, say(network, "n3"), record=f"need/{NAME}/n3")
    say(network, "n3", action="withdrawn", record=need())
    order(network, say(network))
    ours = network.admit(NAME)
    batch = [ours.say(secret_need(), id="b1"), ours.say(secret_need(), id="b2")]
    batch.append(ours.say(need("Later"), id="b2", action="revised"))
    orders = [ours.order(f"need/{NAME}/b1", [batch[0].hash]), ours.order(f"need/{NAME}/b2", [batch[1].hash])]
    commit(network.writer, *batch, *orders, ours.say(secret_need(), id="b1", action="revised"))
    network.announce(network.writer.state.size)
    client(network).get("/api/v1/records", params={"q": "later"})
    before, bodies_before = view_of_all(network.engine), rows(network.engine, tables.bodies)
    erased = tables.records.c.keys().index("erased")
    assert [row[erased] for row in before["records"]].count(True) == 2
    rebuild(network.engine)
    assert view_of_all(network.engine) == before
    assert rows(network.engine, tables.bodies) == bodies_before


def test_attack_an_organization_orders_the_erasure_of_another_s_statement(network: Published) -> None:
    first = say(network)
    thief = network.admit("fr-office")
    index = order(network, first, record="need/fr-office/n1", author=thief)
    assert excluded(network) == [(index, "schema-invalid", "/statements/0")]
    assert bodies(network) == 1
    index = order(network, first, author=thief)
    assert excluded(network)[-1] == (index, "schema-invalid", "/record")
    assert client(network).get(f"/api/v1/records/{ADDRESS}").status_code == 200


def test_attack_an_order_names_control_statements_unknown_ones_or_those_of_another_record(network: Published) -> None:
    first, other = say(network), say(network, "n2")
    index = order(network, other, record=f"need/{NAME}/n2")
    ours = network.admit(NAME)
    control = [hash_at(network, place) for place in (index, index + 1, 1)]  # the order, the hub's, the registry's
    for digest in (*control, bytes(32), other.hash):
        said = ours.order(ADDRESS, [first.hash, digest])
        at = network.deliver(said)
        assert excluded(network)[-1][:2] == (at, "schema-invalid")
        assert excluded(network)[-1][2].startswith("/statements/")
    assert client(network).get(f"/api/v1/records/{ADDRESS}").status_code == 200
    assert bodies(network) == 1


def test_attack_an_order_and_an_erased_event_are_replayed(network: Published) -> None:
    first = say(network)
    said = network.admit(NAME).order(ADDRESS, [first.hash])
    network.deliver(said)
    size = network.writer.state.size
    for again in (said, first):
        committed = commit(network.writer, again)
        assert (committed.outcome.duplicates, committed.size) == (1, size)
    assert bodies(network) == 0
    assert SECRET.encode() not in answers(network)


def test_an_order_in_the_batch_of_what_it_names_keeps_the_body_out_of_the_database(network: Published) -> None:
    ours = network.admit(NAME)
    first = ours.say(secret_need())
    commit(network.writer, first, ours.order(ADDRESS, [first.hash]))
    assert bodies(network) == 0
    network.announce(network.writer.state.size)
    assert client(network).get(f"/api/v1/records/{ADDRESS}").status_code == 410


def test_what_was_never_shown_can_be_erased_and_nothing_that_quotes_it_stays(network: Published) -> None:
    bad = say(network, record=secret_need(need_status=SECRET))
    assert excluded(network)[0][1] == "schema-invalid"
    order(network, bad)
    with network.engine.begin() as connection:
        kept = b"".join(bytes(body) for body in connection.scalars(select(tables.bodies.c.body)))
        problems = list(connection.scalars(select(tables.exclusions.c.problems)))
    assert SECRET.encode() not in kept
    assert problems == ["[]"]


async def test_live_readers_get_the_event_without_its_body(network: Published) -> None:
    log = LiveLog(network.engine, network.tail)
    first = say(network)
    at = network.tail.size - 1
    everything = Question.of(Live(), ("TLP:CLEAR",))
    [event], _ = await log.read(at, everything)
    assert SECRET.encode() in event.document
    order(network, first)
    network.tail.forget()
    for start in (at, 0):
        found, _ = await log.read(start, everything)
        assert [each.index for each in found if each.index == at] == [at]
        assert all(SECRET.encode() not in each.document for each in found)


@pytest.fixture
def hub(tmp_path: Path) -> HubFolder:
    return HubFolder(tmp_path)


def test_the_erased_word_is_in_no_file_of_the_hub_any_more(hub: HubFolder) -> None:
    network, secrets = hub.network, {}
    for number in range(60):
        say(network, f"x{number}", record=need(f"Need {number}", description={"en": "Some words. " * number}))
        if number % 20 == 7:
            secrets[f"s{number}"] = say(network, f"s{number}")
    client(network).get("/api/v1/records", params={"q": SECRET})
    assert hub.files_with(SECRET)
    for name, sealed in secrets.items():
        order(network, sealed, record=f"need/{NAME}/{name}")
    assert network.writer.tidy()
    assert hub.files_with(SECRET) == []


def test_what_a_killed_hub_left_of_an_erased_body_is_overwritten_after_its_next_start(hub: HubFolder) -> None:
    order(hub.network, say(hub.network))
    assert hub.files_with(SECRET), "it was killed before its files were tidy"
    hub.start()
    assert hub.network.writer.tidy()
    assert hub.files_with(SECRET) == []


def test_attack_an_older_backup_brings_an_erased_body_back(hub: HubFolder) -> None:
    first = say(hub.network)
    client(hub.network).get("/api/v1/records", params={"q": SECRET})
    backup = hub.backup()
    hub.start()
    said = hub.network.admit(NAME).order(ADDRESS, [first.hash])
    hub.network.deliver(said)
    hub.restore(backup)
    assert bodies(hub.network) == 0
    gone = client(hub.network).get(f"/api/v1/records/{ADDRESS}")
    assert gone.status_code == 410
    assert gone.json()["ordered_at"] is None, "the order itself is not in the restored log"
    assert SECRET.encode() not in answers(hub.network)
    assert hub.network.writer.tidy()
    assert hub.files_with(SECRET) == []
    at = hub.network.deliver(said)
    assert client(hub.network).get(f"/api/v1/records/{ADDRESS}").json()["ordered_at"] == at


def test_attack_a_backup_from_before_the_event_and_the_event_offered_again(hub: HubFolder) -> None:
    hub.network.admit(NAME)
    backup = hub.backup()
    hub.start()
    first = say(hub.network)
    order(hub.network, first)
    hub.restore(backup)
    hub.network.deliver(first)
    assert bodies(hub.network) == 0
    assert client(hub.network).get(f"/api/v1/records/{ADDRESS}").status_code == 410


def test_attack_somebody_puts_bodies_back_into_the_database(network: Published) -> None:
    first = say(network)
    at = network.tail.size - 1
    order(network, first)
    with network.engine.begin() as connection:
        connection.execute(tables.bodies.insert().values(index=at, tag=1, body=first.body))
    restarted(network.engine)
    assert bodies(network) == 0


def test_an_order_that_an_older_version_only_logged_is_carried_out_and_confirmed_at_the_next_start(
    network: Published,
) -> None:
    first = say(network)
    index = order(network, first)
    with network.engine.begin() as connection:
        for table in (tables.erasures, tables.erased, tables.confirmations):
            connection.execute(delete(table))
        connection.execute(tables.bodies.insert().values(index=index - 1, tag=1, body=first.body))
    again = restarted(network.engine)
    assert bodies(network) == 0
    again.confirm_owed()
    assert again.state.size == network.writer.state.size, "the hub had confirmed it already"
    with network.engine.begin() as connection:
        assert connection.execute(select(tables.erasures.c.index, tables.erasures.c.done_at)).all() == [
            (index, index + 1)
        ]


def test_a_member_s_contact_is_erased_for_members_too(network: Published) -> None:
    office = network.admit(NAME).say(contact(), kind="contact", id="c1", marking="TLP:GREEN")
    network.deliver(office)
    order(network, office, record=f"contact/{NAME}/c1")
    assert bodies(network) == 0


def test_a_copy_in_quarantine_goes_too(network: Published) -> None:
    ours = network.admit(NAME)
    network.register(Suspended(**network.roots.place(), organization=NAME, reason="For now."))
    first = ours.say(secret_need())
    network.deliver(first)
    network.register(Reinstated(**network.roots.place(), organization=NAME, reason="All is well."))
    network.deliver(first)
    order(network, first)
    with network.engine.begin() as connection:
        assert list(connection.scalars(select(tables.quarantine.c.body))) == [None]
