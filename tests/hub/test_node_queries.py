"""Tests of hub/node_queries.py: nodes, quarantine and counts, the same on both databases."""

from datetime import UTC, datetime, timedelta

import pytest

from hub import search
from hub.access import VISIBLE, Role
from hub.filters import PageOnly
from hub.heads import note_heads
from hub.node_queries import MAX_SHOWN, StatementCounts, list_nodes, list_quarantine, one_node, stats
from tests.hub.finding.plans import asked_of
from tests.hub.published import Published
from tests.signed_network import contact, key_of, message_of, need
from wire.actions import KeyRevoked
from wire.database import reading


def test_nodes_are_the_admitted_organizations_without_hub_and_registry(network: Published) -> None:
    network.admit("xb-office")
    network.publish("need", need())
    with network.engine.connect() as connection:
        found = list_nodes(connection, network.writer.state.registry)
    assert [(node["org"], node["state"], node["sequence"]) for node in found] == [
        ("xa-centre", "silent", 1),
        ("xb-office", "silent", 0),
    ]
    assert found[0]["name"] == "Office xa-centre"
    assert found[1]["last_event"] is None


def test_a_node_tells_its_lag_and_its_last_head(network: Published) -> None:
    network.publish("need", need())
    now = datetime.now(UTC)
    for age in (100, 70):
        at = (now - timedelta(seconds=age)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        head = {"organization": "xa-centre", "head_sequence": 4, "head_at": at, "software": "x 1", "clock_skew": -7}
        note_heads(network.engine, [head])
    with network.engine.connect() as connection:
        node = one_node(connection, network.writer.state.registry, "xa-centre", now)
    assert node is not None
    assert (node["state"], node["lag_events"], node["lag_seconds"]) == ("behind", 3, 100)
    assert (node["last_head"], node["clock_skew"], node["software"]) == (at, -7, "x 1")


def test_a_node_whose_key_the_roots_have_revoked_is_refused_at_once(network: Published) -> None:
    network.publish("need", need())
    place, kid = network.roots.place(), key_of("xa-centre").public.thumbprint
    network.register(KeyRevoked(organization="xa-centre", key=kid, last_good_sequence=0, reason="Stolen.", **place))
    with network.engine.connect() as connection:
        node = one_node(connection, network.writer.state.registry, "xa-centre")
    assert node is not None
    assert node["state"] == "refused"
    assert node["reason"].startswith("The roots have revoked its key")


def test_an_organization_that_was_not_admitted_is_no_node(network: Published) -> None:
    with network.engine.connect() as connection:
        assert one_node(connection, network.writer.state.registry, "nobody-here") is None
        assert one_node(connection, network.writer.state.registry, "hub") is None


def test_refused_messages_are_shown_whole_but_not_endless(network: Published) -> None:
    author = network.admit("xa-centre")
    refused = message_of(author.twin().say(need(), key=key_of("somebody else")))
    network.deliver(refused)
    network.deliver(refused._replace(token=b"\xff" * 20, body=b"y" * (MAX_SHOWN + 1)))
    network.deliver(refused._replace(organization="xb-office", body=b"z" * (MAX_SHOWN + 1)))
    with network.engine.connect() as connection:
        first, second, third = list_quarantine(connection, [], PageOnly())
        assert list_quarantine(connection, ["other-office"], PageOnly()) == []
        assert len(list_quarantine(connection, ["xa-centre"], PageOnly(limit=1))) == 2
        assert list_quarantine(connection, [], PageOnly(after=first["number"])) == [second, third]
    assert (first["org"], first["kind"], first["reason"]) == ("xa-centre", "need", "unknown-key")
    assert first["token"] == {"text": refused.token.decode(), "shortened": False}
    assert second["reason"] in {"malformed", "too-large"}
    assert second["token"]["base64"].startswith("////")
    assert second["body"] == {"withheld": "its marking cannot be read", "bytes": MAX_SHOWN + 1}
    assert third["body"] == {"text": "z" * MAX_SHOWN, "shortened": True}


@pytest.mark.parametrize("marking", ["TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED"])
def test_a_refused_body_above_what_operators_may_see_is_withheld_from_them(network: Published, marking: str) -> None:
    author = network.admit("xa-centre")
    network.deliver(message_of(author.twin().say(need("The harbour"), marking=marking, key=key_of("somebody else"))))
    with network.engine.connect() as connection:
        [shown] = list_quarantine(connection, [], PageOnly())
    assert shown["body"]["withheld"] == f"marked {marking}"
    assert "harbour" not in str(shown)


def test_statements_are_counted_for_all_and_records_as_far_as_they_may_be_seen(network: Published) -> None:
    counts = StatementCounts()
    network.publish("need", need(), id="n1")
    network.publish("contact", contact(), marking="TLP:GREEN", id="c1")
    with network.engine.connect() as connection:
        public = stats(connection, counts, network.tail.size, VISIBLE[Role.PUBLIC])
        member = stats(connection, counts, network.tail.size, VISIBLE[Role.MEMBER])
    assert public["statements"]["by_kind"] == {"contact": 1, "control": 2, "need": 1}
    assert public["statements"]["by_organization"] == {"hub": 0, "registry": 2, "xa-centre": 2}
    assert public["records"] == {"need": 1}
    assert member["records"] == {"contact": 1, "need": 1}
    assert public["log_size"] == network.tail.size == 4


def test_counts_grow_with_the_log(network: Published) -> None:
    counts = StatementCounts()
    for number in range(3):
        network.publish("need", need(), id=f"n{number}")
        with network.engine.connect() as connection:
            assert counts.by_kind(connection, network.tail.size)["need"] == number + 1
    network.publish("need", need(consent_to_publish=False), id="n9")
    with network.engine.connect() as connection:
        found = stats(connection, counts, network.tail.size, VISIBLE[Role.PUBLIC])
    assert (found["excluded"], found["quarantine"], found["records"]) == (1, 0, {"need": 3})


def test_kept_counts_are_those_that_counting_gives_and_nothing_is_counted(network: Published) -> None:
    for number in range(3):
        network.publish("need", need(), id=f"n{number}")
    network.publish("contact", contact(), id="c1", marking="TLP:GREEN")
    network.withdraw("need", id="n0")
    size, found = network.tail.size, []
    for up_to_date in (False, True):
        if up_to_date:
            search.catch_up(reading(network.engine), size)
        with network.engine.connect() as connection, asked_of(connection, "FROM records") as asked:
            found += [stats(connection, StatementCounts(), size, VISIBLE[role])["records"] for role in Role]
        assert bool(asked) is not up_to_date
    assert found == [{"need": 2}, {"contact": 1, "need": 2}, {"contact": 1, "need": 2}] * 2
