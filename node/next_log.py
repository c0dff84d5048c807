"""A log in the place of the one that this node knows: judged by what this node has read and cosigned before."""

from collections.abc import Mapping
from dataclasses import dataclass

from node.alarms import Finding, Name
from node.log_fold import BadEntries, ChainEnd
from node.log_reader import Ask, parse_entries
from node.store.log import Tree
from schemas.sentences import sentence
from schemas.statement import CONTROL, ValidationError, parse_statement
from wire import jws
from wire.action_fold import begins_next_log
from wire.action_forms import LogReplaced
from wire.actions import parse_action
from wire.audit.registry import RegistryFold, Step
from wire.canonical import canonical
from wire.checkpoint import open_checkpoint
from wire.encoding import b64url, from_b64url
from wire.examine import Message, examine, statement_hash
from wire.notes import BadNote, VerifierKey
from wire.registry import REGISTRY
from wire.trust import Trust

MAX_STATEMENTS = 20_000


class NotReplaced(ValueError):
    """What is offered as the next log is none; `first` is its entry 0, as (token, body), if there is one.

    `forged`: nobody who may decide it has. Otherwise it would set this node back, which a person may allow.
    """

    def __init__(self, text: str, first: tuple[bytes, bytes], *, forged: bool) -> None:
        super().__init__(text)
        self.first = first
        self.forged = forged

    def finding(self, note: bytes, cosigned: Tree | None) -> Finding:
        """Give the alarm about it."""
        token, body = self.first
        evidence = {"note": note.decode("utf-8", "replace"), "token": token.decode("ascii", "replace")}
        evidence |= {"body": b64url(body), "forged": "yes" if self.forged else "no"}
        if cosigned is not None:
            evidence["note that this node cosigned"] = cosigned.note.decode()
        text = sentence("another log is offered in place of the one that this node has read: {cause}", cause=self)
        return Finding(Name.FALSE_REPLACEMENT, text, 0 if cosigned is None else cosigned.size, evidence)


@dataclass(frozen=True)
class Known:
    """What this node knows of its log: the registry's last statement, its own, all ends, and what it has cosigned.

    `delivered` is our last statement that a quorum has proved, `size` how many entries were read.
    """

    organization: str
    log: VerifierKey
    registry: tuple[int, bytes]
    size: int
    delivered: int
    ends: Mapping[str, ChainEnd]
    cosigned: Tree | None


@dataclass(frozen=True)
class Beginning:
    """The first entries of a next log, verified: entry 0, and what it says of the log that this node knows.

    `about` is the decision that ended that one: entry 0's, unless the network has lost another one since.
    """

    token: bytes
    body: bytes
    log: VerifierKey
    about: LogReplaced
    registry: Mapping[int, bytes]


async def read_beginning(ask: Ask, trust: Trust, note: bytes, known: VerifierKey) -> Beginning:
    """Read a next log up to where its entry 0 can be judged; NotReplaced if it is none, BadEntries for no answer."""
    fold, start = RegistryFold(trust), 0
    first, hashes, said = (b"", b""), dict[int, bytes](), list[LogReplaced]()
    while start == 0 or fold.registry.held is not None:
        tokens, bodies = parse_entries(await ask("entries", canonical({"start": start})), start)
        if not tokens:
            raise BadEntries(f"the hub gave no entry {start} of the log that it shows now")
        for index, token in enumerate(tokens, start):
            body = bodies.get(index, b"")
            first = first if index else (token, body)
            if index and fold.registry.held is None:
                break
            sequence, digest = _follow(fold, index, token, body, first)
            hashes[sequence] = digest
            action = parse_action(body)
            if isinstance(action, LogReplaced):
                said.append(action)
        start += len(tokens)
        if start > MAX_STATEMENTS:
            raise NotReplaced(
                sentence("more than {max_statements} statements lead to its entry 0", max_statements=MAX_STATEMENTS),
                first,
                forged=True,
            )
    registry = fold.registry
    if registry.log is None or known not in registry.former_logs:
        raise NotReplaced(sentence("it is not in the place of {known}", known=known), first, forged=True)
    try:
        open_checkpoint(note, registry.log)
    except BadNote as error:
        raise NotReplaced(
            sentence("its checkpoint is not signed by {log}: {cause}", log=registry.log, cause=error),
            first,
            forged=True,
        ) from None
    said.sort(key=lambda each: each.sequence)
    return Beginning(*first, registry.log, said[registry.former_logs.index(known)], hashes)


def _follow(fold: RegistryFold, index: int, token: bytes, body: bytes, first: tuple[bytes, bytes]) -> tuple[int, bytes]:
    try:
        payload = jws.take_apart(token, jws.EVENT).payload
        statement = parse_statement(payload)
    except (jws.Malformed, ValidationError) as error:
        raise NotReplaced(
            sentence("its entry {index} is no statement: {cause}", index=index, cause=error), first, forged=True
        ) from None
    if statement.organization != REGISTRY or (index == 0 and not begins_next_log(0, statement.type)):
        what = f"{statement.type} of {statement.organization}"
        raise NotReplaced(
            sentence(
                "its entry {index} is {what}, where the registry must say that and which log was lost",
                index=index,
                what=what,
            ),
            first,
            forged=True,
        )
    fault = fold.follow(
        Step(index, token, body), examine(Message(REGISTRY, CONTROL, token, body), fold.trust.network, {})
    )
    if fault:
        raise NotReplaced(fault, first, forged=True)
    return statement.sequence_number, statement_hash(payload)


def check_known(next_log: Beginning, known: Known, own_hash: bytes | None) -> None:
    """Hold it against what this node knows; NotReplaced if that would be set back.

    `own_hash` is the hash of our statement at the sequence that it says our chain has ended with.
    """
    said, first = next_log.about, (next_log.token, next_log.body)
    sequence, digest = known.registry
    if sequence and next_log.registry.get(sequence) != digest:
        raise NotReplaced(
            sentence(
                "its registry is another one than this node has read, from statement {sequence} or before on",
                sequence=sequence,
            ),
            first,
            forged=True,
        )
    last = open_checkpoint(said.checkpoint.encode(), known.log).checkpoint
    cosigned = known.cosigned
    if cosigned is not None and last.size < cosigned.size:
        raise NotReplaced(
            sentence(
                "it goes on from {size} entries of {name}, and this node has cosigned {other}: what "
                "came between them would be gone",
                size=last.size,
                name=known.log.name,
                other=cosigned.size,
            ),
            first,
            forged=False,
        )
    if cosigned is not None and last.size == cosigned.size and last.root != cosigned.root:
        raise NotReplaced(
            sentence("it goes on from another tree of {size} entries", size=last.size), first, forged=False
        )
    own = said.ends.get(known.organization)
    if known.delivered and (own is None or own.sequence < known.delivered):
        ended = "–" if own is None else own.sequence
        raise NotReplaced(
            sentence(
                "it says that our chain had ended with statement {ended}, and {delivered} was delivered",
                ended=ended,
                delivered=known.delivered,
            ),
            first,
            forged=False,
        )
    if own is not None and own_hash != from_b64url(own.hash):
        raise NotReplaced(
            sentence("our chain had not ended with the statement {sequence} that it names", sequence=own.sequence),
            first,
            forged=False,
        )
    for organization, end in known.ends.items():
        named = said.ends.get(organization)
        before = named is None or named.sequence < end.sequence
        if organization == REGISTRY or (before and known.size > last.size):
            continue  # what was read beyond the checkpoint was never delivered
        if before or (named is not None and named.sequence == end.sequence and from_b64url(named.hash) != end.hash):
            raise NotReplaced(
                sentence(
                    "it says that the chain of {organization} had ended otherwise than with statement"
                    " {sequence}, which this node has read",
                    organization=organization,
                    sequence=end.sequence,
                ),
                first,
                forged=False,
            )
