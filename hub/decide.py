"""From examined messages to log entries: a verdict each, early held, exclusions, forks and erasures stated."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import orjson
from sqlalchemy import Connection

from hub.author import Author
from hub.body_tags import tag_of
from hub.entries import Confirmed, Entry, Erasure, ExclusionStated, Named, Quarantined, Read
from hub.erased_list import ErasedList
from hub.holding import Holding
from hub.log_state import LogState
from hub.orders import Effect, Orders
from hub.tree import names_tree
from schemas.problems import Problem
from schemas.sentences import gettext_noop as N_
from schemas.sentences import sentence
from schemas.statement import CONTROL, RESERVED_ORGS
from wire.erasure import DONE, done_members, done_name, read_action
from wire.examine import Exclusion, Message, Said
from wire.findings import Refusal
from wire.reasons import Reason
from wire.rotation import apply_rotation
from wire.seal import Sealed
from wire.verdict import Accepted, Chain, Duplicate, Early, Refused, judge, may_name_former

# Examines a message again, with the keys that are registered by now.
Again = Callable[[Message], Read]
# Gives (hash, token) of what is logged for an organization's number at a sequence, or None.
Lookup = Callable[[int, int], tuple[bytes, bytes] | None]

# Names and values come from whoever sent the record: what the hub repeats of them must fit into its own statement.
MAX_PROBLEM_TEXT = 500
MAX_PROBLEM_BYTES = 32 * 1024
PUBLIC = "TLP:CLEAR"


@dataclass
class Outcome:
    """What one batch changes, to be written in one transaction. `heard` are the organizations that get a receipt.

    `seen` are the checkpoints that statements say to have seen, each with the index of the first that says so.
    `overtaken` counts what was refused before, and does not fit into its chain by now.
    """

    entries: list[Entry] = field(default_factory=list)
    exclusions: list[ExclusionStated] = field(default_factory=list)
    quarantined: list[Quarantined] = field(default_factory=list)
    heard: set[str] = field(default_factory=set)
    forked: set[str] = field(default_factory=set)
    seen: dict[str, int] = field(default_factory=dict)
    duplicates: int = 0
    early: int = 0
    overtaken: int = 0
    erasures: list[Erasure] = field(default_factory=list)
    confirmations: list[Confirmed] = field(default_factory=list)
    kept_erased: list[Named] = field(default_factory=list)  # logged anew, and destroyed before: after a restore


class Decider:
    """Judges one batch against the state, which it advances."""

    def __init__(
        self, state: LogState, holding: Holding, author: Author, lookup: Lookup, again: Again,
        connection: Connection, erased: ErasedList,
    ) -> None:  # fmt: skip
        self._state = state
        self._holding = holding
        self._author = author
        self._lookup = lookup
        self._again = again
        self._connection = connection
        self._fresh: dict[tuple[int, int], tuple[bytes, bytes]] = {}
        self.outcome = Outcome()
        self.orders = Orders(connection, erased, self.outcome.entries)

    def take(self, message: Message, read: Read, *, once_refused: bool = False) -> None:
        """Judge one message, then whatever was held for want of it.

        `once_refused`: its author was told that it never enters the log, and may have signed its place anew since. Then
        another statement there is no fork.
        """
        self._take_one(message, read, once_refused=once_refused)
        waiting = self._next_held(message.organization)
        while waiting is not None:
            self._take_one(*waiting)
            waiting = self._next_held(message.organization)

    def append(self, sealed: Sealed, name: str, event_type: str) -> Entry:
        """Log a statement of the hub or the registry."""
        action = event_type.removeprefix("liaison.")
        said = Said(sealed.organization, sealed.sequence, b"", CONTROL, name, action, "TLP:CLEAR", "", b"", event_type)
        message = Message(sealed.organization, CONTROL, sealed.token, sealed.body)
        return self._log(said, sealed.hash, message, None, None)

    def elsewhere(self, said: Said, chain: Chain | None, index: int) -> bool:
        """Whether what a statement at `index` has seen is no tree of this log, and may be one of a log before it."""
        if not may_name_former(said, chain, self._state.registry):
            return False
        return not names_tree(self._connection, said.seen, index)

    def log_copy(self, said: Said, digest: bytes, message: Message) -> Entry:
        """Log what was logged before; what the view wants of it is left to a rebuild."""
        return self._log(said, digest, message, None, None)

    def _take_one(self, message: Message, read: Read, *, once_refused: bool = False) -> None:
        if message.organization in RESERVED_ORGS:
            # Hub and registry speak through the writer alone: on the bus it is somebody who has stolen a key.
            found = Refusal(
                Reason.WRONG_SUBJECT,
                sentence("{organization} on the bus", organization=message.organization),
                N_("an organization that joined"),
            )
            self._refuse(message, read, Refused(found), None)
            return
        event = read.examined
        if event.refusal is None and event.signature is None and event.kid in self._state.registry.keys:
            read = self._again(message)
            event = read.examined
        said = event.said
        self.outcome.heard.add(message.organization)
        speaker = None if said is None else self._state.speakers.get(said.organization)
        logged = None
        if speaker is not None and said is not None and said.sequence <= speaker.sequence:
            logged = self._logged(speaker.number, said.sequence)
        chain = None if speaker is None else speaker.chain
        elsewhere = said is not None and self.elsewhere(said, chain, self._state.size)
        verdict = judge(
            event, chain, self._state.registry, self._state.size, logged and logged[0], elsewhere=elsewhere
        )  # fmt: skip
        if isinstance(verdict, Accepted):
            assert said is not None  # noqa: S101 - judge accepts only what says something
            self._accept(said, event.hash, message, verdict, read)
        elif isinstance(verdict, Duplicate):
            self.outcome.duplicates += 1
        elif isinstance(verdict, Early):
            self.outcome.early += 1
            assert said is not None  # noqa: S101 - only a sequence can be early
            self._holding.keep(said.organization, said.sequence, message, read)
        elif once_refused and verdict.refusal.reason is Reason.FORKED:
            self.outcome.overtaken += 1
        else:
            self._refuse(message, read, verdict, logged)

    def _accept(self, said: Said, digest: bytes, message: Message, verdict: Accepted, read: Read) -> None:
        exclusion = verdict.exclusion
        effect: Effect | None = None
        if exclusion is None and said.kind == CONTROL:
            number = self._state.speakers[said.organization].number
            former = self._state.registry.is_former(said.organization, said.sequence)
            judged = self.orders.judge(said, digest, message.body, self._state.size, number, former=former)
            if isinstance(judged, Problem):
                exclusion = Exclusion(Reason.SCHEMA_INVALID, (judged,))
            else:
                effect = judged
        entry = self._log(said, digest, message, exclusion, read)
        if verdict.rotation is not None:
            apply_rotation(verdict.rotation, self._state.registry, index=entry.index)
            self._state.speakers[said.organization].forked = False
        if exclusion is not None:
            self._state_exclusion(entry, exclusion)
        elif isinstance(effect, Erasure):
            self.erase(effect)
        elif effect is not None:
            self.outcome.confirmations.append(effect)

    def erase(self, erasure: Erasure) -> None:
        """Give an order that is in the log its effect, and say in the hub's chain that it has."""
        named = {each.index for each in erasure.statements}
        for entry in self.outcome.entries:
            if entry.index in named:
                entry.erase()
        self.outcome.erasures.append(erasure)
        name = done_name(erasure.index)
        statement = self.append(self._author.state(self._state, DONE, name, done_members(erasure.hash)), name, DONE)
        erasure.done_at = statement.index
        self.outcome.confirmations.append(Confirmed(erasure.index, statement.org, statement.index))

    def judge_roots(self, body: bytes, statement: bytes) -> Erasure | Problem:
        """Judge the action in `body`, an order of the roots whose statement, with this hash, is logged next."""
        order = read_action(body)
        assert order is not None, "whoever calls knows that it is an order"  # noqa: S101
        speaker = self._state.speakers.get(order.organization)
        return self.orders.order(order, statement, self._state.size, -1 if speaker is None else speaker.number)

    def _next_held(self, organization: str) -> tuple[Message, Read] | None:
        speaker = self._state.speakers.get(organization)
        held = None if speaker is None else self._holding.release(organization, speaker.sequence + 1)
        if speaker is None or held is None:
            return None
        said = held[1].examined.said
        # It followed a statement that was refused for good, and whose sequence its author has signed anew since. Where
        # it is more, a fork, its node sends it again, and it is judged as what it is then.
        return held if said is not None and said.previous == speaker.head else None

    def _logged(self, org: int, sequence: int) -> tuple[bytes, bytes] | None:
        return self._fresh.get((org, sequence)) or self._lookup(org, sequence)

    def _log(
        self, said: Said, digest: bytes, message: Message, exclusion: Exclusion | None, read: Read | None
    ) -> Entry:
        state = self._state
        speaker = state.speakers[said.organization]
        subject = (speaker.number, said.kind, said.marking)
        entry = Entry(
            state.size, speaker.number, said.organization, said.kind, said.record_id, said.action, said.marking,
            said.time, said.sequence, state.last_on_subject.get(subject, -1), digest, message.token, message.body,
            exclusion, read and read.facets, read.coverage if read else [], read and read.review_due,
            tag=tag_of(said.datahash) if read is not None and exclusion is None else None,
        )  # fmt: skip
        if read is not None and self.orders.is_erased(digest):
            self.outcome.kept_erased.append(Named(entry.index, digest, entry.subject))
            entry.erase()
        state.last_on_subject[subject] = entry.index
        state.size += 1
        state.tree.append(message.token)
        speaker.sequence, speaker.head, speaker.last_index = said.sequence, digest, entry.index
        former = state.registry.is_former(said.organization, said.sequence)
        if said.seen and not former and not self.elsewhere(said, speaker.chain, entry.index):
            speaker.seen = said.seen_size
            self.outcome.seen.setdefault(said.seen, entry.index)
        self._fresh[speaker.number, said.sequence] = (digest, message.token)
        self.outcome.entries.append(entry)
        return entry

    def _state_exclusion(self, entry: Entry, exclusion: Exclusion) -> None:
        # The statement is public, and problems quote the body: those of other bodies go to their author alone.
        # It is permanent, too: it says where something is wrong, and nothing of what an erasure would have to destroy.
        told = exclusion._replace(problems=tuple(map(_without_words, exclusion.problems)))
        if entry.marking != PUBLIC:
            told = exclusion._replace(problems=())
        kind = "liaison.body.excluded"
        name = f"excluded-{entry.index}"
        members = {"index": entry.index, "reason": str(told.reason), "problems": problem_documents(told.problems)}
        statement = self.append(self._author.state(self._state, kind, name, members), name, kind)
        self.outcome.exclusions.append(ExclusionStated(entry.index, entry.org, told, statement.index))

    def _refuse(self, message: Message, read: Read, verdict: Refused, logged: tuple[bytes, bytes] | None) -> None:
        refusal, said = verdict.refusal, read.examined.said
        sequence = None if said is None else said.sequence
        self.outcome.quarantined.append(
            Quarantined(message, read.examined.hash, sequence, str(refusal.reason), refusal.found, refusal.expected)
        )
        if refusal.reason is Reason.FORKED and said is not None:
            self._freeze(said, message.token, logged)

    def _freeze(self, said: Said, token: bytes, logged: tuple[bytes, bytes] | None) -> None:
        speaker = self._state.speakers[said.organization]
        if speaker.forked:
            return
        other = logged or self._logged(speaker.number, speaker.sequence)
        speaker.forked = True
        self.outcome.forked.add(said.organization)
        tokens = [kept.decode() for kept in ([other[1]] if other else []) + [token]]
        kind, name = "liaison.fork.found", f"fork-{said.organization}-{said.sequence}"
        members = {"organization": said.organization, "sequence": said.sequence, "tokens": tokens}
        self.append(self._author.state(self._state, kind, name, members), name, kind)


def problem_documents(problems: Iterable[Problem]) -> list[dict[str, str]]:
    """Give field problems as they are told to authors and kept in statements: shortened, and at most 32 KiB of them."""
    documents: list[dict[str, str]] = []
    total = 0
    for problem in problems:
        document = {
            "pointer": _shortened(problem.pointer),
            "message": _shortened(problem.message),
            "found": _shortened(problem.found),
            "allowed": _shortened(problem.allowed),
        }
        total += len(orjson.dumps(document))
        if total > MAX_PROBLEM_BYTES:
            break
        documents.append(document)
    return documents


def _without_words(found: Problem) -> Problem:
    return Problem(found.pointer, "", "", found.allowed)


def _shortened(text: str) -> str:
    return text if len(text) <= MAX_PROBLEM_TEXT else text[: MAX_PROBLEM_TEXT - 1] + "…"
