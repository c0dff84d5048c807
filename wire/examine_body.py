"""What can be said of a body by itself: verdict steps 8 to 10."""

import hashlib
from typing import Any

import orjson

from schemas.body import MAX_BYTES as MAX_BODY
from schemas.body import read_body
from schemas.problems import Problem, problem
from schemas.release import CLEAR, FOR_NAMED, violation
from schemas.sentences import gettext_noop as N_
from schemas.sentences import sentence
from schemas.statement import CONTROL
from wire.canonical import canonical
from wire.erasure import form_fault
from wire.findings import Exclusion, Said
from wire.jwe import BadJwe, NotForNamed, Recipient, looks_encrypted, named_readers
from wire.reasons import Reason
from wire.registry import REGISTRY
from wire.rotation import ROTATED, Rotation, rotation_in

_OPEN_ONLY = problem(("marking",), "another", sentence("be {clear}: what is about no record is public", clear=CLEAR))


def examine_body(said: Said, body: bytes | None) -> tuple[Exclusion | None, dict[str, Any] | None]:
    """Steps 8 to 10: the exclusion if there is one, and the record if there is one that is not encrypted."""
    return read_message_body(said, body)[:2]


def read_message_body(
    said: Said, body: bytes | None
) -> tuple[Exclusion | None, dict[str, Any] | None, tuple[Recipient, ...]]:
    """Do the same, and give whom an encrypted body names; none where it is not encrypted."""
    # 8 presence and hash
    if body is None:
        return Exclusion(Reason.BODY_MISSING, ()), None, ()
    if hashlib.sha256(body).digest() != said.datahash:
        return Exclusion(Reason.BODY_MISMATCH, ()), None, ()
    # 9 schema, 10 marking: an encrypted body has a form, and what is in it only its readers see
    if said.kind == CONTROL or not (said.encrypted or said.marking in FOR_NAMED or looks_encrypted(body)):
        return *content_of(said, body), ()
    try:
        return None, None, named_readers(said.marking, body, encrypted=said.encrypted)
    except NotForNamed as error:
        return Exclusion(Reason.MARKING_VIOLATED, (error.problem,)), None, ()
    except BadJwe as error:
        return Exclusion(Reason.SCHEMA_INVALID, (error.problem,)), None, ()


def content_of(said: Said, body: bytes) -> tuple[Exclusion | None, dict[str, Any] | None]:
    """Steps 9 and 10 on a body that can be read: as it came, or as one of its readers has opened it."""
    # 9 schema
    if said.kind == CONTROL:
        fault = _control_fault(body)
        if fault is None and said.type == ROTATED:
            fault = next(iter(rotation_in(body, said.organization, said.sequence, said.previous)[1]), None)
        elif fault is None and said.organization != REGISTRY:
            fault = form_fault(said.type, said.organization, said.sequence, said.record_id, body)
        if fault is not None:
            return Exclusion(Reason.SCHEMA_INVALID, (fault,)), None
        return (None if said.marking == CLEAR else Exclusion(Reason.MARKING_VIOLATED, (_OPEN_ONLY,))), None
    problems, content = read_body(said.kind, said.action, body)
    if problems:
        return Exclusion(Reason.SCHEMA_INVALID, tuple(problems)), None
    record = None if said.action == "withdrawn" else content["record"]
    # 10 marking and consent
    if said.marking == "TLP:RED":
        return Exclusion(
            Reason.MARKING_VIOLATED, (Problem("/marking", N_("TLP:RED never leaves a node"), "TLP:RED", ""),)
        ), None
    broken = None if record is None else violation(said.kind, record, said.marking)
    if broken is not None:
        return Exclusion(Reason(broken[0]), (broken[1],)), None
    return None, record


def rotation_of(said: Said, body: bytes | None) -> Rotation | None:
    """Give what the body of a rotation proves by itself; None if it proves nothing."""
    return None if body is None else rotation_in(body, said.organization, said.sequence, said.previous)[0]


def _control_fault(body: bytes) -> Problem | None:
    """Readers get every body as it stands inside an event of their own: it must be one JSON object and no more."""
    if len(body) > MAX_BODY:
        return problem(
            (), sentence("{count} bytes", count=len(body)), sentence("have at most {max_body}", max_body=MAX_BODY)
        )
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        return problem((), sentence("not JSON ({error})", error=error), N_("be a JSON object"))
    if not isinstance(value, dict) or not _in_profile(body, value):
        return problem((), N_("no JSON object in canonical form"), N_("be the RFC 8785 form of a JSON object"))
    return None


def _in_profile(body: bytes, value: Any) -> bool:
    """No schema has been here yet, so floats, great integers and depth are for the canonical form to refuse."""
    try:
        return canonical(value) == body
    except ValueError:
        return False
