"""Tests of answered: a key is kept for a day with what was done, in the transaction that did it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from node.store import Writing, answered
from node.store.answered import KEPT_SECONDS, Key, OtherRequest, TooManyKeys, answered_before, keep_answer
from node.store.answered_tables import answered as table
from tests.node.nodes import make_node

KEY = Key(b"t" * 32, b"k" * 32, b"r" * 32)
DONE = [("contact", "a", "published", 2)]


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    url = request.getfixturevalue("node_postgres_url") if request.param == "postgresql" else ""
    engine = make_node(tmp_path / "node", url).engine
    yield engine
    engine.dispose()


def test_what_was_done_is_told_for_a_day_and_then_forgotten(engine: Engine) -> None:
    with Writing.begin(engine) as writing:
        assert answered_before(writing, KEY, 0) is None
        keep_answer(writing, KEY, DONE, 0)
    with Writing.begin(engine) as writing:
        assert answered_before(writing, KEY, KEPT_SECONDS - 1) == [["contact", "a", "published", 2]]
        assert answered_before(writing, KEY._replace(token=b"o" * 32), 1) is None
        assert answered_before(writing, KEY, KEPT_SECONDS) is None
        keep_answer(writing, KEY, DONE, KEPT_SECONDS)
        assert writing.connection.scalar(select(func.count()).select_from(table)) == 1


def test_a_key_is_for_one_request_only(engine: Engine) -> None:
    with Writing.begin(engine) as writing:
        keep_answer(writing, KEY, DONE, 0)
        with pytest.raises(OtherRequest):
            answered_before(writing, KEY._replace(request=b"q" * 32), 1)


def test_a_token_has_so_many_keys_a_day(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answered, "MAX_KEYS", 2)
    with Writing.begin(engine) as writing:
        for number in range(2):
            keep_answer(writing, KEY._replace(key=bytes([number]) * 32), DONE, 0)
        with pytest.raises(TooManyKeys):
            keep_answer(writing, KEY, DONE, 1)
        keep_answer(writing, KEY._replace(token=b"o" * 32), DONE, 1)
