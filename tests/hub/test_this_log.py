"""Each log of a network has a name of its own, which readers keep with their place in it."""

import lxml.html
from fastapi.testclient import TestClient

from hub.api.application import create_api
from hub.this_log import this_log
from tests.hub.published import Published
from tests.signed_network import NETWORK, TRUST, key_of
from wire.notes import VerifierKey
from wire.registry import Registry


def test_the_next_log_has_another_name_and_number() -> None:
    registry = Registry.begin(TRUST)
    first = this_log(registry, TRUST.first_log)
    assert (first.name.partition("+")[0], first.number) == ("exercise.example/log", 1)
    registry.begin_log(VerifierKey("exercise.example/log/2", key_of("next log").public), {})
    following = this_log(registry, TRUST.first_log)
    assert (following.name.partition("+")[0], following.number) == ("exercise.example/log/2", 2)


def test_live_streams_name_the_log_that_is_in_force_and_a_place_in_the_lost_one_is_reset(
    small_network: Published,
) -> None:
    registry = Registry.begin(TRUST)
    api = create_api(small_network.engine, NETWORK, TRUST.to_bytes(), lambda: registry, small_network.tail)
    before = this_log(registry, TRUST.first_log).name
    registry.begin_log(VerifierKey("exercise.example/log/2", key_of("next log").public), {})
    answer = TestClient(api).get("/api/v1/events", params={"after": 0, "log": before})
    assert answer.headers["liaison-log"].startswith("exercise.example/log/2+")
    assert '"reason":"another-log"' in answer.text
    page = lxml.html.fromstring(TestClient(api).get("/en/feed", headers={"Accept": "text/html"}).text)
    assert "log=exercise.example%2Flog%2F2%2B" in page.get_element_by_id("feed").get("data-stream")
