"""After a restore: a database older than what the node has published signs nothing until it has its chain back."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, NamedTuple

import orjson

from node.hub_key import HubKey
from node.keyring import load_keys
from node.log_fold import BadEntries, LogFold, OwnEntry, RegistryHistory, signed_by
from node.log_reader import Ask, parse_answer, parse_entries
from node.node import Node
from node.restore_notice import unmark
from node.signed_checkpoint import NotCosigned, SignedCheckpoint, open_signed
from node.store import InUse, Kept, Statement, Tree, Writing, due_of
from node.store.restored import end_alarm
from node.witness_file import BadWitnessFile, WitnessFile
from schemas.body import canonical as written
from schemas.records import KINDS
from schemas.statement import parse_statement
from wire import jws
from wire.canonical import canonical
from wire.checkpoint import open_checkpoint
from wire.encoding import from_b64url
from wire.encryption import NotForUs, NotOpened, decrypt
from wire.enrolment import Admission
from wire.examine import statement_hash
from wire.jwe import BadJwe, parse_jwe
from wire.keys import PublicKey
from wire.merkle import Frontier
from wire.notes import BadNote
from wire.receipts import Receipt, open_receipt
from wire.rotation import ROTATED, BadRotation, read_rotation
from wire.x25519 import DecryptionKey

BATCH = 500


class NotRestored(ValueError):
    """The chain cannot be taken from the log now; the message says why. Nothing was changed that was not verified."""


@dataclass(frozen=True)
class _Found:
    """What the log says: our statements behind ours here, in order, all keys we ever had in it, and the hub's now."""

    own: list[OwnEntry]
    keys: dict[str, PublicKey]
    hub_key: PublicKey


class Restored(NamedTuple):
    """How many statements were taken from the log, how many of those had no readable body, and up to which."""

    statements: int
    without_body: int
    sequence: int


async def restore_chain(node: Node, ask: Ask, tell: Callable[[int, int], None] = lambda _done, _of: None) -> Restored:
    """Take what this node has published since the backup from the log, verified, into its database; then it may sign.

    The log is read under its newest checkpoint, which must have grown from a quorum's that is not older than the one in
    witness.json. `tell(entries, of)` is told of progress. NotRestored says why it cannot be done now.
    """
    admission = node.admission()
    if admission is None:
        raise NotRestored("the node has not joined a network; there is nothing to restore")
    try:
        lost = node.log.lost(admission.trust)
        admission = replace(admission, trust=node.log.on(admission.trust))
        outside = WitnessFile(node.settings.directory, admission.trust, lost).read()
        answer = await ask("head", b"")
        quorum = open_signed(await ask("checkpoint", canonical({})), admission.trust)
        newest = open_signed(await ask("checkpoint", canonical({"newest": True})), admission.trust)
        _check_sizes(outside, quorum, newest)
        found = await _read(node, admission, ask, (outside, quorum, newest), tell)
        # Its key may have been replaced since the backup: only the log tells which one counts.
        _check_chain(node, found, _receipt(answer, admission, found.hub_key), newest)
        restored = await _take(node, found, ask)
    except (NotCosigned, BadEntries, BadWitnessFile) as error:
        raise NotRestored(f"{error}; try again, or ask the hub's operator") from None
    with Writing.begin(node.engine) as writing:
        known = {entry.token.decode() for entry in found.own}
        end_alarm(writing.connection, known, outside)
    unmark(node.settings.directory)
    return restored


def _receipt(answer: bytes, admission: Admission, hub_key: PublicKey) -> Receipt:
    try:
        return open_receipt(answer, hub_key, admission.trust.network, admission.organization)
    except jws.Malformed as error:
        raise NotRestored(f"the hub's answer is no receipt for this organization: {error}") from None


def _check_sizes(outside: Tree | None, quorum: SignedCheckpoint, newest: SignedCheckpoint) -> None:
    oldest = outside.size if outside else 0
    if max(quorum.checkpoint.size, newest.checkpoint.size) < oldest:
        raise NotRestored(
            f"the hub's newest checkpoint has {newest.checkpoint.size} entries, and this node has cosigned one of "
            f"{oldest}: the hub has gone back. It signs nothing; ask the hub's operator"
        )


async def _read(
    node: Node, admission: Admission, ask: Ask, signed: Sequence[Any], tell: Callable[[int, int], None]
) -> _Found:
    """Fold the whole log in memory: its roots must be those of all these checkpoints, and `quorum` must have one."""
    outside, quorum, newest = signed
    roots: dict[int, bytes] = {}
    for tree in (quorum.checkpoint, newest.checkpoint, outside):
        if tree is not None and roots.setdefault(tree.size, tree.root) != tree.root:
            raise NotRestored(f"the log has signed another tree of {tree.size} entries too: a split view")
    fold = LogFold(admission.trust, admission.organization, Frontier(), RegistryHistory(admission.trust))
    sequence = node.reading.chain().sequence
    found: list[OwnEntry] = []
    for size in sorted(roots):
        while fold.frontier.size < size:
            start = fold.frontier.size
            tokens, bodies = parse_entries(await ask("entries", canonical({"start": start})), start)
            if not tokens:
                raise NotRestored(f"the hub gave no entry {start}")
            folded = fold.take(tokens[: size - start], bodies)
            found += [entry for entry in folded.own if entry.sequence > sequence]
            tell(fold.frontier.size, max(roots))
        if fold.frontier.root() != roots[size]:
            raise NotRestored(f"the entries that the hub gave are not those of its checkpoint of {size} entries")
    _check_quorum(admission, fold.registry, quorum, outside)
    hub_key = HubKey(admission.hub_key)
    hub_key.follow(fold.registry.now)
    return _Found(found, fold.registry.keys_of(admission.organization), hub_key.now())


def _check_quorum(
    admission: Admission, registry: RegistryHistory, quorum: SignedCheckpoint, outside: Tree | None
) -> None:
    size = quorum.checkpoint.size
    witnesses = registry.witnesses_at(size)
    try:
        has_quorum = open_checkpoint(quorum.note, admission.trust.log_verifier, witnesses).has_quorum
    except BadNote as error:
        raise NotRestored(str(error)) from None
    if not has_quorum:
        raise NotRestored(f"the hub's checkpoint of {size} entries has no quorum of witnesses")
    # Where no quorum is possible without this node, none can be newer than what it has cosigned itself; the tree that
    # witness.json names is then all that there is, and the log was seen to begin with it.
    needed = admission.organization in witnesses.keys and len(witnesses.keys) - 1 < witnesses.quorum
    if outside is not None and size < outside.size and not needed:
        raise NotRestored(
            f"the newest checkpoint with a quorum has {size} entries, fewer than the {outside.size} that this node has "
            "cosigned; wait until other nodes have cosigned a newer one, and try again"
        )


def _check_chain(node: Node, found: _Found, receipt: Receipt, newest: SignedCheckpoint) -> None:
    """Whether what the log holds goes on where this database ends, in our signature, up to what the hub says."""
    if newest.checkpoint.size <= receipt.logged.index:
        raise NotRestored("the newest statement of this node is not under a checkpoint yet; try again in a minute")
    chain = node.reading.chain()
    sequence, head = chain.sequence, chain.head
    for entry in found.own:
        said = parse_statement(jws.take_apart(entry.token, jws.EVENT).payload)
        goes_on = (entry.sequence, from_b64url(said.previous)) == (sequence + 1, head)
        if not goes_on or not signed_by(entry.token, found.keys):
            raise NotRestored(
                f"statement {entry.sequence} at index {entry.index} does not go on from statement {sequence} of this "
                "database in this node's signature: two copies have signed, or the key is in other hands"
            )
        sequence, head = entry.sequence, entry.hash
    logged = receipt.logged
    if logged.sequence > sequence:
        raise NotRestored(f"the hub says that it has logged {logged.sequence} statements; the log shows {sequence}")
    if logged.sequence == sequence and sequence and from_b64url(logged.hash) != head:
        raise NotRestored(f"the hub says that it has logged another statement {sequence} than the log shows")


async def _take(node: Node, found: _Found, ask: Ask) -> Restored:
    """Take statements, bodies and records into the database, batch by batch."""
    key = load_keys(node.settings.directory, node.reading.in_use()).reading
    first = node.reading.chain().sequence
    entries = iter(found.own)
    last = found.own[-1].sequence if found.own else first
    without, sequence = 0, first
    while sequence < last:
        answer = parse_answer(await ask("events", canonical({"start": sequence + 1})))
        statements = [_statement(entry, event) for event, entry in _pairs(answer, entries)]
        if not statements:
            raise NotRestored(f"the hub gave no event {sequence + 1} of this organization")
        with Writing.begin(node.engine) as writing:
            _write(writing, statements, key)
        sequence = statements[-1].sequence
        without += sum(each.body is None for each in statements)
    return Restored(last - first, without, last)


def _pairs(answer: dict[str, Any], entries: Iterator[OwnEntry]) -> list[tuple[dict[str, Any], OwnEntry]]:
    events = answer.get("events")
    if not isinstance(events, list):
        raise BadEntries("the hub's answer has no events")
    return list(zip(events, islice(entries, min(len(events), BATCH)), strict=False))


def _statement(entry: OwnEntry, event: dict[str, Any]) -> Statement:
    """The statement is that of the log; the body is whatever has the hash that it names."""
    said = parse_statement(jws.take_apart(entry.token, jws.EVENT).payload)
    try:
        token, body = str(event["token"]).encode(), event["body"]
        content = None if body is None else from_b64url(body)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise BadEntries(f"the hub's event {entry.sequence} has not the form of one") from None
    if token != entry.token:
        raise BadEntries(f"the hub's event {entry.sequence} is not the one in the log")
    if content is not None and statement_hash(content) != from_b64url(said.datahash):
        raise BadEntries(f"the body of event {entry.sequence} is not the one that was signed")
    return Statement(
        entry.sequence,
        said.kind,
        said.record_id,
        said.action,
        said.marking,
        said.time,
        entry.hash,
        entry.token,
        content,
    )


def _write(writing: Writing, statements: Sequence[Statement], key: DecryptionKey) -> None:
    writing.append(statements)
    kept = writing.kept((each.kind, each.id) for each in statements)
    changed: dict[tuple[str, str], Kept] = {}
    for each in statements:
        if each.kind in KINDS:
            record = _record(each, changed.get((each.kind, each.id)) or kept.get((each.kind, each.id)), key)
            if record is not None:
                changed[each.kind, each.id] = record
        elif each.action == ROTATED.removeprefix("liaison.") and each.body is not None:
            _rotate(writing, each)
    writing.keep(changed.values())


def _record(said: Statement, before: Kept | None, key: DecryptionKey) -> Kept | None:
    source = before.source if before else None
    if said.action == "withdrawn":
        content = before.content if before else b"{}"
        return Kept(said.kind, said.id, said.marking, content, "withdrawn", True, said.sequence, said.time, source)
    try:
        body, recipients = _opened(said, key)
        content = written(orjson.loads(body)["record"])
    except (BadJwe, NotForUs, NotOpened, orjson.JSONDecodeError, KeyError, TypeError):
        return None if before is None else before._replace(sequence=said.sequence, changed=said.time, spoken=True)
    due = due_of(said.kind, content, said.time, confirmed=said.action == "confirmed")
    return Kept(
        said.kind, said.id, said.marking, content, "current", True, said.sequence, said.time, source, recipients, due
    )


def _opened(said: Statement, key: DecryptionKey) -> tuple[bytes, tuple[str, ...]]:
    """Give the body as it can be read, and for whom beside us it was encrypted."""
    body = said.body or b"null"
    if not said.marking.startswith("TLP:AMBER"):
        return body, ()
    readers = (each.organization for each in parse_jwe(body).recipients)
    own = orjson.loads(jws.take_apart(said.token, jws.EVENT).payload)["id"].partition(":")[0]
    return decrypt(body, key), tuple(name for name in readers if name != own)


def _rotate(writing: Writing, said: Statement) -> None:
    """The keys that this rotation put in the place of the old ones speak again."""
    try:
        rotation = read_rotation(said.body or b"")
    except BadRotation:
        return
    before = writing.in_use()
    signing = jws.take_apart(said.token, jws.EVENT).kid
    now = InUse(before.key_set, rotation.signing_key.thumbprint, rotation.next_key, signing, said.sequence)
    writing.use(now)
