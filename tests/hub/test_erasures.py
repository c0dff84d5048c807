"""Who has obeyed an order, and who has not said so: for everybody, for members, and for the author."""

import orjson
import pytest

from hub.access import create_token
from hub.erasures import ErasuresAsked, list_erasures
from tests.hub.erasing import ADDRESS, NAME, client, order, say
from tests.hub.published import Published
from wire.canonical import canonical
from wire.encoding import b64url, from_b64url


def encrypted_for(*organizations: str) -> bytes:
    """The outer form of a body that is encrypted to these, as far as the hub reads it."""
    header = b64url(canonical({"enc": "A256GCM", "to": sorted(organizations), "typ": "liaison-body+jwe"}))
    return canonical({"ciphertext": "AAAA", "protected": header})


def with_recipients(network: Published) -> int:
    sealed = say(network, marking="TLP:AMBER", body=encrypted_for(NAME, "fr-office", "xa-centre"))
    network.admit("fr-office")
    return order(network, sealed)


def test_everybody_sees_the_order_and_the_hub_s_own_confirmation(network: Published) -> None:
    first = say(network)
    said = network.admit(NAME).order(ADDRESS, [first.hash])
    index = network.deliver(said)
    answer = client(network).get("/api/v1/erasures").json()
    assert answer["items"] == [
        {
            "index": index, "org": NAME, "record": ADDRESS, "order": b64url(said.hash), "by": NAME,
            "statements": [b64url(first.hash)], "confirmed": [{"org": "hub", "index": index + 1}], "missing": [],
        }
    ]  # fmt: skip


def test_recipients_are_remembered_and_named_to_members_only(network: Published) -> None:
    index = with_recipients(network)
    public = client(network).get("/api/v1/erasures").json()["items"][0]
    assert public["missing"] == []
    bearer = {"Authorization": f"Bearer {create_token(network.engine, 'member', 'reader')}"}
    member = client(network).get("/api/v1/erasures", headers=bearer).json()["items"][0]
    assert member["missing"] == ["fr-office", "xa-centre"]
    network.deliver(network.admit("fr-office").erased(from_b64url(member["order"]), index))
    member = client(network).get("/api/v1/erasures", headers=bearer).json()["items"][0]
    assert member["missing"] == ["xa-centre"]
    assert [each["org"] for each in member["confirmed"]] == ["hub", "fr-office"]


@pytest.mark.parametrize("what", ["unknown", "elsewhere"])
def test_attack_a_confirmation_of_an_order_that_is_not_there_counts_for_nothing(network: Published, what: str) -> None:
    said = network.admit(NAME).order(ADDRESS, [say(network).hash])
    index = network.deliver(said)
    theirs = network.admit("fr-office")
    network.deliver(theirs.erased(bytes(32), index) if what == "unknown" else theirs.erased(said.hash, index + 1))
    with network.engine.begin() as connection:
        [found] = list_erasures(connection, ErasuresAsked(), all_missing=True).items
    assert [each["org"] for each in found["confirmed"]] == ["hub"]


def test_orders_come_in_pages_and_by_organization(network: Published) -> None:
    for name in ("n1", "n2", "n3"):
        order(network, say(network, name), record=f"need/{NAME}/{name}")
    reader = client(network)
    first = reader.get("/api/v1/erasures", params={"limit": 2}).json()
    assert len(first["items"]) == 2
    rest = reader.get("/api/v1/erasures", params={"after": first["next"]}).json()
    assert (len(rest["items"]), rest["next"]) == (1, None)
    assert reader.get("/api/v1/erasures", params={"org": "fr-office"}).json()["items"] == []
    assert reader.get("/api/v1/erasures", params={"kind": "need"}).status_code == 400
    assert orjson.loads(reader.get("/api/v1/erasures").content)["as_of"]
