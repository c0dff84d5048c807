"""Receipts and heads: only the hub's own for this organization, only the organization's own for itself."""

from typing import Any

import pytest

from tests.signed_network import HUB_KEY, NETWORK, NOON, key_of
from wire import jws
from wire.canonical import canonical
from wire.encoding import b64url
from wire.receipts import Head, Judgement, Logged, Receipt, open_head, open_receipt, sign_head, sign_receipt
from wire.seal import timestamp

RECEIPT = Receipt(
    network=NETWORK, organization="ke-nctc", at=timestamp(NOON),
    logged=Logged(sequence=3, hash=b64url(bytes(32)), index=17), next=4, missing=False, entries=[(2, 11), (3, 17)],
    judgements=[
        Judgement(sequence=2, severity="warning", reason="schema-invalid", found="", expected="", problems=[{"a": "é"}])
    ],
    state="live", reason="",
)  # fmt: skip
HEAD = Head(
    network=NETWORK, organization="ke-nctc", sequence=3, hash=b64url(bytes(32)), software="1", clock=timestamp(NOON)
)
KEY = key_of("ke-nctc")


def test_a_receipt_of_the_hub_is_read_as_it_was_signed() -> None:
    assert open_receipt(sign_receipt(RECEIPT, HUB_KEY), HUB_KEY.public, NETWORK, "ke-nctc") == RECEIPT


def test_a_head_is_read_as_its_node_signed_it() -> None:
    assert open_head(sign_head(HEAD, KEY), KEY.public, NETWORK, "ke-nctc") == HEAD


def test_a_receipt_signed_by_another_than_the_hub_is_refused() -> None:
    with pytest.raises(jws.Malformed):
        open_receipt(sign_receipt(RECEIPT, KEY), HUB_KEY.public, NETWORK, "ke-nctc")


@pytest.mark.parametrize(("network", "organization"), [("other.example", "ke-nctc"), (NETWORK, "fr-office")])
def test_a_receipt_or_head_of_another_network_or_organization_is_refused(network: str, organization: str) -> None:
    with pytest.raises(jws.Malformed, match="ke-nctc in exercise"):
        open_receipt(sign_receipt(RECEIPT, HUB_KEY), HUB_KEY.public, network, organization)
    with pytest.raises(jws.Malformed, match="ke-nctc in exercise"):
        open_head(sign_head(HEAD, KEY), KEY.public, network, organization)


def test_what_is_said_of_a_long_name_repeats_little_of_it() -> None:
    changed = {"network": "a" * 3000, "organization": "b" * 3000}
    for opened, token, key in (
        (open_receipt, sign_receipt(RECEIPT.model_copy(update=changed), HUB_KEY), HUB_KEY),
        (open_head, sign_head(HEAD.model_copy(update=changed), KEY), KEY),
    ):
        with pytest.raises(jws.Malformed, match=r"a{100}") as refused:
            opened(token, key.public, NETWORK, "ke-nctc")
        assert len(str(refused.value)) < 300


def test_a_head_is_no_receipt_even_if_the_hub_signed_it() -> None:
    with pytest.raises(jws.Malformed, match="header"):
        open_receipt(sign_head(HEAD, HUB_KEY), HUB_KEY.public, NETWORK, "ke-nctc")


@pytest.mark.parametrize(
    "change",
    [
        {"sequence": -1}, {"sequence": 10**12}, {"sequence": "3"}, {"sequence": True}, {"hash": "A"}, {"extra": 1},
        {"software": None}, {"software": 1}, {"clock": None},
    ],
)  # fmt: skip
def test_a_head_of_another_form_is_refused_though_validly_signed(change: dict[str, Any]) -> None:
    members = {**HEAD.model_dump(mode="json"), **change}
    payload = canonical({name: value for name, value in members.items() if value is not None})
    with pytest.raises(jws.Malformed):
        open_head(jws.sign(jws.HEAD, payload, KEY).encode(), KEY.public, NETWORK, "ke-nctc")


@pytest.mark.parametrize("payload", [b"", b"\xff", b"[]", b"[" * 2000, b'{"\\u0000":1}'])
def test_bytes_that_are_no_head_are_refused_though_validly_signed(payload: bytes) -> None:
    with pytest.raises(jws.Malformed):
        open_head(jws.sign(jws.HEAD, payload, KEY).encode(), KEY.public, NETWORK, "ke-nctc")
