"""Tests of wire/evidence_words.py: each sentence is one that pages find again, whatever its values."""

from dataclasses import replace

from tests.docs.project import ROOT
from tests.signed_network import TRUST, key_of
from tests.wire.audited_log import honest_log
from tests.wire.evidences import evidence_from
from ui.languages import translated
from ui.sentences import Sentences
from wire.evidence_checks import verify_evidence
from wire.evidence_words import clock, validity
from wire.registry import KeyPeriod

FRENCH = Sentences("fr", translated([ROOT / "wire" / "locale"], "fr"))


def test_a_conclusion_is_one_sentence_of_the_page_s_language_with_its_values() -> None:
    says = FRENCH.said(verify_evidence(evidence_from(honest_log(), 12).to_bytes(), TRUST).says)
    assert 'lang="en"' not in says
    assert "<bdi>need/xc-border/n3</bdi>" in says
    assert says.endswith("Ceci prouve qui l’a publiée, non qu’elle est exacte.")


def test_a_key_s_validity_names_its_end_where_it_has_one() -> None:
    open_one = KeyPeriod(key_of("xa-centre").public, 3, None)
    assert validity("k", "xa-centre", open_one, 9) == "Key k of xa-centre is valid from entry 3; this is entry 9."
    said = validity("k", "xa-centre", replace(open_one, end=7), 9)
    assert said == "Key k of xa-centre is valid from entry 3 to before entry 7; this is entry 9."
    assert "jusqu’avant l’entrée <bdi>7</bdi>" in FRENCH.said(said)


def test_seconds_that_are_no_time_are_written_as_they_are() -> None:
    assert clock(0) == "1970-01-01 00:00:00 UTC"
    assert clock(2**62) == f"{2**62} (POSIX seconds)"
