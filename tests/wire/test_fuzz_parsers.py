"""Whatever comes from outside: no error but the documented one, nothing accepted but what was signed, no monster read.

The mutations are those of someone who has seen valid examples: bytes changed, members exchanged for hostile
values, and all of it signed anew where the attacker has a key. `HYPOTHESIS_PROFILE=deep` looks longer.
"""

import hashlib
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.schemas.examples import EXAMPLES
from tests.signed_network import (
    HUB_KEY,
    NETWORK,
    NOON,
    ROOT,
    TRUST,
    Roots,
    admission_of,
    contact,
    enrolled,
    key_of,
    message_of,
    signed_raw,
)
from tests.wire.audited_log import honest_log
from tests.wire.evidences import evidence_from
from tests.wire.hearing import network
from tests.wire.lost_logs import NEXT_KEY, eventful_log, knows, next_log, replacing
from wire import jws
from wire.action_fold import hold
from wire.actions import Action, BadAction, Suspended, open_action, parse_action, sign_action
from wire.audit.registry import RegistryFold, Step
from wire.canonical import canonical
from wire.checkpoint import Checkpoint, Witnesses, cosign, open_checkpoint, parse_checkpoint, sign_checkpoint
from wire.encoding import b64url
from wire.enrolment import BadEnrolment, make_admission, make_enrolment, open_admission, open_enrolment
from wire.evidence import BadEvidence, parse_evidence
from wire.examine import Examined, Message, Said, examine, examine_body
from wire.merkle import inclusion_proof, leaf_hash, node_hash
from wire.next_log import trust_in
from wire.notes import BadNote, VerifierKey, open_note, parse_note, parse_signature
from wire.receipts import Head, Judgement, Logged, Receipt, open_head, open_receipt, sign_head, sign_receipt
from wire.registry import Registry
from wire.seal import Place, seal, timestamp
from wire.testimony import BadTestimony, parse_testimony
from wire.tiles import BadTile, bundle, parse_bundle, parse_tile_path, tile_path
from wire.tlog_proof import make_proof, parse_proof, verify_proof
from wire.trust import BadTrust, parse_trust

KEY = key_of("ke-nctc")
KEYS = {KEY.public.thumbprint: KEY.public}
HERE = {"network": NETWORK, "sequence": f"{7:012d}", "previous": b64url(bytes(32))}
MEBIBYTE = 2**20
MOST_MEMORY = 40 * MEBIBYTE  # for an input of one: what a parser may need at its worst


# valid examples ----------------------------------------------------------------------------------------------------

_SPEAKER = network()[1]
SEALED = [
    _SPEAKER.say(),
    _SPEAKER.say(contact(), kind="contact", id="c1", marking="TLP:GREEN"),
    _SPEAKER.say(action="withdrawn"),
    _SPEAKER.rotate(),
    *(_SPEAKER.say(record, kind=kind, id="e1", marking="TLP:GREEN") for kind, record in EXAMPLES.items()),
]
ACTIONS: list[Action] = [admission_of("ke-nctc", HERE), Suspended(organization="ke-nctc", reason="Leaked.", **HERE)]
RECEIPT = Receipt(
    network=NETWORK, organization="ke-nctc", at=timestamp(NOON),
    logged=Logged(sequence=3, hash=b64url(bytes(32)), index=17), next=4, missing=False, entries=[(2, 11), (3, 17)],
    judgements=[
        Judgement(sequence=2, severity="warning", reason="schema-invalid", found="", expected="",
        problems=[{"a": "é"}])
    ],
    state="live", reason="", checkpoint=700, proof="c2sp.org/tlog-proof@v1\n",
)  # fmt: skip
HEAD = Head(
    network=NETWORK, organization="ke-nctc", sequence=3, hash=b64url(bytes(32)), software="1", clock=timestamp(NOON)
)
MEMBERS = enrolled("ke-nctc")
ENROLMENT = make_enrolment(MEMBERS, KEY)
ENTRIES = [b"token %d" % number for number in range(4)]
WITNESS = key_of("ke-nctc witness")
WITNESSES = Witnesses(NETWORK, {"ke-nctc": WITNESS.public}, 1)
COSIGNER = next(iter(WITNESSES.verifiers()))


def _subtree(level: int, number: int) -> bytes:
    if level == 0:
        return leaf_hash(ENTRIES[number])
    return node_hash(_subtree(level - 1, 2 * number), _subtree(level - 1, 2 * number + 1))


def _admission() -> bytes:
    roots, statements = Roots(), []
    for action in ("hub", "ke-nctc"):
        signed = admission_of(action, roots.place(), HUB_KEY if action == "hub" else KEY)
        body = sign_action(signed, [ROOT])
        sealed = seal(
            Place(NETWORK, "registry", roots.sequence + 1, roots.head or TRUST.digest), HUB_KEY,
            subject=f"control/registry/{action}", event_type="liaison.organization.admitted", marking="TLP:CLEAR",
            body=body, now=NOON,
        )  # fmt: skip
        roots.done(sealed.hash)
        statements.append((sealed.token, body))
    return make_admission(TRUST, statements[0], statements[1], "nats://bus.example:4222")


ADMISSION = _admission()
LOST = eventful_log()
TESTIMONY = knows(LOST, "xa-centre").to_bytes()
REPLACED = replacing(LOST)
BEGUN = next_log(LOST, REPLACED)
BEGUN_NOTE = BEGUN.sign()


def _speaks_for_registry(index: int) -> tuple[int, bytes, Examined]:
    message = Message("registry", "control", BEGUN.entries[index], None)
    return index, message.token, examine(message, NETWORK, {})


FORMER = [_speaks_for_registry(index) for index in BEGUN.registry]
CHECKPOINT = Checkpoint(TRUST.origin, 4, _subtree(2, 0))
NOTE = (
    sign_checkpoint(CHECKPOINT, key_of("log"))
    + cosign(CHECKPOINT, NETWORK, "ke-nctc", WITNESS, 1_000).line.encode()
    + cosign(CHECKPOINT, NETWORK, "stranger", key_of("stranger"), 1_000).line.encode()
)
PROOF = make_proof(2, inclusion_proof(2, 4, _subtree), NOTE)


# mutations ---------------------------------------------------------------------------------------------------------

# Raw JSON that no encoder writes, or that one parser reads and another does not.
HOSTILE = [
    b"null", b"true", b"0", b"-1", b"-0", b"1.0", b"1e999", b"-1e999", b"NaN", b"-Infinity", b"Infinity", b"1E400",
    b"9007199254740993", b"9223372036854775808", b"18446744073709551616", b"1" * 4_000, b"1" * 5_000, b"[]", b"{}",
    b'""', b'"\\ud800"', b'"\\udc00\\ud800"', b'"\\u0000"', b'"\x7f"', b'"\xc2\x85"', b'"\xff"', b'"\xed\xa0\x80"',
    b'"\\x"', '"\U0001f511"'.encode(), '"\u202e"'.encode(), b'"' + b"A" * 5_000 + b'"', b"[" * 1_100 + b"]" * 1_100,
    b"[" * 500 + b"]" * 500, b'{"a":' * 300 + b"1" + b"}" * 300, b'{"a":1,"a":2}', b'["a","b"]', b'{"x":"AA"}',
    b"", b"'a'", b"{", b"[1,]", b"// no", b"0x10", b"01", b"+1", b"1_000", b'"a.b.c"',
]  # fmt: skip
FRAGMENTS = [
    *HOSTILE, b"\n", b"\n\n", b"\r\n", b"\x00", b" ", b".", b"..", b"=", b"+", b"\xe2\x80\x94 ", b"\xef\xbb\xbf",
    b"index 0", b"extra YQ==", b"AAAA", b"old 1", b"/", b"x000/", b".p/1", b"%00", b"\xff\xff\xff\xff",
]  # fmt: skip


@st.composite
def changed_bytes(draw: st.DrawFn, *examples: bytes) -> bytes:
    """A valid example after one to three changes of its bytes, or no change at all."""
    data = draw(st.sampled_from(examples))
    for _ in range(draw(st.integers(0, 3))):
        one, two = sorted((draw(st.integers(0, len(data))), draw(st.integers(0, len(data)))))
        match draw(st.sampled_from(["flip", "insert", "delete", "repeat", "cut", "splice", "replace"])):
            case "flip" if data:
                place = min(one, len(data) - 1)
                data = data[:place] + bytes([data[place] ^ 1 << draw(st.integers(0, 7))]) + data[place + 1 :]
            case "insert":
                data = data[:one] + draw(st.sampled_from(FRAGMENTS) | st.binary(max_size=8)) + data[one:]
            case "delete":
                data = data[:one] + data[min(two, one + 9) :]
            case "repeat":
                data = data[:two] + data[one:two] + data[two:]
            case "cut":
                data = data[:two]
            case "splice":
                data = data[:one] + draw(st.sampled_from(examples))[one:]
            case "replace":
                data = data[:one] + draw(st.sampled_from(FRAGMENTS)) + data[two:]
    return data


@st.composite
def changed_json(draw: st.DrawFn, *examples: Any) -> bytes:
    """A valid document after one to three of its members were exchanged, added, left out or said twice."""
    document = orjson.loads(orjson.dumps(draw(st.sampled_from(examples))))
    raws: list[bytes] = []
    for _ in range(draw(st.integers(0, 3))):
        place: Any = document
        while isinstance(place, dict | list) and place:
            steps = list(place) if isinstance(place, dict) else list(range(len(place)))
            step = draw(st.sampled_from(steps))
            if isinstance(place[step], dict | list) and place[step] and draw(st.booleans()):
                place = place[step]
                continue
            what = draw(st.sampled_from(["value", "leave out", "add", "twice"]))
            if what == "leave out":
                del place[step]
            elif what == "add" and isinstance(place, dict):
                place[f"@{len(raws)}@"] = place[step]
                raws.append(
                    draw(st.sampled_from([b'"\\u0000"', b'""', b'"zz"', b'"id"', b'"nonce"', b'"payload"', b"1"]))
                )
            elif what == "twice" and isinstance(place, dict):
                # Sorted, one name comes before the member that it repeats, the other behind it.
                mark = f"@{len(raws)}@"
                place[draw(st.sampled_from([f"{mark}{step}", f"{step}{mark}"]))] = mark
                raws.append(draw(st.sampled_from(HOSTILE)))
            else:
                place[step] = f"@{len(raws)}@"
                raws.append(draw(st.sampled_from(HOSTILE)))
            break
    data = orjson.dumps(document, option=orjson.OPT_SORT_KEYS)
    for number, raw in enumerate(raws):
        mark = b"@%d@" % number
        data = data.replace(b'"' + mark + b'"', raw).replace(mark, b"")
    return data


def read_or_refused(read: Callable[[], Any], *documented: type[Exception]) -> Any:
    """What was read, None if it was refused with a documented error; another one fails the test."""
    try:
        return read()
    except documented as error:
        said = str(error)
    assert len(said) < 2_000, "an error quotes what an attacker sent without a limit"
    return None


# tokens, statements, bodies ----------------------------------------------------------------------------------------


@given(changed_bytes(*(sealed.token for sealed in SEALED)), st.sampled_from(SEALED))
def test_no_token_but_a_signed_one_is_taken_for_one(token: bytes, sealed: Any) -> None:
    found = examine(message_of(sealed)._replace(token=token), NETWORK, KEYS)
    if found.refusal is None and found.signature:
        assert token in [each.token for each in SEALED]
    for typ in (jws.EVENT, jws.RECEIPT):
        parts = read_or_refused(lambda typ=typ: jws.take_apart(token, typ), jws.Malformed)
        if parts is not None:
            encoded = f"{jws.header(typ, parts.kid)}.{b64url(parts.payload)}.{b64url(parts.signature)}"
            assert encoded.encode() == token


@given(
    changed_bytes(*(jws.take_apart(sealed.token, jws.EVENT).payload for sealed in SEALED))
    | changed_json(*(orjson.loads(jws.take_apart(sealed.token, jws.EVENT).payload) for sealed in SEALED)),
    st.sampled_from(SEALED),
)
def test_no_statement_but_a_canonical_one_passes_though_a_member_signed_it(payload: bytes, sealed: Any) -> None:
    found = examine(signed_raw(sealed, KEY, payload), NETWORK, KEYS)
    if found.refusal is None:
        assert canonical(orjson.loads(payload)) == payload
        assert found.signature
    else:
        assert len(found.refusal.found) < 2_000


@given(
    changed_bytes(*(sealed.body for sealed in SEALED)) | changed_json(*(orjson.loads(each.body) for each in SEALED)),
    st.sampled_from(SEALED),
)
def test_no_body_but_a_canonical_one_is_shown_though_its_author_signed_its_hash(body: bytes, sealed: Any) -> None:
    said = examine(message_of(sealed), NETWORK, KEYS).said
    assert isinstance(said, Said)
    exclusion, record = examine_body(said._replace(datahash=hashlib.sha256(body).digest()), body)
    if exclusion is None:
        assert canonical(orjson.loads(body)) == body
        assert record is None or record == orjson.loads(body)["record"]


# registry actions, receipts, heads, enrolments ---------------------------------------------------------------------


def opened_action(body: bytes) -> Action:
    return open_action(body, Registry.begin(TRUST), sequence=7, previous=bytes(32))


BODIES = [sign_action(action, [ROOT]) for action in ACTIONS]


@given(changed_bytes(*BODIES) | changed_json(*(orjson.loads(body) for body in BODIES)))
def test_no_action_but_one_that_the_roots_signed_is_opened(body: bytes) -> None:
    action = read_or_refused(lambda: opened_action(body), BadAction)
    assert action is None or action in ACTIONS


@given(changed_json(*(action.model_dump(mode="json") for action in ACTIONS)))
def test_no_action_but_a_canonical_one_is_opened_though_a_root_signed_it(payload: bytes) -> None:
    body = canonical(jws.sign_general(jws.ACTION, payload, [ROOT]))
    action = read_or_refused(lambda: opened_action(body), BadAction)
    assert action is None or canonical(action.model_dump(mode="json")) == payload


@given(changed_bytes(sign_receipt(RECEIPT, HUB_KEY), sign_head(HEAD, KEY)))
def test_no_receipt_or_head_but_a_signed_one_is_opened(token: bytes) -> None:
    receipt = read_or_refused(lambda: open_receipt(token, HUB_KEY.public, NETWORK, "ke-nctc"), jws.Malformed)
    assert receipt in (None, RECEIPT)
    head = read_or_refused(lambda: open_head(token, KEY.public, NETWORK, "ke-nctc"), jws.Malformed)
    assert head in (None, HEAD)


@given(changed_json(RECEIPT.model_dump(mode="json"), HEAD.model_dump(mode="json")))
def test_a_receipt_or_head_of_another_form_is_refused_though_signed(payload: bytes) -> None:
    receipt, head = (jws.sign(typ, payload, KEY).encode() for typ in (jws.RECEIPT, jws.HEAD))
    found = read_or_refused(lambda: open_receipt(receipt, KEY.public, NETWORK, "ke-nctc"), jws.Malformed)
    if found is not None:
        # They go into a database.
        assert max(found.next, found.logged.index, *(index for _, index in found.entries), 0) < 2**63
    read_or_refused(lambda: open_head(head, KEY.public, NETWORK, "ke-nctc"), jws.Malformed)


@given(changed_bytes(ENROLMENT) | changed_json(orjson.loads(ENROLMENT)))
def test_no_enrolment_but_the_one_that_was_signed_is_opened(data: bytes) -> None:
    assert read_or_refused(lambda: open_enrolment(data), BadEnrolment) in (None, MEMBERS)


@given(changed_json(MEMBERS))
def test_an_enrolment_of_another_form_is_refused_though_signed(payload: bytes) -> None:
    """Whoever enrols has a key of its own and may sign anything."""
    proof = jws.sign(jws.ENROLMENT, payload, KEY)
    data = payload.rstrip()[:-1] + b',"proof":"%s"}' % proof.encode()
    members = read_or_refused(lambda: open_enrolment(data), BadEnrolment)
    assert members is None or canonical(members) == payload


@given(changed_bytes(ADMISSION) | changed_json(orjson.loads(ADMISSION)))
def test_no_admission_but_one_that_the_roots_signed_is_opened(data: bytes) -> None:
    """All but the bus's address, which nobody signs; and another trust.json makes another network."""
    found = read_or_refused(lambda: open_admission(data), BadEnrolment)
    assert found is None or replace(found, bus_url="") == replace(open_admission(ADMISSION), bus_url="")


@given(changed_bytes(TRUST.to_bytes()) | changed_json(orjson.loads(TRUST.to_bytes())))
def test_a_trust_is_refused_or_says_what_stands_in_it(data: bytes) -> None:
    found = read_or_refused(lambda: parse_trust(data), BadTrust)
    assert found is None or canonical(orjson.loads(data)) == found.to_bytes()


# a lost log: testimonies, and the body of entry 0 of the next one ----------------------------------------------------


@given(changed_bytes(TESTIMONY) | changed_json(orjson.loads(TESTIMONY)))
def test_a_testimony_is_refused_or_says_what_stands_in_it(data: bytes) -> None:
    found = read_or_refused(lambda: parse_testimony(data), BadTestimony)
    if found is not None:
        assert parse_testimony(found.to_bytes()) == found
        # They go into a database.
        assert (
            max(found.size, *(each.index for each in found.registry), *(end[0] for end in found.ends.values())) < 2**63
        )


def replaced_in_place(body: bytes) -> Action:
    """Take entry 0 with this body, and judge it once the registry's former statements are folded."""
    fold = RegistryFold(TRUST)
    for index, token, examined in FORMER:
        assert examined.said is not None
        fold.act(Step(index, token, BEGUN.body_of(index) if index else body), examined.said, examined.hash)
    assert fold.registry.held is None, "it was not judged"
    return parse_action(body)


@given(changed_bytes(BEGUN.body_of(0)) | changed_json(orjson.loads(BEGUN.body_of(0))))
def test_no_next_log_but_the_one_that_the_roots_decided_is_begun(body: bytes) -> None:
    assert read_or_refused(lambda: replaced_in_place(body), BadAction) in (None, REPLACED)
    held = read_or_refused(
        lambda: hold(body, Registry.begin(TRUST), sequence=9, previous=bytes(32), statement=bytes(32)), BadAction
    )
    # Nobody has verified it by then; what it says of the log's key is taken only for the log that it names.
    found = trust_in(TRUST, BEGUN_NOTE, BEGUN.entries[0], body)
    assert found == TRUST or (held is not None and (found.origin, str(found.log_verifier)) == (held.origin, held.vkey))


@given(changed_json(REPLACED.model_dump(mode="json")))
def test_a_next_log_of_another_form_is_refused_though_the_roots_signed_it(payload: bytes) -> None:
    body = canonical(jws.sign_general(jws.ACTION, payload, [ROOT]))
    action = read_or_refused(lambda: replaced_in_place(body), BadAction)
    assert action is None or canonical(action.model_dump(mode="json")) == payload
    trust_in(TRUST, BEGUN_NOTE, BEGUN.entries[0], body)


@given(changed_bytes(BEGUN_NOTE), changed_bytes(BEGUN.entries[0]))
def test_whatever_a_source_shows_as_the_next_log_is_one_of_its_network_or_none(note: bytes, token: bytes) -> None:
    found = trust_in(TRUST, note, token, BEGUN.body_of(0))
    assert found.to_bytes() == TRUST.to_bytes()
    assert found == TRUST or found.log_verifier.key == NEXT_KEY.public


# notes, checkpoints, proofs, tiles ---------------------------------------------------------------------------------


@given(changed_bytes(NOTE, CHECKPOINT.text.encode(), PROOF.to_bytes()))
def test_no_note_but_a_signed_one_is_opened(data: bytes) -> None:
    note = read_or_refused(lambda: open_note(data, [TRUST.log_verifier, COSIGNER]), BadNote)
    assert note is None or note.text == CHECKPOINT.text
    cosigned = read_or_refused(lambda: open_checkpoint(data, TRUST.log_verifier, WITNESSES), BadNote)
    assert cosigned is None or (cosigned.checkpoint, {**cosigned.cosigners, "ke-nctc": 1_000}) == (
        CHECKPOINT,
        {"ke-nctc": 1_000},
    )
    read_or_refused(lambda: parse_note(data), BadNote)
    text = data.decode("utf-8", "surrogateescape")
    checkpoint = read_or_refused(lambda: parse_checkpoint(text, extensions=True), BadNote)
    assert checkpoint is None or checkpoint.text == text
    for line in text.split("\n"):
        signature = read_or_refused(lambda line=line: parse_signature(line), BadNote)
        assert signature is None or signature.line == f"{line}\n"


@given(changed_bytes(PROOF.to_bytes(), NOTE))
def test_no_proof_but_a_true_one_is_accepted(data: bytes) -> None:
    proof = read_or_refused(lambda: parse_proof(data), BadNote)
    if proof is not None:
        assert proof.to_bytes() == data
        for place, entry in enumerate(ENTRIES):
            if read_or_refused(lambda e=entry: verify_proof(proof, e, TRUST.log_verifier, WITNESSES), BadNote):
                assert (place, proof.index, proof.path) == (2, 2, PROOF.path)


@given(changed_bytes(str(TRUST.log_verifier).encode(), str(COSIGNER).encode()))
def test_a_verifier_key_has_one_spelling(data: bytes) -> None:
    text = data.decode("utf-8", "surrogateescape")
    found = read_or_refused(lambda: VerifierKey.parse(text), BadNote)
    assert found is None or str(found) == text


@given(changed_bytes(b"000", b"x001/x234/067", b"x001/234.p/7"))
def test_a_path_has_one_spelling(data: bytes) -> None:
    text = data.decode("utf-8", "surrogateescape")
    found = read_or_refused(lambda: parse_tile_path(text), BadTile)
    assert found is None or tile_path(*found) == text


@given(changed_bytes(bundle(ENTRIES), bundle([b"", b"", b""])), st.integers(-1, 300))
def test_a_bundle_has_one_spelling(data: bytes, width: int) -> None:
    found = read_or_refused(lambda: parse_bundle(data, width), BadTile)
    assert found is None or bundle(found) == data


# monsters ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Door:
    """A place where bytes come in: how they are read, how that says no, and examples that pass."""

    read: Callable[[bytes], Any]
    documented: type[Exception]
    seeds: tuple[bytes, ...]


def _token(data: bytes) -> Any:
    found = examine(message_of(SEALED[0])._replace(token=data), NETWORK, KEYS)
    if found.refusal is not None:
        raise jws.Malformed(found.refusal.found)
    return found


def _statement(data: bytes) -> Any:
    return _token(signed_raw(SEALED[0], KEY, data).token)


def _body(data: bytes) -> Any:
    """As a body whose hash its author signed, under a few kinds and actions."""
    exclusions = []
    for sealed in SEALED[:4]:
        said = examine(message_of(sealed), NETWORK, KEYS).said
        assert isinstance(said, Said)
        exclusions.append(examine_body(said._replace(datahash=hashlib.sha256(data).digest()), data)[0])
    if all(exclusions):
        raise jws.Malformed(str(exclusions[0])[:1_000])
    return exclusions


def _text(read: Callable[[str], Any]) -> Callable[[bytes], Any]:
    return lambda data: read(data.decode("utf-8", "surrogateescape"))


# Of a log, and of the one in the place of a lost one.
_EVIDENCES = (evidence_from(honest_log(), 9).to_bytes(), evidence_from(BEGUN, BEGUN.size - 1).to_bytes())
_TOKENS = tuple(sealed.token for sealed in SEALED)
DOORS = {
    "token": Door(_token, jws.Malformed, _TOKENS[:1]),
    "jws": Door(lambda data: jws.take_apart(data, jws.EVENT), jws.Malformed, _TOKENS),
    "statement": Door(_statement, jws.Malformed, (jws.take_apart(_TOKENS[0], jws.EVENT).payload,)),
    "body": Door(_body, jws.Malformed, tuple(sealed.body for sealed in SEALED[:4])),
    "action": Door(opened_action, BadAction, tuple(BODIES)),
    "receipt": Door(
        lambda data: open_receipt(data, HUB_KEY.public, NETWORK, "ke-nctc"),
        jws.Malformed,
        (sign_receipt(RECEIPT, HUB_KEY),),
    ),
    "head": Door(lambda data: open_head(data, KEY.public, NETWORK, "ke-nctc"), jws.Malformed, (sign_head(HEAD, KEY),)),
    "testimony": Door(parse_testimony, BadTestimony, (TESTIMONY,)),
    "next-log": Door(parse_action, BadAction, (BEGUN.body_of(0),)),
    "next-log-in-place": Door(replaced_in_place, BadAction, (BEGUN.body_of(0),)),
    "enrolment": Door(open_enrolment, BadEnrolment, (ENROLMENT,)),
    "admission": Door(open_admission, BadEnrolment, (ADMISSION,)),
    "trust": Door(parse_trust, BadTrust, (TRUST.to_bytes(),)),
    "note": Door(lambda data: open_note(data, [TRUST.log_verifier, COSIGNER]), BadNote, (NOTE,)),
    "checkpoint": Door(lambda data: open_checkpoint(data, TRUST.log_verifier, WITNESSES), BadNote, (NOTE,)),
    "checkpoint-text": Door(
        _text(lambda text: parse_checkpoint(text, extensions=True)), BadNote, (CHECKPOINT.text.encode(),)
    ),
    "signature-line": Door(_text(parse_signature), BadNote, (NOTE.splitlines()[-1],)),
    "verifier-key": Door(_text(VerifierKey.parse), BadNote, (str(COSIGNER).encode(),)),
    "proof": Door(parse_proof, BadNote, (PROOF.to_bytes(),)),
    "evidence": Door(parse_evidence, BadEvidence, _EVIDENCES),
    "path": Door(_text(parse_tile_path), BadTile, (b"x001/x234/067", b"001.p/7")),
    "bundle": Door(lambda data: parse_bundle(data, 4), BadTile, (bundle(ENTRIES),)),
}
MONSTERS = {
    "zeros": bytes(MEBIBYTE),
    "line feeds": b"\n" * MEBIBYTE,
    "dots": b"." * MEBIBYTE,
    "one letter": b"A" * MEBIBYTE,
    "digits": b"9" * MEBIBYTE,
    "open lists": b"[" * MEBIBYTE,
    "lists": b"[" * (MEBIBYTE // 2) + b"]" * (MEBIBYTE // 2),
    "open objects": b'{"a":' * (MEBIBYTE // 5),
    "members": b"{" + b",".join(b'"%06d":0' % number for number in range(MEBIBYTE // 11)) + b"}",
    "signatures": CHECKPOINT.text.encode()
    + b"\n"
    + NOTE[len(CHECKPOINT.text) + 1 :].splitlines()[0].join([b"", b"\n"]) * 6_000,
    "short signatures": CHECKPOINT.text.encode() + b"\n" + "— a AAAAAAA=\n".encode() * 60_000,
    "signatures of an action": b'{"payload":"","signatures":[' + b'{"protected":"","signature":""},' * 30_000 + b"1]}",
    "path": b"c2sp.org/tlog-proof@v1\nindex 0\n" + b"A" * 43 + b"=\n" + (b"A" * 43 + b"=\n") * 20_000 + b"\n" + NOTE,
    "long name": CHECKPOINT.text.encode() + "\n— ".encode() + b"a" * 900_000 + b" AAAAAAA=\n",
    "extensions": b"a\n1\n" + b"A" * 43 + b"=\n" + b"x\n" * 500_000 + b"\n",
    "levels of a path": b"x000/" * (MEBIBYTE // 5) + b"000",
}


@pytest.mark.parametrize("door", DOORS)
def test_a_valid_example_passes_at_its_door(door: str) -> None:
    for seed in DOORS[door].seeds:
        assert DOORS[door].read(seed)


@pytest.mark.parametrize("monster", MONSTERS)
@pytest.mark.parametrize("door", DOORS)
def test_a_monster_is_refused_at_every_door_without_much_memory(door: str, monster: str) -> None:
    data, found = MONSTERS[monster], DOORS[door]
    tracemalloc.start()
    try:
        assert read_or_refused(lambda: found.read(data), found.documented) is None
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < MOST_MEMORY


def test_no_more_signatures_are_verified_than_a_note_or_an_action_may_have(monkeypatch: pytest.MonkeyPatch) -> None:
    """A signature costs far more than to send one."""
    verified: list[bytes] = []
    monkeypatch.setattr(
        "wire.keys.PublicKey.verify", lambda _key, signature, _data: bool(verified.append(signature)) or True
    )
    line = NOTE.split(b"\n\n")[1].splitlines()[0] + b"\n"
    open_note(CHECKPOINT.text.encode() + b"\n" + line * 1_000, [TRUST.log_verifier])
    assert len(verified) == 1_000
    verified.clear()
    read_or_refused(lambda: open_note(CHECKPOINT.text.encode() + b"\n" + line * 1_001, [TRUST.log_verifier]), BadNote)
    document = orjson.loads(BODIES[0])
    document["signatures"] *= 65
    read_or_refused(lambda: opened_action(orjson.dumps(document)), BadAction)
    assert verified == []
