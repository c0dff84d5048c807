"""What others have said to this organization: found in the log, asked of the hub, opened here, judged, and kept."""

import asyncio
import hashlib
import re
from collections.abc import Awaitable, Callable, Sequence

import structlog

from node.store.letters import Address, Letter, Letters
from schemas.problems import problem
from schemas.sentences import gettext_noop as N_
from schemas.statement import CONTROL, parse_statement
from wire import jws
from wire.bus import BusError
from wire.canonical import canonical
from wire.encoding import b64url, from_b64url
from wire.encryption import NotForUs, NotOpened, decrypt
from wire.examine import Examined, Exclusion, Message, Said, content_of, examine
from wire.jwe import BadJwe, parse_jwe
from wire.reasons import Reason
from wire.registry import HUB, Member, Registry
from wire.x25519 import DecryptionKey

AT_ONCE = 100
POLL_SECONDS = 2.0
RETRY_SECONDS = 30.0

# In canonical JSON a quotation mark within a text has a backslash before it: these are members and nothing else.
_FOR_NAMED = re.compile(rb'"marking":"TLP:AMBER(?:\+STRICT)?"')
_SUBJECT = re.compile(rb'"subject":"([a-z]+)/([a-z0-9-]+)/([a-z0-9-]+)"')

# What the hub has left out of the view counts as not said: its statement names the index.
_EXCLUDED = re.compile(rb'"subject":"control/hub/excluded-([0-9]{1,15})"')

_log = structlog.get_logger()

Ask = Callable[[str, bytes], Awaitable[bytes]]  # (what, question) → answer, as on ask.<org>.<what>


class Inbox:
    """Reads on with the log, and asks for what it finds there once the bus is there; keeps nothing that is not ours."""

    def __init__(self, network: str, organization: str, key: DecryptionKey, letters: Letters) -> None:
        self._network = network
        self._organization = organization
        self._key = key
        self._letters = letters
        self._written: dict[str, Member] = {}

    def take(self, start: int, tokens: Sequence[bytes], registry: Registry) -> None:
        """Look through log entries from index `start` on; `registry` is as it stands after them.

        Whoever reads the log calls this before it writes that it has read them: after a crash they come again.
        """
        known = self._letters.addresses()
        found: list[tuple[int, bytes]] = []
        superseding: list[tuple[Address, int]] = []
        excluded: list[int] = []
        for index, token in enumerate(tokens, start):
            payload = _payload(token)
            subject = _SUBJECT.search(payload)
            if subject is None:
                continue
            kind, org, id_ = (part.decode() for part in subject.groups())
            left_out = _EXCLUDED.search(payload)
            if left_out is not None and self._is_authentic(index, token, Address(HUB, CONTROL, id_), registry):
                excluded.append(int(left_out[1]))
            for_named = _FOR_NAMED.search(payload) is not None
            address = Address(org, kind, id_)
            if org == self._organization or kind == CONTROL or not (for_named or address in known):
                continue
            if not self._is_authentic(index, token, address, registry):
                continue
            if for_named:
                found.append((index, token))
                known.add(address)
            else:
                superseding.append((address, index))
        changed = [each for name, each in registry.members.items() if self._written.get(name) != each]
        if changed or found or superseding or excluded:
            self._letters.note(changed, found, superseding, excluded)
            self._written = dict(registry.members)

    def _is_authentic(self, index: int, token: bytes, address: Address, registry: Registry) -> bool:
        read = examine(Message(address.org, address.kind, token, None), self._network, registry.keys)
        said = read.said if read.refusal is None and read.signature is True else None
        sound = said is not None and registry.may_sign(address.org, read.kid, index, said.sequence)
        if not sound:
            _log.warning("inbox.not_authentic", index=index, organization=address.org)
        return sound

    async def run(self, ask: Ask) -> None:
        """Ask for what waits, until cancelled; without the bus it waits for the bus."""
        while True:
            seconds = POLL_SECONDS if await self.fetch(ask) else RETRY_SECONDS
            await asyncio.sleep(seconds)

    async def fetch(self, ask: Ask) -> bool:
        """Ask once for all that waits; tells whether all of it was answered."""
        after, answered = -1, True
        while waiting := await asyncio.to_thread(self._letters.waiting, after, AT_ONCE):
            for index, token in waiting:
                datahash = parse_statement(jws.take_apart(token, jws.EVENT).payload).datahash
                try:
                    answer = await ask("body", canonical({"hash": datahash}))
                except BusError as error:
                    _log.info("inbox.waits", reason=str(error))
                    return False
                answered &= await asyncio.to_thread(self._receive, index, token, answer)
                after = index
        return answered

    def _receive(self, index: int, token: bytes, answer: bytes) -> bool:
        statement = parse_statement(jws.take_apart(token, jws.EVENT).payload)
        address = Address(statement.organization, statement.kind, statement.record_id)
        read = examine(Message(address.org, address.kind, token, None), self._network, {})
        said = read.said
        assert said is not None, "what waits was found authentic"  # noqa: S101
        if hashlib.sha256(answer).digest() != from_b64url(statement.datahash):
            if answer.startswith(b'{"error":'):
                self._letters.drop(index, address)  # the hub gives it to its readers only, and we are none
                return True
            _log.warning("inbox.altered", index=index, organization=address.org, found="a body of another hash")
            return False
        letter = self._open(index, read, said, answer)
        if letter is None:
            self._letters.drop(index, address)
        else:
            self._letters.keep(letter, asked=True)
            _log.info("inbox.received", organization=address.org, kind=address.kind, valid=letter.reason is None)
        return True

    def _open(self, index: int, read: Examined, said: Said, body: bytes) -> Letter | None:
        """Give the letter, whatever is wrong with it; None if it does not name this organization."""
        try:
            readers = tuple(each.organization for each in parse_jwe(body).recipients)
        except BadJwe as error:
            _log.warning("inbox.malformed", index=index, organization=said.organization, reason=str(error))
            return None
        if self._organization not in readers:
            return None
        plain: bytes | None = None
        exclusion: Exclusion | None
        try:
            plain = decrypt(body, self._key)
            exclusion, _ = content_of(said, plain)
        except (NotForUs, NotOpened) as error:
            exclusion = Exclusion(
                Reason.MARKING_VIOLATED,
                (problem(("recipients",), str(error), N_("be encrypted for a key of this organization")),),
            )
        return Letter(
            index, said.organization, said.kind, said.record_id, said.action, said.marking, said.time, read.hash,
            said.datahash, plain, readers, exclusion and str(exclusion.reason), exclusion.problems if exclusion else (),
        )  # fmt: skip


def letter_form(letter: Letter) -> dict[str, object]:
    """Give a letter as the API and the command print it, like a record of the hub."""
    status = "withdrawn" if letter.action == "withdrawn" else "current"
    form: dict[str, object] = {
        "kind": letter.kind,
        "org": letter.org,
        "id": letter.id,
        "marking": letter.marking,
        "record": letter.record,
        "readers": list(letter.readers),
        "statement": b64url(letter.statement),
        "index": letter.index,
        "published": letter.time,
        "status": status if letter.superseded is None else "superseded",
        "read": None if letter.read_at is None else {"at": letter.read_at, "by": letter.read_by},
    }
    if letter.withdrawal is not None:
        form["reason"] = letter.withdrawal
    if letter.superseded is not None:
        form["superseded_by"] = letter.superseded
    if letter.reason is not None:
        problems = [{"pointer": each.pointer, "message": each.message} for each in letter.problems]
        form["not_valid"] = {"reason": letter.reason, "problems": problems}
    return form


def _payload(token: bytes) -> bytes:
    try:
        return jws.take_apart(token, jws.EVENT).payload
    except jws.Malformed:
        return b""  # nothing that anybody takes for a statement
