"""Tests of hub/record_versions.py: a record's history in both orders, the same on both databases."""

from hub.access import VISIBLE, Role
from hub.filters import PageOnly
from hub.queries import Listed
from hub.record_versions import newest_versions, record_history
from tests.hub.published import Published
from tests.signed_network import contact, need
from wire.database import reading

MEMBER = VISIBLE[Role.MEMBER]
PUBLIC = VISIBLE[Role.PUBLIC]


def versions(network: Published, address: str, markings: tuple[str, ...] = PUBLIC, **page: int) -> Listed | None:
    kind, org, id_ = address.split("/")
    with reading(network.engine).connect() as connection:
        asked, registry = PageOnly.model_validate(page), network.writer.state.registry
        return record_history(connection, (kind, org, id_), markings, asked, registry)


def test_a_history_tells_every_version_in_order(network: Published) -> None:
    network.publish("need", need("First"), id="n1")
    network.publish("need", need("Left out", consent_to_publish=False), id="n1", action="revised")
    network.publish("need", need("Green"), id="n1", action="revised", marking="TLP:GREEN")
    network.publish("need", need("Clear"), id="n1", action="revised")
    network.withdraw("need", id="n1")
    found = versions(network, "need/xa-centre/n1")
    assert found is not None
    types = [item["type"].rpartition(".")[2] for item in found.items]
    assert types == ["published", "revised", "revised", "revised", "withdrawn"]
    first, left_out, green, clear, withdrawn = found.items
    assert first["record"]["title"] == {"en": "First"}
    assert left_out["excluded"]["reason"] == "consent-missing"
    assert "Left out" not in str(left_out)
    assert "record" not in green
    assert clear["record"]["title"] == {"en": "Clear"}
    assert withdrawn["reason"] == "It ended."
    for_members = versions(network, "need/xa-centre/n1", MEMBER)
    assert for_members is not None
    assert for_members.items[2]["record"]["title"] == {"en": "Green"}


def test_a_history_comes_in_pages(network: Published) -> None:
    for number in range(4):
        network.publish("need", need(f"Title {number}"), id="n1", action="revised" if number else "published")
    first = versions(network, "need/xa-centre/n1", limit=3)
    assert first is not None
    assert first.next == first.items[-1]["index"]
    second = versions(network, "need/xa-centre/n1", limit=3, after=first.next)
    assert second is not None
    assert (len(second.items), second.next) == (1, None)


def test_the_newest_come_first_and_older_ones_by_the_cursor(network: Published) -> None:
    indices = [
        network.publish("need", need(f"Title {number}"), id="n1", action="revised" if number else "published")
        for number in range(3)
    ]

    def newest(before: int | None) -> Listed:
        with reading(network.engine).connect() as connection:
            registry = network.writer.state.registry
            found = newest_versions(connection, ("need", "xa-centre", "n1"), PUBLIC, registry, before, 2)
            assert found is not None
            return found

    first = newest(None)
    assert ([item["index"] for item in first.items], first.next) == ([indices[2], indices[1]], indices[1])
    assert [item["index"] for item in newest(first.next).items] == [indices[0]]
    assert newest(first.next).next is None


def test_what_does_not_exist_has_no_history(network: Published) -> None:
    assert versions(network, "need/xa-centre/n1") is None


def test_of_what_is_not_for_a_reader_there_is_no_history(network: Published) -> None:
    network.publish("contact", contact(), id="c1", marking="TLP:GREEN")
    assert versions(network, "contact/xa-centre/c1") is None
    assert versions(network, "contact/xa-centre/c1", MEMBER) is not None
