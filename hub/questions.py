"""What nodes ask about the log over the bus: its entries, their own events, proofs, checkpoints and bodies."""

import binascii
import hashlib
from collections.abc import Callable
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, select

from hub import checkpoints, tables
from hub.body_tags import has_hash
from hub.damage import Damage
from hub.erasures import ErasuresAsked, list_erasures
from hub.log_checks import LogDamaged, check_bundle
from hub.log_proofs import NotCovered, proof_of
from hub.tree import tree_in
from schemas.release import CLEAR, GREEN
from schemas.statement import CONTROL
from wire.encoding import b64url, from_b64url
from wire.merkle import consistency_proof
from wire.notes import b64
from wire.tiles import WIDTH, BadTile

QUESTIONS = ("entries", "events", "proof", "checkpoint", "body", "erasures")
MAX_ENTRIES = 1000
MAX_BYTES = 700_000
MAX_QUESTION = 4096
MAX_ERASURES = 500


class BadQuestion(ValueError):
    """A question that cannot be answered; the message says why, and goes back to whoever asked."""


class Questions:
    """`size()` gives the number of log entries. Every answer reads the database: not for the event loop."""

    def __init__(self, engine: Engine, size: Callable[[], int], damage: Damage) -> None:
        self._engine = engine
        self._size = size
        self._damage = damage
        answers = (self._entries, self._events, self._proof, self._checkpoint, self._body, self._erasures)
        self._answers = dict(zip(QUESTIONS, answers, strict=True))

    def answer(self, organization: str, what: str, payload: bytes) -> bytes:
        """Answer a question of an organization: bytes of the form that docs/bus.md says, or an error in JSON."""
        try:
            asked = _read(payload)
            with self._engine.connect() as connection:
                return self._answers[what](connection, organization, asked)
        except LogDamaged as error:
            self._damage.report(error)
            return _json({"error": "the hub's log is damaged; the hub stops"})
        except (BadQuestion, NotCovered, BadTile) as error:
            return _json({"error": str(error)})

    def _entries(self, connection: Connection, _organization: str, asked: dict[str, Any]) -> bytes:
        size, start = self._size(), _number(asked, "start")
        tokens: list[str] = []
        total, index = 0, start
        while index < size and len(tokens) < MAX_ENTRIES and total < MAX_BYTES:
            for token in check_bundle(connection, index // WIDTH, size)[index % WIDTH :]:
                total += len(token)
                if len(tokens) == MAX_ENTRIES or (total > MAX_BYTES and tokens):
                    break
                tokens.append(token.decode())
            index = start + len(tokens)
        bodies: dict[str, str] = {}
        log, kept = tables.log, tables.bodies
        query = (
            select(kept.c.index, kept.c.body)
            .join(log, log.c.index == kept.c.index)
            .where(kept.c.index >= start, kept.c.index < start + len(tokens), log.c.kind == CONTROL)
            .order_by(kept.c.index)
        )
        for index, body in connection.execute(query):
            total += len(body) * 4 // 3
            if total > MAX_BYTES and bodies:
                tokens = tokens[: index - start]
                break
            bodies[str(index)] = b64url(bytes(body))
        return _json({"size": size, "start": start, "tokens": tokens, "bodies": bodies})

    def _events(self, connection: Connection, organization: str, asked: dict[str, Any]) -> bytes:
        log, kept, names = tables.log, tables.bodies, tables.organizations
        query = (
            select(log.c.index, log.c.sequence, log.c.token, kept.c.body)
            .join(names, names.c.org == log.c.org)
            .outerjoin(kept, kept.c.index == log.c.index)
            .where(names.c.organization == organization, log.c.sequence >= _number(asked, "start"))
            .order_by(log.c.sequence)
            .limit(MAX_ENTRIES)
        )
        events: list[dict[str, Any]] = []
        total = 0
        for index, sequence, token, body in connection.execute(query):
            total += len(token) + len(body or b"") * 4 // 3
            if total > MAX_BYTES and events:
                break
            sealed = {"sequence": sequence, "index": index, "token": bytes(token).decode()}
            events.append({**sealed, "body": None if body is None else b64url(bytes(body))})
        return _json({"events": events})

    def _proof(self, connection: Connection, organization: str, asked: dict[str, Any]) -> bytes:
        if "old" in asked:
            old, new = _number(asked, "old"), _number(asked, "new")
            if not old <= new <= self._size():
                raise BadQuestion(f"this log has {self._size()} entries; it has not grown from {old} to {new}")
            path = consistency_proof(old, new, tree_in(connection, new))
            return _json({"proof": [b64(each) for each in path]})
        if "sequence" in asked:
            log, names = tables.log, tables.organizations
            mine = (names.c.organization == organization, log.c.sequence == _number(asked, "sequence"))
            index = connection.scalar(select(log.c.index).join(names, names.c.org == log.c.org).where(*mine))
            if index is None:
                raise BadQuestion(f"the log has no statement {asked['sequence']} of {organization}")
        else:
            index = _number(asked, "index")
        return proof_of(connection, index).to_bytes()

    def _checkpoint(self, connection: Connection, _organization: str, asked: dict[str, Any]) -> bytes:
        if "size" in asked:
            found = checkpoints.of_size(connection, _number(asked, "size"))
        else:
            found = checkpoints.newest(connection, quorum=asked.get("newest") is not True)
        if found is None:
            raise BadQuestion("there is no such checkpoint")
        return found.note

    def _erasures(self, connection: Connection, organization: str, asked: dict[str, Any]) -> bytes:
        wanted = ErasuresAsked(org=[organization], after=_number(asked, "start") - 1, limit=MAX_ERASURES)
        found = list_erasures(connection, wanted, all_missing=True)
        items: list[dict[str, Any]] = []
        total = 0
        for each in found.items:
            item = {name: value for name, value in each.items() if name != "statements"}
            total += len(_json(item))
            if total > MAX_BYTES and items:
                break
            items.append(item)
        more = found.next is not None or len(items) < len(found.items)
        return _json({"erasures": items, "next": items[-1]["index"] + 1 if more else None})

    def _body(self, connection: Connection, organization: str, asked: dict[str, Any]) -> bytes:
        try:
            digest = from_b64url(asked["hash"], size=32)
        except (KeyError, TypeError, ValueError, AttributeError):
            raise BadQuestion("hash is the datahash of a statement, 43 letters") from None
        log, kept, names, excluded = tables.log, tables.bodies, tables.organizations, tables.exclusions
        query = (
            select(names.c.organization, log.c.marking, log.c.kind, kept.c.body, excluded.c.index.label("excluded"))
            .join(log, log.c.index == kept.c.index)
            .join(names, names.c.org == log.c.org)
            .outerjoin(excluded, excluded.c.index == kept.c.index)
            .where(has_hash(connection, digest))
        )
        for row in connection.execute(query):
            body = bytes(row.body)
            if hashlib.sha256(body).digest() != digest:
                continue
            mine = row.organization == organization
            shown = row.marking in (CLEAR, GREEN) or organization in named_recipients(body)
            if mine or (shown and row.excluded is None):
                return body
        raise BadQuestion("there is no such body, or it may not be seen by this organization")


def named_recipients(body: bytes) -> list[str]:
    """Organizations that the protected header of an encrypted body names; none if it is no such body."""
    try:
        header = orjson.loads(from_b64url(orjson.loads(body)["protected"]))
        found = header["to"]
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError, binascii.Error):
        return []
    return [each for each in found if isinstance(each, str)] if isinstance(found, list) else []


def _read(payload: bytes) -> dict[str, Any]:
    if len(payload) > MAX_QUESTION:
        raise BadQuestion(f"a question of {len(payload)} bytes; at most {MAX_QUESTION} are read")
    try:
        asked = orjson.loads(payload) if payload else {}
    except orjson.JSONDecodeError:
        asked = None
    if not isinstance(asked, dict):
        raise BadQuestion("a question is a JSON object")
    return asked


def _number(asked: dict[str, Any], name: str) -> int:
    value = asked.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**53:
        raise BadQuestion(f"{name} is a whole number from 0 on; {_shown(value)} was found")
    return value


def _shown(value: Any) -> str:
    """What is nested deep cannot be printed."""
    return str(value)[:40] if isinstance(value, str | int | float | None) else f"a {type(value).__name__}"


def _json(value: dict[str, Any]) -> bytes:
    return orjson.dumps(value)
