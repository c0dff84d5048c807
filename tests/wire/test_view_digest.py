"""The view digest: vectors computed with coreutils, openssl and a plain recursion, and what must hold for any view."""

import hashlib
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.docs.project import text
from wire.canonical import canonical
from wire.encoding import b64url
from wire.view_digest import (
    BUCKETS,
    EMPTY_DIGEST,
    BadStatement,
    Stated,
    ViewDigest,
    bucket_digest,
    bucket_of,
    open_stated,
    state_root,
)

FIRST, SECOND = (hashlib.sha256(name).digest() for name in (b"first statement", b"second statement"))
# printf 'need/ke-nctc/n1' | sha256sum | cut -c1-3
BUCKET_OF = {"need/ke-nctc/n1": 0xFF9, "need/ke-nctc/n1492": 0xFF9, "contact/xa-centre/c1": 0x623}
# printf 'need/ke-nctc/n1\n%s\nneed/ke-nctc/n1492\n%s\n' "$first" "$second" | sha256sum
TWO_NEEDS = "56f586677ec52b4257ee39e436f85efcb05f59dc1df622dfeacdb0512a6395b3"
ONE_CONTACT = "3dda2d02af748b8d4b3d19fd85aae17485ff6056c6b0db0466b170cccf6d3086"
EMPTY_VIEW = "4797b889e53f1894f02caf17424cf9ce0a4b1ccf4cca4a2e4b0bd7258032aad8"
SMALL_VIEW = "680bbbe5e8d05619e36458b262900b09f901af926113a341e78d99c442d0ceab"

WORD = st.from_regex(r"[a-z0-9]{1,6}(-[a-z0-9]{1,3})?", fullmatch=True)
ADDRESS = st.builds("{}/{}/{}".format, st.sampled_from(("need", "contact", "offer")), WORD, WORD)
HASH = st.binary(min_size=32, max_size=32)
VIEW = st.dictionaries(ADDRESS, HASH, max_size=30)


def small_view() -> ViewDigest:
    view = ViewDigest()
    for address, statement in (
        ("need/ke-nctc/n1492", SECOND),
        ("contact/xa-centre/c1", SECOND),
        ("need/ke-nctc/n1", FIRST),
    ):
        view.put(address, statement)
    return view


def plain_state(view: dict[str, bytes]) -> bytes:
    """The definition, word by word, with nothing kept."""
    leaves = []
    for bucket in range(BUCKETS):
        mine = {a: h for a, h in view.items() if int(hashlib.sha256(a.encode()).hexdigest()[:3], 16) == bucket}
        lines = sorted(f"{address}\n{b64url(digest)}\n".encode() for address, digest in mine.items())
        leaves.append(hashlib.sha256(b"\x00" + hashlib.sha256(b"".join(lines)).digest()).digest())
    while len(leaves) > 1:
        pairs = zip(leaves[::2], leaves[1::2], strict=True)
        leaves = [hashlib.sha256(b"\x01" + left + right).digest() for left, right in pairs]
    return leaves[0]


def built(view: dict[str, bytes]) -> ViewDigest:
    digest = ViewDigest()
    for address, statement in view.items():
        digest.put(address, statement)
    return digest


def test_a_record_s_bucket_is_the_first_twelve_bits_of_its_address_s_hash() -> None:
    assert {address: bucket_of(address) for address in BUCKET_OF} == BUCKET_OF


def test_bucket_and_state_are_those_that_other_programs_compute() -> None:
    two = [("need/ke-nctc/n1", FIRST), ("need/ke-nctc/n1492", SECOND)]
    assert bucket_digest(two).hex() == bucket_digest(reversed(two)).hex() == TWO_NEEDS
    assert bucket_digest([("contact/xa-centre/c1", SECOND)]).hex() == ONE_CONTACT
    assert state_root([EMPTY_DIGEST] * BUCKETS).hex() == ViewDigest().state().hex() == EMPTY_VIEW
    view = small_view()
    assert (view.state().hex(), view.rows) == (SMALL_VIEW, 3)


def test_the_example_on_the_page_about_trust_is_this_one() -> None:
    example = text("docs/trust.md").partition("Two needs in one bucket, by hand:")[2].partition("The hub gives")[0]
    assert f"    {TWO_NEEDS[:16]}\n" in example
    assert example.count("    ff9\n") == 2


@given(VIEW)
def test_the_builder_computes_what_the_definition_says(view: dict[str, bytes]) -> None:
    digest = built(view)
    assert digest.state() == plain_state(view)
    assert digest.rows == len(view)


@given(VIEW, st.randoms())
def test_the_order_in_which_records_come_does_not_matter(view: dict[str, bytes], random: Random) -> None:
    shuffled = list(view.items())
    random.shuffle(shuffled)
    assert built(dict(shuffled)).digests() == built(view).digests()


@given(VIEW.filter(bool), HASH, st.data())
def test_one_changed_statement_changes_exactly_its_record_s_bucket(
    view: dict[str, bytes], other: bytes, data: st.DataObject
) -> None:
    address = data.draw(st.sampled_from(sorted(view)))
    digest = built(view)
    before, state = digest.digests(), digest.state()
    digest.put(address, other)
    after = digest.digests()
    differing = [bucket for bucket in range(BUCKETS) if before[bucket] != after[bucket]]
    assert differing == ([] if view[address] == other else [bucket_of(address)])
    assert (digest.state() == state) == (differing == [])
    assert digest.rows == len(view)
    digest.put(address, view[address])
    assert digest.state() == state


@given(VIEW, ADDRESS, HASH)
def test_a_record_more_or_less_changes_its_bucket(view: dict[str, bytes], address: str, statement: bytes) -> None:
    view.pop(address, None)
    without, with_it = built(view), built({**view, address: statement})
    assert without.state() != with_it.state()
    assert with_it.rows == without.rows + 1
    assert with_it.lines(bucket_of(address))[address] == statement


def test_nothing_that_is_no_digest_or_hash_is_taken() -> None:
    for digests in ([], [EMPTY_DIGEST] * (BUCKETS - 1), [EMPTY_DIGEST] * (BUCKETS - 1) + [b"short"]):
        with pytest.raises(ValueError, match="4096 digests"):
            state_root(digests)
    with pytest.raises(ValueError, match="32 expected"):
        ViewDigest().put("need/ke-nctc/n1", b"short")
    with pytest.raises(ValueError, match="twice"):
        bucket_digest([("need/ke-nctc/n1", FIRST), ("need/ke-nctc/n1", SECOND)])


STATED = Stated(size=12, root=FIRST, rows=3, state=SECOND)
BODY = {"nonce": "A" * 22, **STATED.members()}


def test_what_the_hub_states_is_read_back() -> None:
    assert open_stated(canonical(BODY)) == STATED


@pytest.mark.parametrize(
    "change",
    [
        {"size": -1}, {"size": "12"}, {"size": True}, {"rows": None}, {"rows": 2**53}, {"root": "A" * 42}, {"root": 7},
        {"state": b64url(FIRST)[:-1] + "_"}, {"nonce": "A"}, {"nonce": []}, {"extra": 1},
    ],
    ids=str,
)  # fmt: skip
def test_a_body_that_is_not_in_its_form_is_refused(change: dict[str, object]) -> None:
    changed = BODY | change
    try:
        body = canonical(changed)
    except ValueError:  # 2^53 has no canonical form
        body = canonical(BODY).replace(b'"rows":3', b'"rows":9007199254740992')
    with pytest.raises(BadStatement):
        open_stated(body)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", canonical(BODY) + b" ", b"[" * 5000], ids=len)
def test_bytes_that_are_no_such_body_are_refused(body: bytes) -> None:
    with pytest.raises(BadStatement):
        open_stated(body)


@given(st.binary(max_size=300))
def test_no_bytes_do_more_than_be_refused(body: bytes) -> None:
    with pytest.raises(BadStatement):
        open_stated(body)
