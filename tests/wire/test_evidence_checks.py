"""Tests of wire/evidence_checks.py: what holds is passed, each lie fails its own check, the rest is not claimed."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.signed_network import HUB_KEY, NETWORK, TRUST, key_of, signed_anew, trust_of
from tests.wire.audited_log import AuditedLog, honest_log
from tests.wire.evidences import evidence_from
from wire.actions import KeyRevoked
from wire.evidence import Evidence
from wire.evidence_checks import verify_evidence
from wire.evidence_verdict import Verdict
from wire.tlog_proof import TlogProof

A, B, C = "xa-centre", "xb-police", "xc-border"
LOG = honest_log()
WHOLE = evidence_from(LOG, 12)
ALWAYS_LEFT = ["registry complete", "revocation", "chain", "completeness"]


def failed(evidence: Evidence) -> list[str]:
    return verify_evidence(evidence.to_bytes(), TRUST).failed


def left(verdict: Verdict) -> list[str]:
    return [check.name for check in verdict.checks if check.result == "not checked"]


def test_honest_evidence_passes_and_says_in_words_what_it_proves_and_what_not() -> None:
    verdict = verify_evidence(WHOLE.to_bytes(), TRUST)
    assert verdict.failed == []
    assert left(verdict) == ALWAYS_LEFT
    assert verdict.says.startswith(f"{C} (Office {C}) signed liaison.need.published about need/{C}/n3")
    assert "entry 12 of exercise.example/log, cosigned by 3 of the witnesses, the first on 2026-11-23" in verdict.says
    assert verdict.says.endswith("This proves who published it, not that it is correct.")
    assert all(check.means.endswith(".") for check in verdict.checks)


def test_every_entry_of_a_log_can_be_evidenced_also_the_registry_s_and_the_hub_s() -> None:
    for index in range(LOG.size):
        invalid = ["body form"] if index == LOG.size - 2 else []
        assert failed(evidence_from(LOG, index)) == invalid, index


def test_without_its_body_the_rest_is_still_proved() -> None:
    verdict = verify_evidence(evidence_from(LOG, 12, absent="marking").to_bytes(), TRUST)
    assert verdict.failed == []
    assert left(verdict) == [*ALWAYS_LEFT[:2], "body hash", "body form", *ALWAYS_LEFT[2:]]


def test_without_witnesses_the_log_s_word_alone_is_not_called_proof_of_one_history() -> None:
    log = AuditedLog().begin()
    log.sign()
    verdict = verify_evidence(evidence_from(log, 0).to_bytes(), TRUST)
    assert verdict.failed == []
    assert {"quorum", "time"} <= set(left(verdict))
    assert "nobody witnesses" in verdict.says


def test_a_rotation_is_followed_and_a_revocation_fails_what_it_disputes() -> None:
    log = honest_log()
    log.rotate(A)
    index = log.say(A, id="n9")
    log.sign()
    assert failed(evidence_from(log, index)) == []
    assert failed(evidence_from(log, index, registry=log.registry)) == ["key"]
    kid, last = key_of(f"{A} next").public.thumbprint, log.heads[A][0] - 1
    log.act(KeyRevoked(**log.action_place(), organization=A, key=kid, last_good_sequence=last, reason="Stolen."))
    log.sign()
    verdict = verify_evidence(evidence_from(log, index).to_bytes(), TRUST)
    assert verdict.failed == ["revocation"]
    assert f"entry {log.size - 1} calls sequence {last} the last good one" in str(verdict.checks)


def test_nothing_is_claimed_of_what_the_roots_decided_after_the_last_statement_that_is_given() -> None:
    cut = evidence_from(LOG, 4, registry=[0, 1])  # the hub and the speaker; two more witnesses were admitted
    verdict = verify_evidence(cut.to_bytes(), TRUST)
    means = {check.name: check.means for check in verdict.checks}
    assert set(ALWAYS_LEFT) <= set(left(verdict))
    assert "by an audit only" in means["registry complete"]
    for name in ("registry", "revocation", "quorum"):
        assert "up to entry 1" in means[name]
    assert "needed: 1 under the registry as given" in means["quorum"]
    unwitnessed = {check.name: check for check in verify_evidence(at_hub(), TRUST).checks}["quorum"]
    assert (unwitnessed.result, "under the registry as given" in unwitnessed.means.lower()) == ("not checked", True)


def at_hub() -> bytes:
    return evidence_from(LOG, LOG.size - 1, registry=[0]).to_bytes()


def resigned(key: str) -> Evidence:
    log = honest_log()
    sealed = log.sealed(A, f"need/{A}/n9", "liaison.need.published", WHOLE.body or b"", key=key_of(key))
    index = log.append(sealed)
    log.sign()
    return evidence_from(log, index)


def foreign() -> Evidence:
    log = honest_log()
    sealed = log.sealed(A, f"need/{A}/n9", "liaison.need.published", WHOLE.body or b"")
    elsewhere = {"source": f"https://other.example/orgs/{A}", "dataschema": "https://other.example/schemas/need/1"}
    index = log.append(sealed._replace(token=signed_anew(sealed, key_of(A), **elsewhere).token))
    log.sign()
    return evidence_from(log, index)


def bad_signature() -> Evidence:
    log = honest_log()
    log.entries[12] = log.entries[12][:-86] + b"A" * 86
    log.sign()
    return evidence_from(log, 12)


def false_admission() -> Evidence:
    log = honest_log()
    log.admit("zz-false", [key_of("thief")])
    log.witnesses.remove("zz-false")
    index = log.say("zz-false")
    log.sign()
    return evidence_from(log, index)


def too_few_cosign() -> Evidence:
    log = honest_log()
    log.say(A)
    log.sign([A])
    return evidence_from(log, log.size - 1)


def forged_checkpoint() -> Evidence:
    log = honest_log()
    log.sign(key=key_of("thief"))
    return evidence_from(log, 12)


def forged_cosignature() -> Evidence:
    log = honest_log()
    note = log.notes[log.size]
    lines = note.decode().splitlines(keepends=True)
    lines[-1] = lines[-1][:-12] + ("AAAAAAAAAA=\n"[-12:] if lines[-1].endswith("=\n") else "AAAAAAAAAAA\n")
    log.notes[log.size] = "".join(lines).encode()
    return evidence_from(log, 12)


def spoken_before_admission() -> Evidence:
    log = AuditedLog().begin(A)
    index = log.admit(B)
    log.say(B)
    log.entries[index], log.entries[index + 1] = log.entries[index + 1], log.entries[index]
    log.sign()
    return evidence_from(log, index)


LIES: dict[str, tuple[Callable[[], Evidence], list[str]]] = {
    "another body": (lambda: replace(WHOLE, body=b"{}"), ["body hash"]),
    "another entry's place": (lambda: replace(WHOLE, proof=evidence_from(LOG, 11).proof), ["inclusion"]),
    "a path that leads nowhere": (
        lambda: replace(WHOLE, proof=TlogProof(12, WHOLE.proof.path[::-1], WHOLE.proof.checkpoint)), ["inclusion"],
    ),
    "signed by a stranger": (lambda: resigned("stranger"), ["key"]),
    "signed by the hub": (lambda: resigned("hub"), ["key"]),
    "signature changed": (bad_signature, ["signature"]),
    "another network": (foreign, ["network"]),
    "an admission that the roots did not sign": (false_admission, ["key", "registry"]),
    "an admission left out": (lambda: evidence_from(LOG, 12, registry=[0, 1, 3]), ["key", "registry"]),
    "an admission of others left out": (lambda: evidence_from(LOG, 12, registry=[0, 2, 3]), ["key", "registry"]),
    "admissions not in the log": (
        lambda: replace(WHOLE, registry=(*WHOLE.registry[:-1], replace(WHOLE.registry[-1], path=()))),
        ["key", "registry"],
    ),
    "no registry at all": (lambda: replace(WHOLE, registry=()), ["key", "registry"]),
    "a statement of the registry that is not among those given": (
        lambda: evidence_from(LOG, 3, registry=[0, 1, 2]), ["registry"],
    ),
    "something else among the registry": (lambda: evidence_from(LOG, 12, registry=[0, 1, 2, 3, 9]), ["registry"]),
    "too few witnesses": (too_few_cosign, ["quorum"]),
    "a checkpoint by another key": (forged_checkpoint, ["checkpoint"]),
    "a forged cosignature": (forged_cosignature, ["quorum"]),
    "a key before it was registered": (spoken_before_admission, ["key"]),
}  # fmt: skip


@pytest.mark.parametrize("lie", LIES)
def test_each_lie_fails_its_own_check_and_nothing_is_said_to_be_proved(lie: str) -> None:
    make, expected = LIES[lie]
    evidence = make()
    verdict = verify_evidence(evidence.to_bytes(), TRUST)
    assert verdict.failed == expected
    assert "not prove" in verdict.says or "proves nothing" in verdict.says


def test_evidence_of_another_network_s_roots_proves_nothing_here() -> None:
    other = trust_of(key_of("other root"))
    verdict = verify_evidence(WHOLE.to_bytes(), other)
    assert verdict.failed == ["key", "registry"]
    assert HUB_KEY.public.jwk != other.roots[0].jwk
    assert other.network == NETWORK


@settings(max_examples=60)
@given(st.integers(0, len(WHOLE.to_bytes()) - 1), st.integers(0, 255))
def test_no_changed_byte_passes(place: int, byte: int) -> None:
    data = bytearray(WHOLE.to_bytes())
    if data[place] == byte:
        return
    data[place] = byte
    assert verify_evidence(bytes(data), TRUST).failed != []


def test_whatever_is_given_the_answer_is_a_verdict() -> None:
    for data in (b"", b"{}", b"\xff" * 40, b"[" * 100_000):
        assert verify_evidence(data, TRUST).failed == ["form"]
