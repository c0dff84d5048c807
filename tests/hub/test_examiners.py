"""Examination in worker processes gives what examination here gives, also when a worker dies."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.examiners import GIVES_WAY, INLINE, Examiners, keys_in, read_messages, view_of
from tests.bus_fixture import until
from tests.signed_network import HUB_KEY, NETWORK, Organization, contact, key_of, message_of, need, signed_anew
from wire.examine import Message
from wire.reasons import Reason

PACKED = HUB_KEY.public.raw + key_of("ke-nctc").public.raw


def messages(count: int) -> list[Message]:
    """Some of everything: valid, refused, excluded, by unknown keys, without a record."""
    ours = Organization("ke-nctc", bytes(32), key_of("ke-nctc"))
    found = [
        message_of(ours.say(contact(), kind="contact", marking="TLP:GREEN")),
        message_of(ours.say(action="withdrawn")),
        message_of(ours.rotate()),
        message_of(ours.say(need(weight=1))),
        message_of(ours.tell("fr-office")),
        message_of(ours.tell("fr-office", marking="TLP:AMBER+STRICT", action="withdrawn")),
        message_of(ours.say())._replace(body=None),
        signed_anew(ours.say(), key_of("stranger")),
        signed_anew(ours.say(), ours.key, type="liaison.need.exploded"),
        Message("ke-nctc", "need", b"junk", None),
    ]
    return found + [message_of(ours.say(id=f"n{number}")) for number in range(count)]


@pytest.fixture
def examiners() -> Iterator[Examiners]:
    found = Examiners(NETWORK, 2)
    yield found
    found.close()


@pytest.mark.parametrize("count", [1, INLINE + 300])
async def test_findings_are_the_same_wherever_they_are_made_and_in_the_order_asked(
    examiners: Examiners, count: int
) -> None:
    asked = messages(count)
    assert await examiners.read(PACKED, asked) == read_messages(NETWORK, PACKED, asked)


def workers_now() -> set[int]:
    """Pids of the worker processes of this one."""
    own = os.getpid()
    children = Path(f"/proc/{own}/task/{own}/children").read_text().split()
    return {int(pid) for pid in children if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()}


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs /proc: run the tests on Linux")
async def test_a_batch_is_examined_again_when_a_worker_was_killed(examiners: Examiners) -> None:
    before = workers_now()
    asked = messages(INLINE + 300)
    expected = read_messages(NETWORK, PACKED, asked)
    await examiners.read(PACKED, asked)
    workers = sorted(workers_now() - before)
    assert workers
    for pid in workers:
        os.kill(pid, signal.SIGKILL)
    assert await examiners.read(PACKED, asked) == expected
    await until(lambda: not set(workers) & workers_now())


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs /proc: run the tests on Linux")
async def test_examining_gives_way_to_commits_and_readers(examiners: Examiners) -> None:
    before = workers_now()
    await examiners.read(PACKED, messages(INLINE))
    workers = workers_now() - before
    own = os.getpriority(os.PRIO_PROCESS, 0)
    assert len(workers) == 2
    await until(lambda: all(os.getpriority(os.PRIO_PROCESS, pid) == own + GIVES_WAY for pid in workers))


def test_keys_are_packed_and_unpacked_by_thumbprint() -> None:
    assert keys_in(PACKED) == {key.thumbprint: key for key in (HUB_KEY.public, key_of("ke-nctc").public)}
    assert keys_in(b"") == {}


def test_new_keys_are_known_at_once() -> None:
    message = message_of(Organization("ke-nctc", bytes(32), key_of("ke-nctc")).say())
    assert read_messages(NETWORK, HUB_KEY.public.raw, [message])[0].examined.signature is None
    assert read_messages(NETWORK, PACKED, [message])[0].examined.signature is True


def test_what_was_refused_or_left_out_or_is_encrypted_shows_nothing_of_its_record() -> None:
    for read in read_messages(NETWORK, PACKED, messages(0))[3:]:
        found = read.examined
        assert found.refusal or found.exclusion or found.recipients or found.signature is None
        assert not found.recipients or (read.facets, read.coverage) == (None, [])
        assert found.exclusion is None or (read.facets, read.coverage) == (None, [])
        assert found.refusal is None or found.refusal.reason in {Reason.UNKNOWN_KIND, Reason.MALFORMED}


def test_the_view_takes_title_places_themes_and_review_from_a_record() -> None:
    found = view_of("need", need("Readers"), "2026-11-23T12:00:00.000Z")
    assert found.facets is not None
    assert (found.facets.title, found.facets.places, found.review_due) == ("Readers", ("KEN",), "2027-05-24")
    assert [line[:4] for line in found.coverage] == [("need", "KEN", "theme_1373", "2.10")]
