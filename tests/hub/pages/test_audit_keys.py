"""Tests of the pages of checkpoints and keys: who cosigned and who is missing, and every key with its range."""

from tests.hub.pages.asked import Reader
from tests.hub.published import Published
from tests.hub.signing import sign
from tests.signed_network import key_of, need


def test_checkpoints_name_who_cosigned_and_who_is_missing(small_network: Published) -> None:
    small_network.publish("need", need("Readers"), id="n1")
    sign(small_network)
    small_network.publish("need", need("Later"), id="n2")
    sign(small_network, quorum=False)
    rows = [
        row.text_content().split() for row in Reader(small_network).read("/en/audit/checkpoints").xpath("//tbody/tr")
    ]
    assert len(rows) == 2
    assert "no" in rows[0]
    assert "xa-centre" in rows[0]


def test_before_the_first_checkpoint_the_page_says_so(small_network: Published) -> None:
    assert "no checkpoint yet" in Reader(small_network).words("/en/audit/checkpoints")
    assert "not witnessed" in Reader(small_network).words("/en/audit")


def test_every_key_is_listed_with_the_entries_at_which_it_is_valid(small_network: Published) -> None:
    small_network.admit("xa-centre")
    reader = Reader(small_network)
    thumbprint = key_of("xa-centre").public.thumbprint
    assert thumbprint in reader.words("/en/audit/keys")
    assert thumbprint in reader.words("/en/audit/keys/xa-centre")
    assert "valid now" in reader.words("/en/audit/keys/xa-centre")
    assert "active" in reader.words("/en/audit/keys")
    # How an organization stands is said in the reader's language.
    for address in ("/fr/audit/keys", "/fr/audit/keys/xa-centre"):
        words = reader.words(address)
        assert "actif" in words
        assert "active" not in words
    assert reader.client.get("/en/audit/keys/nobody").status_code == 404
