"""Finds the log entry that a person means: by number, by organization and sequence, by record, token or body's hash."""

from collections.abc import Sequence
from typing import NamedTuple

from pydantic import ValidationError
from sqlalchemy import Connection

from hub.log_queries import Entry, entry_at, entry_of, entry_of_body, entry_of_record
from schemas.statement import is_org, parse_statement
from ui.languages import gettext_noop as N_
from wire import jws
from wire.encoding import from_b64url

MAX_TEXT = 8_192
NOT_UNDERSTOOD = N_(
    "This is none of the things that can be looked up: the number of an entry, organization/sequence, "
    "kind/organization/id, the hash of a body, or a token."
)
NOT_THERE = N_("The log has no such entry, or it may not be seen with the access you have.")
OTHER = N_("The log holds another statement at this place of its author's chain. Keep this token: it is evidence.")
NOT_LOGGED = N_("This token is well formed, but the log does not hold it.")
BAD_TOKEN = N_("This begins like a token, but it is none.")


class Answer(NamedTuple):
    """The entry that was found, or why there is none, as a text to be translated."""

    entry: Entry | None
    problem: str = ""


def find_entry(connection: Connection, text: str, markings: Sequence[str]) -> Answer:
    """Look up what a person typed or pasted."""
    text = text.strip()
    if len(text) > MAX_TEXT:
        return Answer(None, NOT_UNDERSTOOD)
    if text.count(".") == 2:
        return _by_token(connection, text)
    parts = text.split("/")
    if len(parts) == 1 and text.isascii() and text.isdigit() and len(text) <= 15:
        return _answer(entry_at(connection, int(text)))
    if len(parts) == 2 and is_org(parts[0]) and parts[1].isascii() and parts[1].isdigit() and len(parts[1]) <= 12:
        return _answer(entry_of(connection, parts[0], int(parts[1])))
    if len(parts) == 3:
        return _answer(entry_of_record(connection, (parts[0], parts[1], parts[2]), markings))
    try:
        return _answer(entry_of_body(connection, from_b64url(text, size=32)))
    except ValueError:
        return Answer(None, NOT_UNDERSTOOD)


def _answer(found: Entry | None) -> Answer:
    return Answer(found) if found is not None else Answer(None, NOT_THERE)


def _by_token(connection: Connection, text: str) -> Answer:
    try:
        token = text.encode("ascii")
        statement = parse_statement(jws.take_apart(token, jws.EVENT).payload)
    except (jws.Malformed, ValidationError, UnicodeEncodeError):
        return Answer(None, BAD_TOKEN)
    found = entry_of(connection, statement.organization, statement.sequence_number)
    if found is None:
        return Answer(None, NOT_LOGGED)
    return Answer(found) if found.token == token else Answer(None, OTHER)
