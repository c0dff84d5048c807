"""What node and hub say to Prometheus: the form is one that it reads, and only this machine is answered."""

import pytest
from prometheus_client.parser import text_string_to_metric_families

from wire.metrics import FORWARDED, Meaning, may_read, write_metrics

MEANINGS = {
    "liaison_test_things": Meaning("gauge", "Things, by a word.", ("word",)),
    "liaison_test_absent": Meaning("gauge", "Not found."),
    "liaison_test_refused_total": Meaning("counter", "Refusals."),
}


def test_what_was_found_is_written_so_that_prometheus_reads_it() -> None:
    written = write_metrics(
        MEANINGS, {"liaison_test_refused_total": [((), 7)], "liaison_test_things": [(('a "quoted"\nword',), 1.5)]}
    )
    families = list(text_string_to_metric_families(written.decode()))
    assert [(each.name, each.type) for each in families] == [
        ("liaison_test_things", "gauge"),
        ("liaison_test_refused", "counter"),
    ]
    [thing], [refused] = families[0].samples, families[1].samples
    assert (thing.labels, thing.value) == ({"word": 'a "quoted"\nword'}, 1.5)
    assert (refused.name, refused.value) == ("liaison_test_refused_total", 7)


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"])
def test_a_program_on_this_machine_may_read(peer: str) -> None:
    assert may_read(peer, ["host", "accept"])


@pytest.mark.parametrize(
    "peer", ["192.0.2.1", "10.0.0.1", "2001:db8::1", "::ffff:192.0.2.1", "localhost", "", None, "fe80::1%lo"]
)
def test_nobody_else_may(peer: str | None) -> None:
    assert not may_read(peer, [])


@pytest.mark.parametrize("name", [*FORWARDED, "X-Forwarded-For"])
def test_a_proxy_on_this_machine_is_not_answered_whatever_it_says_of_its_client(name: str) -> None:
    assert not may_read("127.0.0.1", ["host", name])
