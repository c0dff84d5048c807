"""Tests of finding: whatever is typed or pasted, the answer is an entry or a sentence."""

import hashlib

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.pages.finding import NOT_UNDERSTOOD, find_entry
from schemas.statement import parse_statement
from tests.hub.published import Published
from tests.signed_network import need
from wire import jws


def test_a_body_is_found_by_its_hash(small_network: Published) -> None:
    index = small_network.publish("need", need("Readers"), id="n1")
    token = small_network.logged()[index]
    datahash = parse_statement(jws.take_apart(token, jws.EVENT).payload).datahash
    with small_network.engine.connect() as connection:
        found = find_entry(connection, datahash, ("TLP:CLEAR",))
        assert found.entry is not None
        assert found.entry.index == index
        other = hashlib.sha256(b"other").hexdigest()
        assert find_entry(connection, other, ("TLP:CLEAR",)).problem == NOT_UNDERSTOOD


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=60) | st.text(alphabet="0123456789/.abc-²", max_size=40))
def test_nothing_that_is_typed_breaks_the_search(small_network: Published, text: str) -> None:
    with small_network.engine.connect() as connection:
        answer = find_entry(connection, text, ("TLP:CLEAR",))
    assert (answer.entry is None) == bool(answer.problem)
