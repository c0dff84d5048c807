"""Editing: what becomes a sealed event, what waits, what stays here, and what is refused."""

import multiprocessing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event

from node.edit import Confirm, Put, Withdraw
from node.node import Node, begin, build, join
from node.refusal import Refusal
from node.store import Outbox, Reading, Tree
from schemas.body import record_of
from schemas.entry import parse_entry
from tests.node.nodes import ORG, HubEnd, joined_node, make_node, put, read_registry
from tests.schemas.examples import EXAMPLES
from tests.signed_network import reading_key_of
from wire import jws
from wire.encoding import b64url
from wire.encryption import NotForUs, decrypt
from wire.examine import Message, examine
from wire.jwe import parse_jwe
from wire.key_sets import ENROLMENT_FILE


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> str:
    """Every test below runs on both databases."""
    return "" if request.param == "sqlite" else str(request.getfixturevalue("node_postgres_url"))


@pytest.fixture
def node(tmp_path: Path, database: str) -> Iterator[Node]:
    node = joined_node(tmp_path / "node", database)
    yield node
    node.engine.dispose()


def draft(**changes: object) -> Put:
    example = {**EXAMPLES["need"], "need_status": "draft", "history": None, **changes}
    return Put(parse_entry(example))


def chain_of(node: Node) -> list[dict[str, str]]:
    """The statements in the outbox, checked as the hub would check them."""
    key = node.keyring.signing.public
    statements = []
    for waiting in node.outbox.after(0, 100_000, 10**9):
        message = Message(ORG, waiting.kind, waiting.token, waiting.body)
        read = examine(message, "exercise.example", {key.thumbprint: key})
        assert read.refusal is None
        assert read.signature is True
        assert read.exclusion is None
        statements.append(orjson.loads(jws.take_apart(waiting.token, jws.EVENT).payload))
    return statements


def test_a_put_becomes_the_next_event_of_the_chain(node: Node) -> None:
    admission = node.admission()
    assert admission is not None

    done = node.editor.apply([put("a"), put("b")])

    assert [(each.outcome, each.sequence) for each in done] == [("published", 2), ("published", 3)]
    chain = chain_of(node)
    assert [each["sequence"] for each in chain] == [f"{number:012d}" for number in (1, 2, 3)]
    assert chain[0]["previous"] == b64url(admission.previous)
    for before, after in zip(node.outbox.after(0, 10, 10**9), chain[1:], strict=False):
        assert after["previous"] == b64url(before.hash)
    assert (chain[1]["type"], chain[1]["subject"]) == ("liaison.contact.published", f"contact/{ORG}/a")


def test_the_organizations_own_record_comes_first(node: Node) -> None:
    assert chain_of(node)[0]["subject"] == f"organization/{ORG}/{ORG}"


def test_an_unchanged_record_publishes_nothing(node: Node) -> None:
    node.editor.apply([put("a")])

    assert [each.outcome for each in node.editor.apply([put("a")])] == ["unchanged"]
    assert node.reading.chain().sequence == 2


def test_a_record_without_an_id_gets_one_of_its_own(node: Node) -> None:
    first, second = node.editor.apply([put(None), put(None)])
    assert first.id != second.id


def test_a_changed_record_is_revised_and_one_put_again_after_its_end_too(node: Node) -> None:
    outcomes = []
    for change in (put("a"), put("a", "Other"), Withdraw("contact", "a", "Moved."), put("a", "Other")):
        outcomes += [each.outcome for each in node.editor.apply([change])]
    assert outcomes == ["published", "revised", "withdrawn", "revised"]


def test_a_changed_marking_alone_is_a_revision(node: Node) -> None:
    node.editor.apply([put("a", visibility="public")])
    assert node.editor.apply([put("a", visibility="public", marking="TLP:CLEAR")])[0].outcome == "revised"


def test_confirming_says_the_same_record_under_a_new_nonce(node: Node) -> None:
    node.editor.apply([put("a")])
    assert node.editor.apply([Confirm("contact", "a")])[0].outcome == "confirmed"

    first, second = (orjson.loads(each.body or b"") for each in node.outbox.after(1, 10, 10**9))
    assert first["record"] == second["record"]
    assert first["nonce"] != second["nonce"]


def test_a_withdrawal_carries_its_reason_and_no_record(node: Node) -> None:
    node.editor.apply([put("a")])
    node.editor.apply([Withdraw("contact", "a", "Office closed.")])

    body = orjson.loads(node.outbox.after(2, 1, 10**9)[0].body or b"")
    assert body == {"nonce": body["nonce"], "reason": "Office closed."}


@pytest.mark.parametrize("change", [Withdraw("contact", "a", "Gone."), Confirm("contact", "a")])
def test_what_is_not_there_can_be_neither_withdrawn_nor_confirmed(node: Node, change: Withdraw | Confirm) -> None:
    with pytest.raises(Refusal, match="is not a record of this node"):
        node.editor.apply([change])
    node.editor.apply([put("a"), Withdraw("contact", "a", "Gone.")])
    with pytest.raises(Refusal, match="withdrawn already"):
        node.editor.apply([change])


def test_several_changes_of_one_record_in_one_transaction_keep_their_order(node: Node) -> None:
    node.editor.apply([put("a"), put("a", "Second"), Withdraw("contact", "a", "Gone."), put("a", "Third")])
    actions = [each["type"].rsplit(".", 1)[1] for each in chain_of(node)[1:]]
    assert actions == ["published", "revised", "withdrawn", "revised"]
    kept = node.reading.record("contact", "a")
    assert kept is not None
    assert (kept.kept.record["unit"], kept.kept.state, kept.kept.sequence) == ("Third", "current", 5)


def test_red_records_and_drafts_stay_here(node: Node) -> None:
    done = node.editor.apply([put("secret", marking="TLP:RED"), draft()])

    assert [each.outcome for each in done] == ["local", "local"]
    assert node.reading.chain().sequence == 1
    assert node.reading.counts().local == 2


def test_a_draft_that_is_submitted_is_published(node: Node) -> None:
    node.editor.apply([draft()])
    assert node.editor.apply([Put(parse_entry(EXAMPLES["need"]))])[0].outcome == "published"


def test_what_stays_here_is_deleted_by_withdrawing_it(node: Node) -> None:
    node.editor.apply([put("secret", marking="TLP:RED")])
    assert node.editor.apply([Withdraw("contact", "secret", "Done.")])[0].outcome == "dropped"
    assert node.reading.record("contact", "secret") is None
    assert node.reading.chain().sequence == 1


def test_what_was_published_cannot_be_made_secret_again(node: Node) -> None:
    node.editor.apply([put("a")])
    with pytest.raises(Refusal, match="withdraw it first") as refused:
        node.editor.apply([put("a", marking="TLP:RED")])
    assert refused.value.reason == "marking-violated"


def secret(record_id: str = "b", *recipients: str, **changes: Any) -> Put:
    """A contact for named organizations."""
    return put(record_id, marking="TLP:AMBER", recipients=list(recipients or ("fr-office", "ke-nctc")), **changes)


def last_body(node: Node) -> bytes:
    """The body that waits last in the outbox."""
    body = node.outbox.after(0, 100_000, 10**9)[-1].body
    assert body is not None
    return body


@pytest.mark.parametrize("marking", ["TLP:AMBER", "TLP:AMBER+STRICT"])
def test_what_is_for_named_readers_leaves_encrypted_to_them_and_to_us_and_is_readable_here(
    node: Node, marking: str
) -> None:
    read_registry(node, "fr-office", "ke-nctc", "other-office")
    node.editor.apply([put("b", unit="The harbour", marking=marking, recipients=["ke-nctc", "fr-office"])])
    statement, body = chain_of(node)[-1], last_body(node)
    assert (statement["marking"], statement["datacontenttype"]) == (marking, "application/jose+json")
    assert [each.organization for each in parse_jwe(body).recipients] == ["fr-office", "ke-nctc", ORG]
    assert b"harbour" not in body
    for key in (reading_key_of("fr-office"), reading_key_of("ke-nctc"), node.keyring.reading):
        assert record_of(decrypt(body, key))["unit"] == "The harbour"
    with pytest.raises(NotForUs):
        decrypt(body, reading_key_of("other-office"))
    kept = node.reading.record("contact", "b")
    assert kept is not None
    assert (kept.kept.record["unit"], kept.kept.recipients) == ("The harbour", ("fr-office", "ke-nctc"))


def test_confirming_and_withdrawing_go_to_the_same_readers_encrypted_too(node: Node) -> None:
    read_registry(node, "fr-office", "ke-nctc")
    node.editor.apply([secret()])
    bodies = [last_body(node)]
    for change in (Confirm("contact", "b"), Withdraw("contact", "b", "The harbour is closed.")):
        node.editor.apply([change])
        bodies.append(last_body(node))
    assert len(set(bodies)) == 3
    opened = [orjson.loads(decrypt(body, reading_key_of("ke-nctc"))) for body in bodies]
    assert opened[0]["record"] == opened[1]["record"]
    assert opened[2]["reason"] == "The harbour is closed."
    assert all(b"harbour" not in body for body in bodies)
    assert {statement["marking"] for statement in chain_of(node)[1:]} == {"TLP:AMBER"}


def test_other_readers_alone_are_a_revision_and_the_same_ones_are_none(node: Node) -> None:
    read_registry(node, "fr-office", "ke-nctc")
    node.editor.apply([secret("b", "ke-nctc", "fr-office")])
    assert node.editor.apply([secret("b", "fr-office", "ke-nctc")])[0].outcome == "unchanged"
    assert node.editor.apply([secret("b", "fr-office")])[0].outcome == "revised"
    with pytest.raises(NotForUs):
        decrypt(last_body(node), reading_key_of("ke-nctc"))


@pytest.mark.parametrize("joined", [True, False])
def test_before_the_registry_was_read_nothing_for_named_readers_is_saved_and_nothing_is_lost(
    tmp_path: Path, database: str, joined: bool
) -> None:
    node = (joined_node if joined else make_node)(tmp_path / "node", database)
    before = node.reading.chain().sequence
    with pytest.raises(Refusal, match="not yet read") as refused:
        node.editor.apply([put("a"), secret()])
    assert refused.value.reason == "registry-unknown"
    assert node.reading.chain().sequence == before
    assert node.reading.record("contact", "a") is None
    assert node.reading.counts().pending == (0 if joined else 1)
    node.engine.dispose()


@pytest.mark.parametrize(
    ("recipient", "words"),
    [("xx-nobody", "no organization of this network"), ("old-office", "has retired"), (ORG, "its own author")],
)
def test_a_reader_who_cannot_read_is_refused_by_name_and_nothing_is_saved(
    node: Node, recipient: str, words: str
) -> None:
    read_registry(node, "fr-office", retired=("old-office",))
    with pytest.raises(Refusal, match=words) as refused:
        node.editor.apply([put("a"), secret("b", "fr-office", recipient)])
    assert refused.value.reason == "marking-violated"
    assert node.reading.record("contact", "a") is None


def test_a_reader_who_has_retired_since_does_not_keep_a_record_from_ending(node: Node) -> None:
    read_registry(node, "fr-office", "ke-nctc")
    node.editor.apply([secret()])
    read_registry(node, "fr-office", retired=("ke-nctc",))
    node.editor.apply([Confirm("contact", "b")])
    assert [each.organization for each in parse_jwe(last_body(node)).recipients] == ["fr-office", ORG]
    with pytest.raises(Refusal, match="has retired"):
        node.editor.apply([secret(unit="Another")])
    read_registry(node, retired=("fr-office", "ke-nctc"))
    node.editor.apply([Withdraw("contact", "b", "Nobody is left.")])
    assert [each.organization for each in parse_jwe(last_body(node)).recipients] == [ORG]


def test_a_record_for_members_can_be_taken_back_to_named_readers(node: Node) -> None:
    read_registry(node, "fr-office", "ke-nctc")
    node.editor.apply([put("b")])
    assert node.editor.apply([secret("b")])[0].outcome == "revised"
    assert [statement["marking"] for statement in chain_of(node)[1:]] == ["TLP:GREEN", "TLP:AMBER"]


def test_consent_counts_for_what_is_encrypted_too(node: Node) -> None:
    read_registry(node, "fr-office")
    changes = {"consent": "none", "id": "a1", "recipients": ["fr-office"]}
    assessment = {**EXAMPLES["assessment"], **changes, "marking": "TLP:AMBER"}
    with pytest.raises(Refusal) as refused:
        node.editor.apply([Put(parse_entry(assessment))])
    assert refused.value.reason == "consent-missing"
    assert node.editor.apply([Put(parse_entry({**assessment, "marking": "TLP:AMBER+STRICT"}))])[0].sequence == 2


def test_what_is_too_long_once_it_is_encrypted_is_refused_before_it_is_saved(node: Node) -> None:
    read_registry(node, "fr-office")
    long = {"en": "x" * 31_000, "fr": "x" * 31_000, "es": "x" * 31_000, "ar": "x" * 31_000, "de": "x" * 31_000,
            "it": "x" * 31_000, "pt": "x" * 31_000}  # fmt: skip
    need = {**EXAMPLES["need"], "id": "n1", "description": long}
    assert node.editor.apply([Put(parse_entry({**need, "marking": "TLP:GREEN"}))])[0].sequence == 2
    with pytest.raises(Refusal) as refused:
        node.editor.apply([Put(parse_entry({**need, "marking": "TLP:AMBER", "recipients": ["fr-office"]}))])
    assert refused.value.reason == "too-large"


def test_a_record_without_consent_is_refused_with_its_field(node: Node) -> None:
    need = {**EXAMPLES["need"], "marking": "TLP:CLEAR", "consent_to_publish": False}
    with pytest.raises(Refusal) as refused:
        node.editor.apply([Put(parse_entry(need))])
    assert refused.value.reason == "consent-missing"
    assert [problem.pointer for problem in refused.value.problems] == ["/consent_to_publish"]


def test_a_node_with_an_alarm_signs_nothing(node: Node) -> None:
    node.outbox.sound_alarm("behind-hub", "restored from a backup")
    with pytest.raises(Refusal, match="restored from a backup"):
        node.editor.apply([put("a")])
    assert node.reading.chain().sequence == 1


def test_before_the_join_changes_wait_and_are_sealed_in_their_order(tmp_path: Path, database: str) -> None:
    node = make_node(tmp_path / "node", database)
    done = node.editor.apply([put("a"), put("b"), put("a", "New"), Withdraw("contact", "b", "Gone.")])
    assert {each.outcome for each in done} == {"waiting"}
    assert node.editor.apply([put("a", "New")])[0].outcome == "unchanged"
    assert node.reading.counts().pending == 5

    join(node, HubEnd().admit((tmp_path / "node" / ENROLMENT_FILE).read_bytes()))

    said = [(each["type"], each["subject"]) for each in chain_of(node)]
    assert said == [
        ("liaison.organization.published", f"organization/{ORG}/{ORG}"),
        ("liaison.contact.published", f"contact/{ORG}/a"),
        ("liaison.contact.published", f"contact/{ORG}/b"),
        ("liaison.contact.revised", f"contact/{ORG}/a"),
        ("liaison.contact.withdrawn", f"contact/{ORG}/b"),
    ]
    assert node.reading.counts().pending == 0
    assert node.editor.apply([put("a", "New")])[0].outcome == "unchanged"
    node.engine.dispose()


def test_joining_again_changes_nothing_but_the_bus(tmp_path: Path, database: str) -> None:
    hub = HubEnd()
    node = joined_node(tmp_path / "node", database, hub=hub)
    enrolment = (tmp_path / "node" / ENROLMENT_FILE).read_bytes()
    before = node.reading.chain()
    _, sealed = join(node, hub.admit(enrolment, "nats://elsewhere:4222"))
    admission = node.admission()
    assert sealed == 0
    assert node.reading.chain()[:4] == before[:4]
    assert admission is not None
    assert admission.bus_url == "nats://elsewhere:4222"
    with pytest.raises(Refusal, match="already"):
        join_elsewhere(node, enrolment)
    node.engine.dispose()


def join_elsewhere(node: Node, enrolment: bytes) -> None:
    import tests.node.nodes as made

    before = made.NETWORK
    made.NETWORK = "other.example"
    try:
        join(node, HubEnd().admit(enrolment))
    finally:
        made.NETWORK = before


def test_bulk_changes_come_in_transactions_and_tell_how_far_they_are(node: Node) -> None:
    told: list[int] = []
    done = list(node.editor.apply_many((put(f"c{n}") for n in range(25)), progress=told.append, size=10))
    assert told == [10, 10, 5]
    assert [each.sequence for each in done] == list(range(2, 27))
    assert len(chain_of(node)) == 26


class Crash(Exception):
    """Stands for a process that ends at this very moment."""


@pytest.mark.parametrize("at", range(1, 13))
def test_a_crash_between_any_two_writes_leaves_nothing_half(node: Node, at: int) -> None:
    node.editor.apply([put("a")])
    before = (node.reading.chain(), node.reading.counts(), node.reading.record("contact", "a"))
    writes = 0

    def crash(_c: object, _cursor: object, statement: str, *_: object) -> None:
        nonlocal writes
        if statement.startswith(("INSERT", "UPDATE", "DELETE")):
            writes += 1
            if writes == at:
                raise Crash

    event.listen(node.engine, "before_cursor_execute", crash)
    try:
        node.editor.apply([put("a", "Changed"), put("b")])
        crashed = False
    except Crash:
        crashed = True
    finally:
        event.remove(node.engine, "before_cursor_execute", crash)
    expected = 11 if node.engine.dialect.name == "sqlite" else 10  # words are written anew in one statement, or two
    assert crashed == (at <= expected), "statements, outbox, chain, records, and their rows and words in the grid"
    if crashed:
        assert (node.reading.chain(), node.reading.counts(), node.reading.record("contact", "a")) == before
        assert node.editor.apply([put("a", "Changed")])[0].sequence == 3
    assert len(chain_of(node)) == node.reading.chain().sequence


def _put_many(directory: Path, prefix: str, number: int) -> None:
    node = build(directory)
    for each in range(number):
        node.editor.apply([put(f"{prefix}{each}")])
    node.engine.dispose()


def test_processes_that_write_at_once_keep_one_chain_without_gaps(tmp_path: Path, database: str) -> None:
    directory = tmp_path / "node"
    node = joined_node(directory, database)
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_put_many, args=(directory, prefix, 20)) for prefix in "xyz"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(300)
        assert writer.exitcode == 0
    chain = chain_of(node)
    assert [int(each["sequence"]) for each in chain] == list(range(1, 62))
    hashes = [b64url(each.hash) for each in node.outbox.after(0, 100, 10**9)]
    assert [each["previous"] for each in chain[1:]] == hashes[:-1]
    node.engine.dispose()


def _put_until_killed(directory: Path) -> None:
    node = build(directory)
    for number in range(100_000):
        node.editor.apply([put(f"k{number}"), put(f"l{number}")])


def test_a_killed_process_leaves_a_whole_chain(tmp_path: Path) -> None:
    directory = tmp_path / "node"
    node = joined_node(directory)
    writer = multiprocessing.get_context("spawn").Process(target=_put_until_killed, args=(directory,))
    writer.start()
    while node.reading.chain().sequence < 20:
        assert writer.is_alive()
    writer.kill()
    writer.join(60)
    chain = chain_of(node)
    assert len(chain) == node.reading.chain().sequence
    assert node.reading.counts().current == len(chain), "each event has its record, each record its event"
    assert len(chain) % 2 == 1, "pairs are put together or not at all, after the organization's own record"


@given(steps=st.lists(st.tuples(st.sampled_from("pwcr"), st.sampled_from("ab"), st.integers(0, 2)), max_size=12))
def test_any_walk_of_edits_ends_as_a_plain_model_says(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, str, int]]
) -> None:
    node = joined_node(tmp_path_factory.mktemp("walk") / "node")
    model: dict[str, int | None] = {}
    events = 1
    for what, name, unit in steps:
        current = model.get(name)
        change = {
            "p": put(name, str(unit)), "w": Withdraw("contact", name, "x"), "c": Confirm("contact", name),
            "r": Withdraw("contact", name, "x", quietly=True),
        }[what]  # fmt: skip
        if what in "wc" and current is None:
            with pytest.raises(Refusal):
                node.editor.apply([change])
            continue
        node.editor.apply([change])
        if what == "p":
            events += current != unit
            model[name] = unit
        elif current is not None:
            events += 1
            model[name] = current if what == "c" else None
    assert node.reading.chain().sequence == events == len(chain_of(node))
    found = {address[1]: kept.record["unit"] for address, kept in node.reading.current("contact").items()}
    assert found == {name: str(unit) for name, unit in model.items() if unit is not None}
    node.engine.dispose()


def test_the_store_opens_again_as_it_was(tmp_path: Path) -> None:
    node = joined_node(tmp_path / "node")
    node.editor.apply([put("a")])
    node.engine.dispose()
    again = build(tmp_path / "node")
    assert Reading(again.engine).chain() == node.reading.chain()
    assert len(Outbox(again.engine).after(0, 10, 10**9)) == 2


def test_the_state_directory_is_its_owners_only(tmp_path: Path) -> None:
    begin(tmp_path / "node", organization=ORG, name="Centre", org_type="10", database="")
    assert ((tmp_path / "node").stat().st_mode & 0o077) == 0


def test_statements_say_what_this_node_has_cosigned_last_and_never_less(node: Node) -> None:
    node.editor.apply([put("a")])
    for size in (700, 900):
        node.log.cosign(Tree(size, bytes([size % 256]) * 32, b"note", "2026-11-24T12:00:00.000Z"))
        node.editor.apply([put("a", unit=f"Unit {size}"), put("b", unit=f"Unit {size}")])
    expected = [f"{size}:{b64url(bytes([size % 256]) * 32)}" for size in (700, 900) for _ in range(2)]
    assert [each.get("seen") for each in chain_of(node)] == [None, None, *expected]
