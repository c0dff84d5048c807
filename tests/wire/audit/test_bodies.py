"""Tests of wire/audit/bodies.py: the hub's exclusions are judged again, and absent bodies explained or found."""

from pathlib import Path

import orjson

from schemas.body import make_body
from tests.signed_network import need, nonce
from tests.wire.audit.audits import audited, found
from tests.wire.audited_log import AuditedLog, hash_of, honest_log
from wire.canonical import canonical
from wire.encoding import b64url, from_b64url
from wire.erasure import ORDERED, order_members, order_name
from wire.seal import control_body, control_subject

A, B = "xa-centre", "xb-police"


def forget_body(log: AuditedLog, index: int) -> None:
    """The hub no longer has the body of an entry."""
    payload = log.entries[index].split(b".")[1]
    datahash = orjson.loads(_decoded(payload))["datahash"]
    log.bodies = {digest: body for digest, body in log.bodies.items() if b64url(digest) != datahash}


def _decoded(part: bytes) -> bytes:
    return from_b64url(part)


def test_hub_leaves_out_a_valid_event(tmp_path: Path) -> None:
    log = honest_log()
    index = log.say(A, id="n8")
    log.exclude(index, "schema-invalid")
    log.sign()
    report = audited(log, tmp_path)
    assert found(report) == {"excluded-valid": [index]}
    assert report.findings.kept[0].evidence == {"stated_at": index + 1}


def test_hub_leaves_out_a_valid_event_long_after_it_came(tmp_path: Path) -> None:
    log = honest_log(events=300)
    log.exclude(5, "consent-missing")
    log.sign()
    assert found(audited(log, tmp_path)) == {"excluded-valid": [5]}


def test_hub_shows_an_invalid_event(tmp_path: Path) -> None:
    log = honest_log()
    index = log.say(A, {"title": {"en": "No need"}}, id="n8")
    log.say(A, id="n9")
    log.sign()
    report = audited(log, tmp_path)
    assert found(report) == {"shown-invalid": [index]}
    assert report.findings.kept[0].expected == "left out as schema-invalid"


def test_hub_leaves_out_an_event_for_another_reason_than_there_is(tmp_path: Path) -> None:
    log = honest_log()
    index = log.say(A, {"title": {"en": "No need"}}, id="n8")
    log.exclude(index, "consent-missing")
    log.sign()
    assert found(audited(log, tmp_path)) == {"exclusion-differs": [index]}


def test_an_exclusion_that_names_nothing_before_it_is_found(tmp_path: Path) -> None:
    log = honest_log()
    size = log.size
    log.exclude(size + 9, "schema-invalid")
    log.exclude(3, "bad-signature")
    for members in ({"index": True, "reason": "schema-invalid"}, {"index": 3, "reason": ["schema-invalid"]}, {}):
        log.seal("hub", control_subject("hub", "excluded-3"), "liaison.body.excluded", control_body(members))
    log.sign()
    assert found(audited(log, tmp_path)) == {"exclusion-malformed": list(range(size, size + 5))}


def test_a_body_is_altered(tmp_path: Path) -> None:
    log = honest_log()
    body = make_body(need("Before"), nonce(1))
    index = log.seal(A, f"need/{A}/n8", "liaison.need.published", body)
    digest = next(key for key, value in log.bodies.items() if value == body)
    log.bodies[digest] = make_body(need("After"), nonce(1))
    log.sign()
    assert found(audited(log, tmp_path)) == {"body-altered": [index]}


def test_a_public_body_is_gone_without_an_order(tmp_path: Path) -> None:
    log = honest_log()
    forget_body(log, 6)
    report = audited(log, tmp_path)
    assert found(report) == {"body-absent": [6]}
    assert report.status == 1


def test_an_order_of_erasure_an_exclusion_or_the_marking_explains_an_absent_body(tmp_path: Path) -> None:
    log = honest_log()
    erased, missing = log.say(A, id="n8"), log.say(A, id="n9")
    log.exclude(missing, "body-missing")
    green = log.say(A, id="n10", marking="TLP:GREEN")
    log.order_erasure(A, erased)
    for index in (erased, missing, green):
        forget_body(log, index)
    log.sign()
    report = audited(log, tmp_path)
    assert found(report) == {}
    assert report.told["bodies erased by order"] == 1
    assert report.told["bodies not read"] == 3


def test_a_body_of_the_hub_s_own_is_never_explained_by_nothing(tmp_path: Path) -> None:
    log = honest_log()
    index = log.exclude(6, "body-missing")
    forget_body(log, index)
    forget_body(log, 6)
    log.sign()
    assert found(audited(log, tmp_path)) == {"body-absent": [6, index]}
    assert canonical({}) == b"{}"


def test_an_order_of_another_organization_explains_nothing(tmp_path: Path) -> None:
    """A hub cannot hide a body with the help of a member whose it was not."""
    log = honest_log()
    erased = log.say(A, id="n8")
    subject = f"need/{B}/n8"
    members = order_members(subject, [hash_of(log.entries[erased])])
    name = order_name(log.heads[B][0] + 1)
    log.seal(B, control_subject(B, name), ORDERED, control_body(members))
    forget_body(log, erased)
    log.sign()
    report = audited(log, tmp_path)
    assert found(report) == {"shown-invalid": [erased + 1], "body-absent": [erased]}
