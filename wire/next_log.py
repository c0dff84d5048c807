"""The log that is read: the network's first, or one that the roots have put in its place, whose entry 0 says its key.

What entry 0 says is taken as it stands, to read on with: `wire.action_fold` judges it once its place has come, and
whoever reads compares the registry's log with it then.
"""

from schemas.statement import parse_statement
from wire import jws
from wire.action_fold import REPLACED
from wire.actions import BadAction, LogReplaced, parse_action
from wire.checkpoint import parse_checkpoint
from wire.encoding import from_b64url
from wire.log_source import LogSource, PartMissing, has_hash
from wire.notes import BadNote, VerifierKey, parse_note
from wire.tiles import width_in
from wire.trust import Trust


def origin_of(note: bytes) -> str:
    """Name the log that a checkpoint says to be of, whoever signed it; "" for what is none."""
    try:
        return parse_note(note)[0].partition("\n")[0]
    except BadNote:
        return ""


def log_of(source: LogSource, trust: Trust) -> Trust:
    """Give the trust for the log that a source shows now: the first one, where nothing says another."""
    note = source.checkpoint()
    if origin_of(note) == trust.first_log.name:
        return trust
    try:
        size = parse_checkpoint(parse_note(note)[0]).size
        if size < 1:
            return trust
        token = source.entries(0, width_in(0, 0, size))[0]
        datahash = from_b64url(parse_statement(jws.take_apart(token, jws.EVENT).payload).datahash)
        body = source.bodies([datahash])[0]
    except (BadNote, PartMissing, ValueError, IndexError):
        return trust
    if body is None or not has_hash(body, datahash):
        return trust
    return trust_in(trust, note, token, body)


def trust_in(trust: Trust, note: bytes, token: bytes, body: bytes) -> Trust:
    """Give the trust for the log of a checkpoint, whose entry 0 is this; the one given where that says nothing."""
    try:
        statement = parse_statement(jws.take_apart(token, jws.EVENT).payload)
        action = parse_action(body)
        if statement.type != REPLACED or not isinstance(action, LogReplaced):
            return trust
        key = VerifierKey.parse(action.vkey)
    except (ValueError, BadAction, BadNote):
        return trust
    return trust.following(key) if key.name == action.origin == origin_of(note) else trust
