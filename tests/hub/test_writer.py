"""The one writer: every event of every batch gets its verdict, and a batch is written whole or not at all."""

import os

import orjson
import pytest
from sqlalchemy import Engine, select

from hub import tables
from hub.decide import MAX_PROBLEM_BYTES
from hub.holding import MAX_HELD_BYTES
from tests.hub.batches import chain_of, commit, everything, logged, restarted, rows
from tests.hub.published import Published
from tests.signed_network import contact, key_of, message_of, need, signed_anew, statement_of
from wire.examine import Message
from wire.verdict import MAX_EARLY


def shown(engine: Engine) -> dict[str, str]:
    """Title of each record of the view by id."""
    with engine.begin() as connection:
        return {row.id: row.title for row in connection.execute(select(tables.records))}


def reasons(engine: Engine) -> list[tuple[str, int]]:
    """Reason and count of what is in quarantine."""
    with engine.begin() as connection:
        query = select(tables.quarantine.c.reason, tables.quarantine.c.times).order_by(tables.quarantine.c.number)
        return [(row.reason, row.times) for row in connection.execute(query)]


def test_a_batch_of_several_organizations_is_logged_in_its_order(network: Published) -> None:
    ours, theirs = network.admit("ke-nctc"), network.admit("fr-office")
    batch = [ours.say(id="a"), theirs.say(id="b"), ours.say(id="c"), theirs.say(id="d")]
    committed = commit(network.writer, *batch)
    assert [(e.organization, e.sequence) for e in committed.outcome.entries] == [
        ("ke-nctc", 1), ("fr-office", 1), ("ke-nctc", 2), ("fr-office", 2),
    ]  # fmt: skip
    assert [index for index, _, _ in logged(network.engine)] == list(range(committed.size))
    assert set(shown(network.engine)) == {"a", "b", "c", "d"}
    assert committed.stands["ke-nctc"].sequence == 2
    assert committed.stands["ke-nctc"].head == batch[2].hash


def test_an_event_is_logged_once_however_often_and_where_it_comes(network: Published) -> None:
    ours = network.admit("ke-nctc")
    one, two, three = ours.say(), ours.say(action="revised"), ours.say(action="confirmed")
    assert commit(network.writer, one, one, two, one, two).outcome.duplicates == 3
    assert commit(network.writer, two, three, one).outcome.duplicates == 2
    assert chain_of(network.engine, "ke-nctc") == [1, 2, 3]
    assert reasons(network.engine) == []


def test_events_in_the_wrong_order_wait_for_one_another_within_a_batch_and_across(network: Published) -> None:
    ours = network.admit("ke-nctc")
    one, two, three, four = (ours.say(id=f"n{number}") for number in range(4))
    first = commit(network.writer, four, two)
    assert (first.outcome.early, first.outcome.entries, first.stands["ke-nctc"].missing) == (2, [], True)
    second = commit(network.writer, one)
    assert second.stands["ke-nctc"].sequence == 2
    assert second.stands["ke-nctc"].missing
    third = commit(network.writer, three)
    assert third.stands["ke-nctc"].sequence == 4
    assert not third.stands["ke-nctc"].missing
    assert chain_of(network.engine, "ke-nctc") == [1, 2, 3, 4]


def test_a_thousand_early_events_are_held_and_one_more_is_dropped(small_network: Published) -> None:
    ours = small_network.admit("ke-nctc")
    events = [ours.say(id=f"n{number}") for number in range(MAX_EARLY + 2)]
    commit(small_network.writer, *events[1:])
    assert commit(small_network.writer, events[0]).stands["ke-nctc"].sequence == MAX_EARLY + 1
    assert commit(small_network.writer, events[-1]).stands["ke-nctc"].sequence == MAX_EARLY + 2


def test_early_events_of_all_together_are_held_up_to_64_mib(small_network: Published) -> None:
    ours = small_network.admit("ke-nctc")
    body = os.urandom(250_000)
    first = ours.say()
    events = [ours.say(body=body) for _ in range(MAX_HELD_BYTES // len(body) + 5)]
    held = MAX_HELD_BYTES // (len(body) + len(events[0].token))
    commit(small_network.writer, *events)
    logged_now = commit(small_network.writer, first).stands["ke-nctc"].sequence
    assert abs(logged_now - 1 - held) <= 1
    assert commit(small_network.writer, *events).stands["ke-nctc"].sequence == len(events) + 1


def test_what_followed_a_refused_statement_is_no_fork_when_that_one_is_signed_anew(network: Published) -> None:
    ours = network.admit("ke-nctc")
    commit(network.writer, ours.say(id="n1"))
    anew = ours.twin()
    refused, behind = ours.say(kind="treaty", id="t1", body=b'{"nonce":"x"}'), ours.say(id="n2")
    assert commit(network.writer, refused, behind).outcome.early == 1
    assert reasons(network.engine) == [("unknown-kind", 1)]
    commit(network.writer, anew.say(id="n2"))
    commit(network.writer, anew.say(id="n3"))
    assert chain_of(network.engine, "ke-nctc") == [1, 2, 3]
    assert reasons(network.engine) == [("unknown-kind", 1)]
    # It is a fork when it is said again all the same: its author stands by two statements for one place.
    commit(network.writer, behind)
    assert reasons(network.engine) == [("unknown-kind", 1), ("forked", 1)]


def test_a_held_event_that_was_forged_does_not_stand_in_the_way_of_the_true_one(network: Published) -> None:
    ours = network.admit("ke-nctc")
    one, two = ours.say(), ours.say(action="revised")
    forged = signed_anew(two, key_of("stranger"))
    commit(network.writer, forged)
    assert commit(network.writer, one).stands["ke-nctc"].sequence == 1
    assert commit(network.writer, two).stands["ke-nctc"].sequence == 2
    assert reasons(network.engine) == [("unknown-key", 1)]


def test_what_does_not_fit_its_schema_is_logged_and_said_in_the_hubs_own_chain(network: Published) -> None:
    ours = network.admit("ke-nctc")
    committed = commit(network.writer, ours.say(need(weight=1), id="bad"), ours.say(id="good"))
    stated = committed.outcome.entries[1]
    assert (stated.organization, stated.kind) == ("hub", "control")
    assert statement_of(stated.token)["type"] == "liaison.body.excluded"
    said = orjson.loads(stated.body or b"")
    assert (said["index"], said["reason"]) == (committed.outcome.entries[0].index, "schema-invalid")
    assert said["problems"][0]["pointer"] == "/record/weight"
    assert set(shown(network.engine)) == {"good"}
    kept = rows(network.engine, tables.exclusions)
    assert [(row[0], row[2], row[4]) for row in kept] == [(said["index"], "schema-invalid", stated.index)]


def test_the_hubs_public_statement_quotes_nothing_of_a_body_that_is_not_public(network: Published) -> None:
    ours = network.admit("ke-nctc")
    bad = ours.say(need(weight="for members only"), marking="TLP:GREEN")
    statement = commit(network.writer, bad).outcome.entries[1]
    said = orjson.loads(statement.body or b"")
    assert (said["reason"], said["problems"]) == ("schema-invalid", [])
    assert b"members only" not in statement.token + (statement.body or b"")


def test_the_last_valid_version_of_a_record_stays_shown_and_the_next_valid_one_replaces_it(network: Published) -> None:
    ours = network.admit("ke-nctc")
    commit(network.writer, ours.say(need("First")))
    bad = commit(network.writer, ours.say(need("Second", weight=1), action="revised")).outcome.entries[0].index
    with network.engine.begin() as connection:
        row = connection.execute(select(tables.records)).one()
    assert (row.title, row.excluded_index) == ("First", bad)
    commit(network.writer, ours.say(need("Third"), action="revised"))
    with network.engine.begin() as connection:
        row = connection.execute(select(tables.records)).one()
    assert (row.title, row.excluded_index) == ("Third", None)


@pytest.mark.parametrize("name", ["x" * 200_000, "\x00" * 40_000, "é" * 120_000])
def test_a_record_with_monstrous_names_does_not_stop_the_hub(network: Published, name: str) -> None:
    """What the hub says of it must itself fit into a statement's body, and into the database."""
    ours = network.admit("ke-nctc")
    body = orjson.dumps({"nonce": "A" * 22, "record": need(**{name: 1})}, option=orjson.OPT_SORT_KEYS)
    committed = commit(network.writer, ours.say(body=body), ours.say(id="good"))
    assert committed.stands["ke-nctc"].sequence == 2
    assert len(committed.outcome.entries[1].body or b"") < 2 * MAX_PROBLEM_BYTES
    assert set(shown(network.engine)) == {"good"}


def test_many_faults_in_one_record_are_told_as_far_as_there_is_room(network: Published) -> None:
    ours = network.admit("ke-nctc")
    body = orjson.dumps({"nonce": "A" * 22, "record": need(**{f"{n}{'y' * 2000}": 1 for n in range(80)})})
    entry = commit(network.writer, ours.say(body=body)).outcome.entries[1]
    problems = orjson.loads(entry.body or b"")["problems"]
    assert 10 < len(problems) <= 50
    assert all(len(text) <= 500 for problem in problems for text in problem.values())


HOSTILE = ["x" * 200, "a.b.c." * 30, "\x00", "ü\x00" * 50, "\udc80", ""]


@pytest.mark.parametrize("text", HOSTILE)
def test_bad_input_from_others_never_stops_the_hub_whatever_its_subject_and_members(
    network: Published, text: str
) -> None:
    ours = network.admit("ke-nctc")
    sealed = ours.say()
    extra = text.replace("\udc80", "s")
    commit(
        network.writer,
        message_of(sealed)._replace(kind=text),
        message_of(sealed)._replace(organization=text),
        signed_anew(sealed, ours.key, **{extra: "x"}),
        signed_anew(sealed, ours.key, type=extra),
        Message("ke-nctc", "need", b"\x00\xff" * 50, b"\x00"),
        sealed,
    )
    assert chain_of(network.engine, "ke-nctc") == [1]
    assert len(reasons(network.engine)) >= 3


def test_every_kind_of_record_can_be_written_with_all_its_facets(network: Published) -> None:
    from tests.schemas.examples import EXAMPLES

    for kind, entry in EXAMPLES.items():
        marking = entry["marking"] if entry["marking"] in {"TLP:CLEAR", "TLP:GREEN"} else "TLP:GREEN"
        network.publish(kind, marking=marking, id=f"{kind}-x")
    assert set(shown(network.engine)) == {f"{kind}-x" for kind in EXAMPLES}


@pytest.mark.parametrize("kind", ["need", "contact"])
def test_a_clock_at_the_end_of_all_years_does_not_stop_the_hub(network: Published, kind: str) -> None:
    ours = network.admit("ke-nctc")
    record, marking = (need(), "TLP:CLEAR") if kind == "need" else (contact(confirmed_at="9999-12-31"), "TLP:GREEN")
    sealed = ours.say(record, kind=kind, marking=marking)
    late = signed_anew(sealed, ours.key, time="9999-12-31T23:59:59.999Z")
    assert commit(network.writer, late).outcome.exclusions == []
    assert set(shown(network.engine)) == {"n1"}


def test_a_fork_freezes_the_chain_and_both_tokens_stand_in_the_log(network: Published) -> None:
    ours = network.admit("ke-nctc")
    copy = ours.twin()
    one, other = ours.say(need("One")), copy.say(need("Another"))
    commit(network.writer, one)
    found = commit(network.writer, other)
    assert found.stands["ke-nctc"].forked
    entry = found.outcome.entries[0]
    assert statement_of(entry.token)["type"] == "liaison.fork.found"
    said = orjson.loads(entry.body or b"")
    assert said["tokens"] == [one.token.decode(), other.token.decode()]
    assert (said["organization"], said["sequence"]) == ("ke-nctc", 1)
    after = commit(network.writer, ours.say(action="revised"), copy.say(action="revised"))
    assert after.outcome.entries == []
    assert chain_of(network.engine, "ke-nctc") == [1]
    assert shown(network.engine) == {"n1": "One"}


def test_a_fork_is_remembered_after_a_restart(network: Published) -> None:
    ours = network.admit("ke-nctc")
    copy = ours.twin()
    commit(network.writer, ours.say())
    commit(network.writer, copy.say(need("Another")))
    again = restarted(network.engine)
    assert again.state.speakers["ke-nctc"].forked
    assert commit(again, ours.say(action="revised")).outcome.entries == []


def test_a_fork_within_one_batch_is_found_too_and_the_other_organizations_go_on(network: Published) -> None:
    ours, theirs = network.admit("ke-nctc"), network.admit("fr-office")
    copy = ours.twin()
    commit(network.writer, ours.say(), copy.say(need("Another")), theirs.say())
    assert restarted(network.engine).state.speakers["ke-nctc"].forked
    assert chain_of(network.engine, "fr-office") == [1]


def test_what_is_refused_lies_whole_in_quarantine_and_is_counted(network: Published) -> None:
    ours = network.admit("ke-nctc")
    forged = signed_anew(ours.say(), key_of("stranger"))
    commit(network.writer, forged, forged)
    commit(network.writer, forged)
    with network.engine.begin() as connection:
        row = connection.execute(select(tables.quarantine)).one()
    assert (row.token, row.body) == (forged.token, forged.body)
    assert (row.bus_organization, row.bus_kind, row.sequence) == ("ke-nctc", "need", 1)
    assert (row.reason, row.times) == ("unknown-key", 3)
    assert row.found == key_of("stranger").public.thumbprint


def test_a_refused_sequence_can_be_signed_anew(network: Published) -> None:
    ours = network.admit("ke-nctc")
    copy = ours.twin()
    commit(network.writer, signed_anew(ours.say(), ours.key, type="liaison.need.exploded"))
    assert commit(network.writer, copy.say()).stands["ke-nctc"].sequence == 1


def test_an_organization_admitted_after_its_event_was_examined_is_heard_all_the_same(network: Published) -> None:
    """Examiners work ahead with the keys of yesterday; the writer looks again."""
    from hub.reads import read_messages

    before = network.writer.packed_keys
    ours = network.admit("ke-nctc")
    message = message_of(ours.say())
    reads = read_messages("exercise.example", before, [message])
    assert network.writer.commit(list(zip([message], reads, strict=True))).stands["ke-nctc"].sequence == 1


def test_a_restart_finds_the_state_that_was(network: Published) -> None:
    ours, theirs = network.admit("ke-nctc"), network.admit("fr-office")
    commit(network.writer, ours.say(), theirs.say(need(weight=1)), ours.say(marking="TLP:GREEN", action="revised"))
    was, now = network.writer.state, restarted(network.engine).state
    assert (was.size, was.speakers, was.registry, was.last_on_subject) == (
        now.size, now.speakers, now.registry, now.last_on_subject,
    )  # fmt: skip


def test_the_bus_position_is_written_with_the_batch_it_belongs_to(network: Published) -> None:
    commit(network.writer, network.admit("ke-nctc").say(), position=17)
    assert ("intake", 17) in rows(network.engine, tables.cursors)


def test_an_empty_batch_changes_nothing(network: Published) -> None:
    before = everything(network.engine)
    commit(network.writer)
    assert everything(network.engine) == before
