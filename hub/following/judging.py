"""The followed log judged entry by entry: the verdict that its hub gave is given again, at the same index.

What the hub says itself (exclusions, forks, that it obeyed) is judged as well, and takes effect as in its own tables.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from hub.body_tags import tag_of
from hub.decide import Outcome
from hub.entries import Confirmed, Entry, Erasure, Named, Read
from hub.following.choice import Choice
from hub.following.exclusions import EXCLUDED, Exclusions
from hub.following.refusal import LogRefused
from hub.following.source import Shown
from hub.log_state import LogState
from hub.orders import Orders
from schemas.problems import Problem
from schemas.release import FOR_NAMED
from schemas.statement import CONTROL
from wire.action_fold import begins_next_log, chain_end, is_again
from wire.actions import BadAction
from wire.audit.forks import FOUND, fork_fault
from wire.audit.registry import RegistryFold, Step
from wire.erasure import ORDERED, read_action
from wire.examine import Examined, Exclusion, Message, Refusal, Said
from wire.log_source import PartMissing
from wire.reasons import Reason
from wire.registry import HUB, REGISTRY, Revocation
from wire.rotation import apply_rotation
from wire.verdict import Accepted, Chain, Refused, judge, may_name_former

Again = Callable[[Message], Read]
NamesTree = Callable[[str], bool]
_AGAIN = "the registry's own statements, from the first to the last, before anybody else's"


@dataclass
class Taken(Outcome):
    """What some entries change: `awaited` are those whose body is wanted and was not there.

    `disputed` are revocations of the organizations with these numbers.
    """

    awaited: list[int] = field(default_factory=list)
    disputed: list[tuple[int, Revocation]] = field(default_factory=list)


class Judge:
    """Judges entries in order and advances the state; LogRefused for what may not stand where it stands.

    After an error the state is good for nothing any more.
    """

    def __init__(
        self, state: LogState, registry: RegistryFold, choice: Choice, orders: Orders, exclusions: Exclusions,
        again: Again, names_tree: NamesTree, taken: Taken,
    ) -> None:  # fmt: skip
        """`orders` reads the log in the caller's transaction, with the entries of `taken`, which this fills.

        `names_tree` tells of what a statement has seen whether it is a tree of the log so far.
        """
        self._state = state
        self._registry = registry
        self._choice = choice
        self._orders = orders
        self._exclusions = exclusions
        self._again = again
        self._names_tree = names_tree
        self.taken = taken

    def take(self, shown: Shown) -> None:
        """Judge the next entry."""
        message, read = shown.message, shown.read
        event = read.examined
        if event.refusal is not None or event.said is None:
            raise self._refused(message, event.refusal)
        if event.said.organization == REGISTRY:
            self._action(message, event.said, event)
            return
        if self._state.registry.held is not None:
            raise self._foreign("registry-refused", message, f"a statement of {event.said.organization}", _AGAIN)
        if event.signature is None and event.kid in self._state.registry.keys:
            read = self._again(message)
            event = read.examined
        said = shown.read.examined.said
        assert said is not None  # noqa: S101 - seen above
        speaker = self._state.speakers.get(said.organization)
        chain = None if speaker is None else speaker.chain
        registry, elsewhere = self._state.registry, self._elsewhere(said, chain)
        verdict = judge(event, chain, registry, self._state.size, None, elsewhere=elsewhere)
        if not isinstance(verdict, Accepted):
            raise self._refused(message, verdict.refusal if isinstance(verdict, Refused) else None)
        self._accept(said, event.hash, replace(shown, read=read), verdict)

    def _accept(self, said: Said, digest: bytes, shown: Shown, verdict: Accepted) -> None:
        message, index = shown.message, self._state.size
        own, effect = verdict.exclusion, None
        if own is None and said.kind == CONTROL:
            number = self._state.speakers[said.organization].number
            judged = self._orders.judge(said, digest, message.body, index, number, former=self._of_former(said))
            if isinstance(judged, Problem):
                own = Exclusion(Reason.SCHEMA_INVALID, (judged,))
            else:
                effect = judged
        unread = message.body is None and said.kind != CONTROL
        exclusion = self._exclusions.of(index, None if unread else own, has_body=message.body is not None)
        entry = self._log(said, digest, shown, exclusion)
        if verdict.rotation is not None:
            apply_rotation(verdict.rotation, self._state.registry, index=index)
            self._state.speakers[said.organization].forked = False
        if exclusion is not None:
            return
        if isinstance(effect, Erasure):
            self._erase(effect)
        elif isinstance(effect, Confirmed):
            self.taken.confirmations.append(effect)
        elif said.organization == HUB and said.type == EXCLUDED:
            self.taken.exclusions.append(self._exclusions.stated(index, message.body, self.taken.entries))
        elif said.organization == HUB and said.type == FOUND:
            self._freeze(entry)

    def _log(self, said: Said, digest: bytes, shown: Shown, exclusion: Exclusion | None) -> Entry:
        state, read, message = self._state, shown.read, shown.message
        speaker = state.speakers[said.organization]
        subject = (speaker.number, said.kind, said.marking)
        body = message.body
        if said.kind != CONTROL and (
            exclusion is not None or not self._choice.holds(said.kind, said.organization, read.facets)
        ):
            body = None
        kept = body is not None
        held = kept or said.kind == CONTROL or said.marking in FOR_NAMED
        entry = Entry(
            state.size, speaker.number, said.organization, said.kind, said.record_id, said.action, said.marking,
            said.time, said.sequence, state.last_on_subject.get(subject, -1), digest, message.token, body, exclusion,
            read.facets if kept else None, read.coverage if kept else [], read.review_due if kept else None,
            tag=tag_of(said.datahash), held=held,
        )  # fmt: skip
        if self._orders.is_erased(digest):
            self.taken.kept_erased.append(Named(entry.index, digest, entry.subject))
            entry.erase()
        elif shown.wanted and message.body is None and exclusion is None:
            self.taken.awaited.append(entry.index)
        state.last_on_subject[subject] = entry.index
        state.size += 1
        state.tree.append(message.token)
        chain = speaker.chain
        speaker.sequence, speaker.head, speaker.last_index = said.sequence, digest, entry.index
        if said.seen and not self._of_former(said) and not self._elsewhere(said, chain):
            speaker.seen = said.seen_size
            self.taken.seen.setdefault(said.seen, entry.index)
        self.taken.entries.append(entry)
        self.taken.heard.add(said.organization)
        return entry

    def _of_former(self, said: Said) -> bool:
        return self._state.registry.is_former(said.organization, said.sequence)

    def _elsewhere(self, said: Said, chain: Chain | None) -> bool:
        """Whether what a statement has seen is no tree of this log, and may be one of a log before it."""
        if self._of_former(said) or not may_name_former(said, chain, self._state.registry):
            return False
        return not self._names_tree(said.seen)

    def _erase(self, erasure: Erasure) -> None:
        named = {each.index for each in erasure.statements}
        for entry in self.taken.entries:
            if entry.index in named:
                entry.erase()
        self.taken.awaited[:] = [index for index in self.taken.awaited if index not in named]
        self.taken.erasures.append(erasure)

    def _freeze(self, entry: Entry) -> None:
        chains = {name: speaker.chain for name, speaker in self._state.speakers.items()}
        fault, organization = fork_fault(entry.body, chains, self._state.registry, self._state.network)
        if fault is not None or organization is None:
            raise LogRefused(
                "false-fork", str(fault), "two signed statements that cannot both stand in one chain",
                index=entry.index, token=entry.token,
            )  # fmt: skip
        self._state.speakers[organization].forked = True
        self.taken.forked.add(organization)

    def _action(self, message: Message, said: Said, event: Examined) -> None:
        """A decision of the roots; the hub, which signed its statement, adds no authority."""
        state, index = self._state, self._state.size
        if REGISTRY not in state.speakers:
            state.begin_chain(REGISTRY, self._registry.trust.digest)
        place, chain = state.next_place(REGISTRY), state.speakers[REGISTRY]
        before, first = (chain.sequence, chain.head), begins_next_log(index, said.type)
        if not first and (said.sequence, said.previous) != (place.sequence, place.previous):
            found = f"sequence {said.sequence} of the registry"
            raise LogRefused("forked", found, f"sequence {place.sequence}", index=index, token=message.token)
        if message.body is None:
            raise PartMissing(f"the body of entry {index}, a decision of the roots, is not there")
        try:
            self._registry.act(Step(index, message.token, message.body), said, event.hash)
        except BadAction as error:
            raise self._foreign("registry-refused", message, str(error)) from None
        if event.signature is None:
            event = self._again(message).examined
        # Entry 0 of a next log was signed with a key that the statements behind it name: they verify it.
        signed = event.signature is True and self._registry.signed_by_hub(event.kid, said, index)
        if not first and not signed:
            raise self._foreign("bad-signature", message, f"a statement signed with {event.kid}, not by the hub")
        entry = self._log(said, event.hash, Shown(message, Read(event, None, [], None), wanted=False), None)
        self._follow(said, entry)
        chain.sequence, chain.head = end = chain_end(state.registry, index, before, (entry.sequence, entry.hash))
        if end == state.registry.newest:
            chain.last_index = 0
            self._go_on()

    def _go_on(self) -> None:
        """The hub's own statements in the log before this one are lost with it; its chain goes on behind them."""
        end = self._state.registry.ends.get(HUB)
        if end is not None:
            self._state.speakers[HUB].sequence, self._state.speakers[HUB].head = end
            self.taken.forked.add(HUB)  # not forked: its chain is to be written, as it stands

    def _follow(self, said: Said, entry: Entry) -> None:
        """What a decision changes beside the registry."""
        state = self._state
        for member in state.registry.members.values():
            if member.organization not in state.speakers:
                state.begin_chain(member.organization, member.admitted_by)
                self.taken.forked.add(member.organization)  # not forked: its chain is to be written, as it stands
        about = said.record_id  # the organization, where the decision is about one
        if said.type == "liaison.key.replaced":
            state.speakers[about].forked = False
            self.taken.forked.add(about)
        elif said.type == "liaison.key.revoked":
            self.taken.disputed.append((state.speakers[about].number, state.registry.members[about].revoked[-1]))
        elif said.type == ORDERED and entry.body is not None and not is_again(state.registry, said.sequence):
            order = read_action(entry.body)
            assert order is not None  # noqa: S101 - the action and its statement's type were compared
            number = state.speakers[order.organization].number if order.organization in state.speakers else -1
            judged = self._orders.order(order, entry.hash, entry.index, number)
            if isinstance(judged, Problem):
                raise LogRefused(
                    "registry-refused", f"{judged.pointer}: {judged.message}", "an order that can have effect",
                    index=entry.index, token=entry.token, body=entry.body,
                )  # fmt: skip
            self._erase(judged)

    def _refused(self, message: Message, refusal: Refusal | None) -> LogRefused:
        """It would not have been accepted; without a refusal it came before the one that it follows."""
        if refusal is None:
            return self._foreign("gap", message, f"a later statement of {message.organization} than its next")
        return self._foreign(str(refusal.reason), message, refusal.found, refusal.expected)

    def _foreign(self, name: str, message: Message, found: str, expected: str = "what may stand there") -> LogRefused:
        index = self._state.size
        return LogRefused(name, f"as entry {index}: {found}", expected, index=index, token=message.token)
