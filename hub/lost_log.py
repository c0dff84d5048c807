"""What is known of a lost log: the testimonies of several nodes put together, each statement of them verified."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from schemas.statement import CONTROL, parse_statement
from wire import jws
from wire.audit.registry import RegistryFold, Step
from wire.checkpoint import Checkpoint, Cosigned, Witnesses, open_checkpoint
from wire.encoding import b64url
from wire.examine import Message, examine, statement_hash
from wire.notes import BadNote, Signature, VerifierKey, parse_note, write_note
from wire.registry import REGISTRY, Registry
from wire.testimony import BadTestimony, Testimony, Told
from wire.trust import Trust


@dataclass(frozen=True)
class Former:
    """One of the registry's own statements, by its place in the registry's chain."""

    sequence: int
    hash: bytes
    token: bytes
    body: bytes


@dataclass(frozen=True)
class LostLog:
    """The registry as it stood at the end, its statements in order, the last checkpoint, and the ends of all chains.

    `covered` is the sequence of the registry's last statement that the checkpoint covers.
    """

    registry: Registry
    statements: tuple[Former, ...]
    checkpoint: Cosigned
    covered: int
    ends: dict[str, tuple[int, bytes]]

    @property
    def log(self) -> VerifierKey:
        """The log that was lost."""
        assert self.registry.log is not None  # noqa: S101 - it began with trust.json
        return self.registry.log


def lost_log(trust: Trust, testimonies: Sequence[Testimony], signed: bytes | None) -> LostLog:
    """Put testimonies together; `signed` is the last checkpoint that the hub itself has kept.

    BadTestimony where one is of another network, does not verify, or contradicts another one.
    """
    told = {each.organization: _followed(trust, each) for each in testimonies}
    if not told:
        raise BadTestimony("no testimony was given; a node's is written by: liaison-node testify DIR -o FILE")
    longest = max(told, key=lambda name: len(told[name].statements))
    for name, each in told.items():
        if each.statements != told[longest].statements[: len(each.statements)]:
            raise BadTestimony(f"{name} and {longest} tell of two registries; ask their administrators which is true")
    best = told[longest]
    notes = [note for each in testimonies for note in each.checkpoints] + ([signed] if signed else [])
    log = best.fold.registry.log
    assert log is not None  # noqa: S101 - it began with trust.json
    checkpoint = _last(trust, log, notes, best)
    covered = sum(index < checkpoint.checkpoint.size for index in best.places)
    if not covered:
        raise BadTestimony("the last checkpoint covers no statement of the registry; give another node's testimony too")
    return LostLog(best.fold.registry, best.statements, checkpoint, covered, _ends(testimonies))


@dataclass(frozen=True)
class _Followed:
    """A testimony's registry, verified: its own statements by sequence, and where they stood in the lost log."""

    told: tuple[Told, ...]
    fold: RegistryFold
    statements: tuple[Former, ...]
    places: tuple[int, ...]


def _followed(trust: Trust, testimony: Testimony) -> _Followed:
    who = f"the testimony of {testimony.organization}"
    if testimony.network != trust.network:
        raise BadTestimony(f"{who} is of the network {testimony.network[:100]}; this is {trust.network}")
    fold, found = RegistryFold(trust), list[tuple[Former, int]]()
    for each in testimony.registry:
        try:
            payload = jws.take_apart(each.token, jws.EVENT).payload
            statement = parse_statement(payload)
        except ValueError as error:
            raise BadTestimony(f"{who}: entry {each.index} is no statement ({error})") from None
        fault = _follow(fold, each, trust)
        if statement.organization != REGISTRY:
            continue  # a rotation that had no effect stands in the log too
        if fault:
            raise BadTestimony(f"{who} does not verify: {fault}")
        found.append((Former(statement.sequence_number, statement_hash(payload), each.token, each.body), each.index))
    if fold.registry.held is not None:
        raise BadTestimony(f"{who} ends before the log's first entry could be judged; give another node's")
    # Of a log that was in the place of another one, the newest statement stands first.
    found.sort(key=lambda each: each[0].sequence)
    return _Followed(testimony.registry, fold, tuple(each for each, _ in found), tuple(place for _, place in found))


def _last(trust: Trust, log: VerifierKey, notes: Iterable[bytes], best: _Followed) -> Cosigned:
    """Give the largest checkpoint with a quorum, by the cosignatures of all testimonies together."""
    trees: dict[int, _Tree] = {}
    for note in notes:
        try:
            checkpoint = open_checkpoint(note, log).checkpoint
            tree = trees.get(checkpoint.size)
            if tree is None:
                tree = _Tree(checkpoint, _registry_at(trust, best, checkpoint.size).witnesses(trust.network))
            open_checkpoint(note, log, tree.witnesses)
        except BadNote:
            continue  # of a log before this one, or of none, or with a cosignature that does not verify
        trees[checkpoint.size] = tree
        if tree.checkpoint.root != checkpoint.root:
            raise BadTestimony(
                f"the lost log has signed two trees of {checkpoint.size} entries, {b64url(tree.checkpoint.root)} and "
                f"{b64url(checkpoint.root)}; that has to be cleared up by people first"
            )
        for signature in parse_note(note)[1]:
            tree.signatures.setdefault(signature.name, signature)
    for size in sorted(trees, reverse=True):
        tree = trees[size]
        names = [log.name, *(name for name in sorted(tree.signatures) if name != log.name)]
        whole = write_note(tree.checkpoint.text, [tree.signatures[name] for name in names])
        found = open_checkpoint(whole, log, tree.witnesses)
        if found.has_quorum:
            return found
    raise BadTestimony("no checkpoint in the testimonies has a quorum; give those of more nodes")


@dataclass
class _Tree:
    """A checkpoint of the lost log, who cosigned at its size, and the signatures that were found, by name."""

    checkpoint: Checkpoint
    witnesses: Witnesses
    signatures: dict[str, Signature] = field(default_factory=dict)


def _registry_at(trust: Trust, best: _Followed, size: int) -> Registry:
    fold = RegistryFold(trust)
    for each in best.told:
        if each.index < size:
            _follow(fold, each, trust)
    return fold.registry


def _follow(fold: RegistryFold, told: Told, trust: Trust) -> str:
    organization = parse_statement(jws.take_apart(told.token, jws.EVENT).payload).organization
    examined = examine(Message(organization, CONTROL, told.token, told.body), trust.network, {})
    return fold.follow(Step(told.index, told.token, told.body), examined)


def _ends(testimonies: Sequence[Testimony]) -> dict[str, tuple[int, bytes]]:
    ends: dict[str, tuple[int, bytes]] = {}
    for testimony in testimonies:
        for organization, end in testimony.ends.items():
            if organization == REGISTRY:
                continue
            known = ends.get(organization)
            if known is not None and known[0] == end[0] and known[1] != end[1]:
                raise BadTestimony(
                    f"the testimonies tell of two statements {end[0]} of {organization}; ask it which one is true"
                )
            if known is None or known[0] < end[0]:
                ends[organization] = end
    return ends
