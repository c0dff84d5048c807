"""The reader of the log: what a hub answers is read or refused in words, batches end exactly where they must."""

import asyncio
import contextlib
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.log_fold import BadEntries
from node.log_reader import MAX_ENTRIES, Unreadable, parse_answer, parse_entries
from node.store import LogStore
from tests.node.logs import Watched
from wire.examine import MAX_TOKEN


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    found = Watched(tmp_path)
    found.log.take_outbox(found.node)
    yield found
    found.close()


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"start": 1, "tokens": [], "bodies": {}}, "entries from 0 on"),
        ({"start": 0, "tokens": "x", "bodies": {}}, "entries from 0 on"),
        ({"start": 0, "tokens": []}, "entries from 0 on"),
        ({"start": 0, "tokens": [7], "bodies": {}}, "are not tokens"),
        ({"start": 0, "tokens": ["é"], "bodies": {}}, "are not tokens"),
        ({"start": 0, "tokens": [], "bodies": {"x": "AA"}}, "are not tokens"),
        ({"start": 0, "tokens": [], "bodies": {"0": "A"}}, "are not tokens"),
        ({"start": 0, "tokens": ["x" * (MAX_TOKEN + 1)], "bodies": {}}, "longer than any token"),
        ({"start": 0, "tokens": ["x"] * (MAX_ENTRIES + 1), "bodies": {}}, "at once"),
        ({"error": "busy"}, "cannot answer: busy"),
        ([], "no JSON object"),
    ],
)
def test_an_answer_of_another_form_is_refused_in_words(document: object, words: str) -> None:
    with pytest.raises(BadEntries, match=words):
        parse_entries(orjson.dumps(document), 0)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(answer: bytes) -> None:
    with contextlib.suppress(BadEntries):
        assert isinstance(parse_answer(answer), dict)


def test_reading_ends_exactly_where_it_must_and_goes_on_there_after_a_restart(watched: Watched) -> None:
    watched.log.grow(2500)
    asyncio.run(watched.witness._reader.read_to(1234))
    assert watched.node.log.position().size == 1234
    watched.restart()
    asyncio.run(watched.witness._reader.read_to(2000))
    assert watched.witness._reader.tree().root() == watched.log.checkpoint(2000).root
    assert watched.log.asked == ["entries"] * 3


def test_a_crash_while_writing_a_batch_costs_that_batch(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    watched.log.grow(2500)
    asyncio.run(watched.witness._reader.read_to(1000))

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(LogStore, "take", killed)
        with pytest.raises(KeyboardInterrupt):
            asyncio.run(watched.witness._reader.read_to(2000))
    assert watched.node.log.position().size == 1000
    asyncio.run(watched.witness._reader.read_to(2500))
    assert watched.witness._reader.tree().root() == watched.log.checkpoint(2500).root


def test_a_log_that_is_shorter_than_what_it_has_signed_is_said_so(watched: Watched) -> None:
    with pytest.raises(Unreadable, match="gave no entry 3, but has signed a log of 99"):
        asyncio.run(watched.witness._reader.read_to(99))


def test_the_index_of_our_statements_is_the_one_that_was_read(watched: Watched) -> None:
    asyncio.run(watched.witness._reader.read_to(watched.log.size))
    mine = watched.node.log.mine_at(watched.log.size - 1)
    assert mine is not None
    assert (mine.sequence, mine.promised) == (1, None)
