"""What the log says, token by token: its tree, its registry, and what stands in one organization's name; no I/O."""

import hashlib
import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import structlog

from node.registered_keys import KeysRegistered, registered_keys
from schemas.statement import CONTROL, ValidationError, parse_statement
from wire import jws
from wire.action_fold import begins_next_log, chain_end, fold_action
from wire.actions import BadAction
from wire.checkpoint import Witnesses
from wire.encoding import from_b64url
from wire.erasure import ORDERED, read_action, read_order
from wire.examine import Message, examine, statement_hash
from wire.keys import PublicKey
from wire.merkle import Frontier, leaf_hash
from wire.registry import REGISTRY, Registry
from wire.rotation import ROTATED, apply_rotation, check_rotation
from wire.trust import Trust

_log = structlog.get_logger()


class BadEntries(ValueError):
    """Entries that cannot be read on from; the message says which and why."""


@dataclass(frozen=True, slots=True)
class RegistryEntry:
    """A statement that moves the registry, with its body: an action that the roots signed, or a rotation."""

    index: int
    token: bytes
    body: bytes


@dataclass(frozen=True, slots=True)
class OwnEntry:
    """An entry in our name. `sequence` is 0 where it has not the form of a statement; `hash` is the statement's."""

    index: int
    sequence: int
    hash: bytes
    token: bytes


class ChainEnd(NamedTuple):
    """The last statement of an organization that was read, and where it stands."""

    sequence: int
    hash: bytes
    place: int


@dataclass(frozen=True, slots=True)
class LoggedOrder:
    """An order to erase that has a good form and signature: its index, its statement's hash, whose and which bodies.

    Whether each of them is that organization's own statement is known where its copy lies.
    """

    index: int
    hash: bytes
    organization: str
    statements: tuple[bytes, ...]


class Folded(NamedTuple):
    """What a batch of entries held beside the statements of others."""

    registry: list[RegistryEntry]
    own: list[OwnEntry]
    orders: list[LoggedOrder]
    keys: list[KeysRegistered]
    ends: dict[str, ChainEnd]


class RegistryHistory:
    """The registry as it stood at each size of the log, folded from its statements and nothing else."""

    def __init__(self, trust: Trust, entries: Sequence[RegistryEntry] = ()) -> None:
        self._trust = trust
        self._entries: list[RegistryEntry] = []
        self._fold = _RegistryFold(trust)
        self._before: tuple[int, Witnesses] | None = None
        for entry in entries:
            self.add(entry)

    def add(self, entry: RegistryEntry) -> bool:
        """Apply the next statement of the registry; false: it is not valid, and has no effect."""
        self._entries.append(entry)
        return self._fold.add(entry)

    def spoke(self, organization: str, kid: str, index: int, sequence: int) -> bool:
        """Whether an organization spoke with this key at this index, as the statement of this sequence."""
        return self._fold.registry.may_sign(organization, kid, index, sequence)

    @property
    def end(self) -> tuple[int, bytes]:
        """Where the registry's own chain ends, as far as it was read."""
        return self._fold.end

    @property
    def now(self) -> Registry:
        """The registry after all that was read."""
        return self._fold.registry

    def keys_of(self, organization: str) -> dict[str, PublicKey]:
        """All signing keys that an organization ever had, by thumbprint."""
        member = self._fold.registry.members.get(organization)
        return {} if member is None else {period.key.thumbprint: period.key for period in member.keys}

    def witnesses_at(self, size: int) -> Witnesses:
        """Who cosigns a checkpoint of this size: what the registry says after the entries below it."""
        number = bisect_left(self._entries, size, key=lambda entry: entry.index)
        if number == len(self._entries):
            return self._fold.registry.witnesses(self._trust.network)
        if self._before is None or self._before[0] != number:
            earlier = _RegistryFold(self._trust)
            for entry in self._entries[:number]:
                earlier.add(entry)
            self._before = number, earlier.registry.witnesses(self._trust.network)
        return self._before[1]


class _RegistryFold:
    """The one place where statements that move the registry are applied."""

    def __init__(self, trust: Trust) -> None:
        self.registry = Registry.begin(trust)
        self._network = trust.network
        self.end = (0, trust.digest)

    def add(self, entry: RegistryEntry) -> bool:
        fault = self._rotate(entry) if _organization(entry.token) != REGISTRY else self._act(entry)
        if fault is not None:
            _log.warning("registry.ignored", index=entry.index, reason=fault)
        return fault is None

    def _act(self, entry: RegistryEntry) -> str | None:
        read = examine(Message(REGISTRY, CONTROL, entry.token, entry.body), self._network, {})
        said = read.said
        if read.refusal is not None or said is None:
            return "it has not the form of a statement"
        first = begins_next_log(entry.index, said.type)
        if not first and (said.sequence, said.previous) != (self.end[0] + 1, self.end[1]):
            return "it does not follow the registry's chain"
        before = self.end
        if not first:
            self.end = (said.sequence, read.hash)
        try:
            fold_action(
                entry.body, self.registry, index=entry.index, sequence=said.sequence, previous=said.previous,
                statement=read.hash,
            )  # fmt: skip
        except BadAction as error:
            return str(error)
        self.end = chain_end(self.registry, entry.index, before, (said.sequence, read.hash))
        return None

    def _rotate(self, entry: RegistryEntry) -> str | None:
        organization = _organization(entry.token)
        message = Message(organization, CONTROL, entry.token, entry.body)
        read = examine(message, self._network, self.registry.keys)
        if organization not in self.registry.members or read.rotation is None or read.signature is not True:
            return "it is no rotation that its organization has signed"
        fault = check_rotation(read.rotation, self.registry)
        if fault is not None:
            return fault.message
        apply_rotation(read.rotation, self.registry, index=entry.index)
        return None


class LogFold:
    """The log up to `frontier`; costs a hash, a base64 and two searches for each entry of others."""

    def __init__(self, trust: Trust, organization: str, frontier: Frontier, registry: RegistryHistory) -> None:
        self.frontier = frontier
        self.registry = registry
        self._organization = organization
        # In canonical JSON a quotation mark within a text has a backslash before it, so that these bytes are found
        # where a member `source` has this value, and nowhere else.
        self._own, self._registry = (
            f'"source":"https://{trust.network}/orgs/{name}"'.encode() for name in (organization, REGISTRY)
        )
        source = re.escape(f"https://{trust.network}/orgs/".encode())
        self._speaker = re.compile(rb'"sequence":"([0-9]{12})","source":"%s([a-z0-9-]{3,40})"' % source)
        self._rotated = f'"type":"{ROTATED}"'.encode()
        self._ordered = f'"type":"{ORDERED}"'.encode()
        self._network = trust.network

    def take(self, tokens: Sequence[bytes], bodies: Mapping[int, bytes]) -> Folded:
        """Go on over the next entries. BadEntries, before anything has changed, when a registry's body is missing."""
        first = self.frontier.size
        found = Folded([], [], [], [], {})
        last: dict[bytes, tuple[bytes, bytes, int]] = {}
        ordered: list[tuple[int, bytes, bytes | None]] = []
        for index, token in enumerate(tokens, first):
            payload = _payload(token)
            speaker = self._speaker.search(payload)
            if speaker is not None:
                last[speaker[2]] = (speaker[1], payload, index)
            if self._own in payload:
                found.own.append(_own_entry(index, token, payload))
            if self._rotated in payload:
                # Any organization can have one logged without its body; then it has no effect, as at the hub.
                found.registry.append(RegistryEntry(index, token, bodies.get(index, b"")))
            elif self._registry in payload:
                found.registry.append(RegistryEntry(index, token, _body_of(index, payload, bodies.get(index))))
            if self._ordered in payload:
                ordered.append((index, token, bodies.get(index)))
        valid = {entry.index for entry in found.registry if self._add(entry, found.keys)}
        found.orders.extend(filter(None, (self._order(*each, by_roots=each[0] in valid) for each in ordered)))
        for token in tokens:
            self.frontier.append(leaf_hash(token))
        for name, (sequence, payload, index) in last.items():
            found.ends[name.decode()] = ChainEnd(int(sequence), statement_hash(payload), index)
        return found

    def _add(self, entry: RegistryEntry, changed: list[KeysRegistered]) -> bool:
        before = self._keys()
        valid = self.registry.add(entry)
        # A rotation is a statement in our own name, and judged as one.
        if self._keys() != before and _organization(entry.token) == REGISTRY:
            changed.append(KeysRegistered(entry.index, entry.token, entry.body, self._keys()))
        return valid

    def _keys(self) -> dict[str, PublicKey]:
        return registered_keys(self.registry.now.members.get(self._organization))

    def _order(self, index: int, token: bytes, body: bytes | None, *, by_roots: bool) -> LoggedOrder | None:
        organization = _organization(token)
        if body is None:
            _log.warning("order.unread", index=index, organization=organization, what="the hub gave no body with it")
            return None
        if organization == REGISTRY:
            order, digest = read_action(body) if by_roots else None, statement_hash(_payload(token))
        else:
            read = examine(
                Message(organization, CONTROL, token, body), self._network, self.registry.keys_of(organization)
            )
            good = read.refusal is None and read.signature is True and read.exclusion is None
            said = read.said if good else None
            spoke = said is not None and self.registry.spoke(organization, read.kid, index, said.sequence)
            order, digest = read_order(organization, body) if spoke else None, read.hash
        return None if order is None else LoggedOrder(index, digest, order.organization, order.statements)


def _payload(token: bytes) -> bytes:
    parts = token.split(b".")
    if len(parts) != 3:
        return b""
    try:
        return from_b64url(parts[1])
    except ValueError:
        return b""  # nothing that anybody takes for a statement


def _organization(token: bytes) -> str:
    try:
        return parse_statement(_payload(token)).organization
    except ValidationError:
        return REGISTRY  # where it is ignored for having no form


def _own_entry(index: int, token: bytes, payload: bytes) -> OwnEntry:
    try:
        sequence = parse_statement(payload).sequence_number
    except ValidationError:
        sequence = 0
    return OwnEntry(index, sequence, statement_hash(payload), token)


def _body_of(index: int, payload: bytes, body: bytes | None) -> bytes:
    try:
        expected = from_b64url(parse_statement(payload).datahash)
    except ValidationError:
        return b""  # it is ignored, whatever it is about
    if body is None or hashlib.sha256(body).digest() != expected:
        what = "no body" if body is None else "a body of another hash"
        raise BadEntries(f"the hub gave {what} for the registry's statement at index {index}")
    return body


def signed_by(token: bytes, keys: Mapping[str, PublicKey]) -> bool:
    """Whether one of these keys signed the token."""
    try:
        jws.verified_payload(token, jws.EVENT, dict(keys))
    except jws.Malformed:
        return False
    return True
