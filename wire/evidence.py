"""Evidence of one event: all that a verifier needs beside trust.json, in one canonical JSON document; no I/O.

Members, exactly: `form`, always `liaison-evidence@v1`; `token`; either `body` (base64url) or `absent`, a word that says
why there is none; `proof`, a C2SP tlog-proof under the first checkpoint with a quorum that covers the entry (or the
newest, if none has one); `registry`, every statement of the registry that the checkpoint covers, and those with
which the speaker or the hub changed its key, in the order of the log, each with `index`, `token`, `body` and `path`,
the hashes (base64url) that lead to the same checkpoint's root.
"""

from dataclasses import dataclass
from typing import Any, Final

import orjson

from schemas.body import MAX_BYTES as MAX_BODY
from schemas.sentences import gettext_noop as N_
from schemas.sentences import sentence
from wire.canonical import canonical, is_canonical
from wire.encoding import b64url, from_b64url
from wire.examine import MAX_TOKEN
from wire.merkle import HASH_SIZE, MAX_PROOF
from wire.notes import BadNote
from wire.tlog_proof import TlogProof, parse_proof

FORM: Final = "liaison-evidence@v1"
# Why the body is not there: the reader may not have one of that marking, or none that was left out of the view; or the
# hub has none.
MARKING, EXCLUDED, GONE = "marking", "excluded", "gone"
ABSENT: Final = {
    MARKING: N_("whoever asked may not read bodies of its marking"),
    EXCLUDED: N_("the hub left the event out of its view, and shows such bodies to its operators only"),
    GONE: N_("the hub does not have it: erased by order, or it never came"),
}
MAX_EVIDENCE: Final = 64_000_000  # bytes: a registry of 20,000 statements
MAX_STATEMENTS: Final = 20_000


class BadEvidence(ValueError):
    """A document that is no evidence; the message says which member and why."""


@dataclass(frozen=True, slots=True)
class PathStatement:
    """A statement on the path of keys: its place, its bytes, and the hashes from its sibling up to the root."""

    index: int
    token: bytes
    body: bytes
    path: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """One event's evidence, taken apart; nothing is verified yet. `absent` is empty where there is a body."""

    token: bytes
    body: bytes | None
    absent: str
    proof: TlogProof
    registry: tuple[PathStatement, ...]

    def to_bytes(self) -> bytes:
        """Give the one canonical form."""
        told = {"absent": self.absent} if self.body is None else {"body": b64url(self.body)}
        statements = [
            {
                "body": b64url(each.body),
                "index": each.index,
                "path": [b64url(node) for node in each.path],
                "token": each.token.decode(),
            }
            for each in self.registry
        ]
        return canonical(
            {
                "form": FORM,
                "proof": self.proof.to_bytes().decode(),
                "registry": statements,
                "token": self.token.decode(),
                **told,
            }
        )


def parse_evidence(data: bytes) -> Evidence:
    """Take evidence apart; BadEvidence unless it has exactly the form above."""
    if len(data) > MAX_EVIDENCE:
        raise BadEvidence(
            sentence(
                "it has {count} bytes; at most {max_evidence} are read", count=len(data), max_evidence=MAX_EVIDENCE
            )
        )
    try:
        document = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise BadEvidence(sentence("it is not JSON: {error}", error=error)) from None
    members = {"form", "proof", "registry", "token"}
    if not isinstance(document, dict) or set(document) not in (members | {"body"}, members | {"absent"}):
        raise BadEvidence(N_("it has the members form, token, body or absent, proof and registry, and no others"))
    if document["form"] != FORM:
        raise BadEvidence(
            sentence(
                "its form is {document}; {form} was expected",
                document=f"{str(document['form'])[:60]!r}",
                form=f"{FORM!r}",
            )
        )
    if not is_canonical(data, document):
        raise BadEvidence(N_("it is not in canonical form (RFC 8785); take the file as the hub wrote it"))
    body = _bytes(document["body"], "body", MAX_BODY) if "body" in document else None
    absent = document.get("absent", "")
    if body is None and not (isinstance(absent, str) and absent in ABSENT):
        raise BadEvidence(
            sentence(
                "absent is {absent}; {allowed} were expected",
                absent=f"{str(absent)[:60]!r}",
                allowed=", ".join(ABSENT),
            )
        )
    return Evidence(_token(document["token"]), body, absent, _proof(document["proof"]), _registry(document["registry"]))


def _proof(text: Any) -> TlogProof:
    if not isinstance(text, str):
        raise BadEvidence(N_("proof is not text"))
    try:
        return parse_proof(text.encode())
    except BadNote as error:
        raise BadEvidence(sentence("proof: {cause}", cause=error)) from None


def _registry(value: Any) -> tuple[PathStatement, ...]:
    if not isinstance(value, list) or len(value) > MAX_STATEMENTS:
        raise BadEvidence(
            sentence("registry is no list of at most {max_statements} statements", max_statements=MAX_STATEMENTS)
        )
    statements = tuple(map(_statement, value))
    indices = [each.index for each in statements]
    if indices != sorted(set(indices)):
        raise BadEvidence(N_("the statements of registry are not in the order of the log"))
    return statements


def _statement(value: Any) -> PathStatement:
    if not isinstance(value, dict) or set(value) != {"body", "index", "path", "token"}:
        raise BadEvidence(N_("a statement of registry has the members index, token, body and path, and no others"))
    index, path = value["index"], value["path"]
    if type(index) is not int or index < 0:
        raise BadEvidence(sentence("index is {index}, not a number from 0", index=str(index)[:40]))
    if not isinstance(path, list) or len(path) > MAX_PROOF:
        raise BadEvidence(sentence("path is no list of at most {max_proof} hashes", max_proof=MAX_PROOF))
    nodes = tuple(_bytes(node, "a hash of a path", HASH_SIZE, exact=True) for node in path)
    return PathStatement(index, _token(value["token"]), _bytes(value["body"], "body", MAX_BODY), nodes)


def _token(value: Any) -> bytes:
    if not isinstance(value, str) or not value.isascii() or not 0 < len(value) <= MAX_TOKEN:
        raise BadEvidence(sentence("a token is ASCII text of at most {max_token} letters", max_token=MAX_TOKEN))
    return value.encode()


def _bytes(value: Any, name: str, most: int, *, exact: bool = False) -> bytes:
    if not isinstance(value, str):
        raise BadEvidence(sentence("{name} is not text", name=name))
    try:
        data = from_b64url(value)
    except ValueError as error:
        raise BadEvidence(sentence("{name} cannot be decoded: {cause}", name=name, cause=error)) from None
    if len(data) > most or (exact and len(data) != most):
        if exact:
            raise BadEvidence(
                sentence("{name} has {count} bytes; {most} were expected", name=name, count=len(data), most=most)
            )
        raise BadEvidence(
            sentence("{name} has {count} bytes; at most {most} were expected", name=name, count=len(data), most=most)
        )
    return data
